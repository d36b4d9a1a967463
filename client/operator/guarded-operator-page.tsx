import { useEffect, useMemo } from "preact/hooks";
import type { SignIn } from "../dashboard/sign-in.ts";
import { SignedIn, SignInCard } from "../dashboard/sign-in-card.tsx";
import { operatorTexts as texts } from "../ui/operator-texts.ts";
import { Problem } from "../ui/problem.tsx";
import { FirstOperator, OperatorFrame } from "./first-operator.tsx";
import { OperatorPage } from "./operator-page.tsx";
import { createOperatorStore } from "./operator-store.ts";

/** The operator's page, or the question for a token where the coordinator wants one. */
export function GuardedOperatorPage({ signIn }: { signIn: SignIn }) {
  const access = signIn.access.value;
  if (access.kind === "unknown" && access.problem === null) return <FirstOperator />;
  const isIn = access.kind === "open" || access.kind === "signed-in";
  return (
    <OperatorFrame>
      {access.kind === "token-wanted" && <SignInCard signIn={signIn} problem={access.problem} />}
      {access.kind === "unknown" && <Problem message={access.problem} say={texts.outOfDate} />}
      {access.kind === "signed-in" && <SignedIn signIn={signIn} submitter={access.submitter} />}
      {isIn && <Desk key={access.kind === "open" ? "open" : access.submitter} signIn={signIn} />}
    </OperatorFrame>
  );
}

function Desk({ signIn }: { signIn: SignIn }) {
  const store = useMemo(() => createOperatorStore(signIn.client), [signIn]);
  useEffect(() => () => store.close(), [store]);
  return <OperatorPage store={store} />;
}
