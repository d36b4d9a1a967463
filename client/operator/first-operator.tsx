import type { ComponentChildren } from "preact";
import { operatorTexts as texts } from "../ui/operator-texts.ts";
import { PageFrame } from "../ui/page-frame.tsx";
import { signInTexts } from "../ui/sign-in-texts.ts";

export function OperatorFrame({ children }: { children: ComponentChildren }) {
  return (
    <PageFrame page="operator">
      <div class="intro">
        <h1>{texts.title}</h1>
        <p class="lead">{texts.lead}</p>
      </div>
      {children}
    </PageFrame>
  );
}

/** The operator's page until the coordinator has answered. */
export function FirstOperator() {
  return (
    <OperatorFrame>
      <p class="hint" role="status">
        {signInTexts.looking}
      </p>
    </OperatorFrame>
  );
}
