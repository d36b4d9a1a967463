/** A session that is told to go. */
import type { Step } from "./core-kind.ts";
import { refreshCrowd } from "./crowd/keep-crowd.ts";
import type { Session } from "./state.ts";
import { emit } from "./step-context.ts";
import type { CloseCode } from "./words.ts";

/** Tells the tab why and closes it. Until it is gone it gets nothing more. */
export function closeSessionFor(step: Step, session: Session, code: CloseCode, message: string, cell?: string): void {
  session.available = false;
  step.state.isCrowdChanged = true;
  refreshCrowd(step.state, session);
  emit(step, {
    type: "closeSession",
    sessionId: session.sessionId,
    code,
    message,
    ...(cell === undefined ? {} : { cell }),
  });
}
