/** A tab is measured again, at random and after its answers: what it computes on may have changed. SPEC.md SE5. */
import { PROBE_MS_MAX } from "../../shared/protocol/limits.ts";
import { refreshIdle } from "./idle-sessions.ts";
import type { Session } from "./state.ts";
import { emit, type Step, setTimer } from "./step-context.ts";

/** @param draw uniform in [0, 1): the upper end of it asks, the lower end asks others for opinions */
export function drawReprobe(step: Step, session: Session, draw: number): void {
  const { settings, sessions } = step.state;
  if (draw < 1 - settings.reprobeShare || session.state !== "ready" || session.reprobeTimerId !== null) return;
  const { sessionId } = session;
  session.reprobeTimerId = setTimer(step, step.nowMs + PROBE_MS_MAX, { kind: "probe", sessionId });
  refreshIdle(step.state, sessions.get(sessionId)!);
  emit(step, { type: "sendProbe", sessionId });
}
