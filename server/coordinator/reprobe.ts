/** A tab is measured again, at random and after its answers: what it computes on may have changed. SPEC.md SE5. */
import { PROBE_MS_MAX } from "../../shared/protocol/limits.ts";
import type { Step } from "./core-kind.ts";
import { refreshCrowd } from "./crowd/keep-crowd.ts";
import type { Session } from "./state.ts";
import { emit, setTimer } from "./step-context.ts";

/** @param draw uniform in [0, 1): the upper end of it asks, the lower end asks others for opinions */
export function drawReprobe(step: Step, session: Session, draw: number): void {
  const { settings } = step.state;
  if (draw < 1 - settings.reprobeShare || session.state !== "ready" || session.reprobeTimerId !== null) return;
  const { sessionId } = session;
  session.reprobeTimerId = setTimer(step, step.nowMs + PROBE_MS_MAX, { kind: "probe", sessionId });
  refreshCrowd(step.state, session);
  emit(step, { type: "sendProbe", sessionId });
}
