import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { Problem } from "../ui/problem.tsx";
import { signInTexts } from "../ui/sign-in-texts.ts";
import { dashboard as texts } from "../ui/texts.ts";
import { DashboardPage } from "./dashboard-page.tsx";
import { createDashboardStore } from "./dashboard-store.ts";
import { pageTexts } from "./dashboard-texts.ts";
import { BeforeDashboard, FirstDashboard } from "./first-dashboard.tsx";
import { routeOf } from "./route.ts";
import type { SignIn } from "./sign-in.ts";
import { SignedIn, SignInCard } from "./sign-in-card.tsx";

/** The dashboard, or the question for a token where the coordinator wants one. */
export function GuardedPage({ signIn, saveProblem }: { signIn: SignIn; saveProblem: string | null }) {
  const access = signIn.access.value;
  if (access.kind === "open") return <Dashboard key="open" signIn={signIn} />;
  if (access.kind === "signed-in") {
    const { submitter, jobId } = access;
    return (
      <Dashboard key={`${submitter} ${jobId}`} signIn={signIn} mayChange={jobId === null}>
        {jobId === null ? (
          <SignedIn signIn={signIn} submitter={submitter} />
        ) : (
          <p class="hint">{pageTexts.share.looking(submitter)}</p>
        )}
        <Problem message={saveProblem} say={signInTexts.notSaved} />
      </Dashboard>
    );
  }
  if (access.kind === "unknown" && access.problem === null) {
    return <FirstDashboard page={routeOf(location.hash)?.page ?? "jobs"} />;
  }
  return (
    <BeforeDashboard page="jobs" hasParts={access.kind === "unknown"}>
      {access.kind === "token-wanted" ? (
        <SignInCard signIn={signIn} problem={access.problem} />
      ) : (
        <Problem message={access.problem} say={texts.unreachable} />
      )}
    </BeforeDashboard>
  );
}

interface DashboardProps {
  readonly signIn: SignIn;
  /** false: whoever looks came by a link to one job. */
  readonly mayChange?: boolean;
  readonly children?: ComponentChildren;
}

function Dashboard({ signIn, mayChange = true, children }: DashboardProps) {
  const store = useMemo(() => createDashboardStore(signIn.client, mayChange), [signIn, mayChange]);
  useEffect(() => () => store.close(), [store]);
  return <DashboardPage store={store}>{children}</DashboardPage>;
}
