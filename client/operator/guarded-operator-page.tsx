import { useEffect, useMemo } from "preact/hooks";
import type { SignIn } from "../dashboard/sign-in.ts";
import { SignedIn, SignInCard } from "../dashboard/sign-in-card.tsx";
import { operatorTexts as texts } from "../ui/operator-texts.ts";
import { PageFrame } from "../ui/page-frame.tsx";
import { signInTexts } from "../ui/sign-in-texts.ts";
import { OperatorPage } from "./operator-page.tsx";
import { createOperatorStore } from "./operator-store.ts";

/** The operator's page, or the question for a token where the coordinator wants one. */
export function GuardedOperatorPage({ signIn }: { signIn: SignIn }) {
  const access = signIn.access.value;
  const isIn = access.kind === "open" || access.kind === "signed-in";
  return (
    <PageFrame page="operator">
      <div class="intro">
        <h1>{texts.title}</h1>
        <p class="lead">{texts.lead}</p>
      </div>
      {access.kind === "token-wanted" && <SignInCard signIn={signIn} problem={access.problem} />}
      {access.kind === "unknown" && (
        <p class="hint" role="status">
          {access.problem === null ? signInTexts.looking : texts.outOfDate(access.problem)}
        </p>
      )}
      {access.kind === "signed-in" && <SignedIn signIn={signIn} submitter={access.submitter} />}
      {isIn && <Desk key={access.kind === "open" ? "open" : access.submitter} signIn={signIn} />}
    </PageFrame>
  );
}

function Desk({ signIn }: { signIn: SignIn }) {
  const store = useMemo(() => createOperatorStore(signIn.client), [signIn]);
  useEffect(() => () => store.close(), [store]);
  return <OperatorPage store={store} />;
}
