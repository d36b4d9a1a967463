/** What must be durable: asked for here, and asked for again until the store accepts it. SPEC.md PS rules. */

import type { StoredVolunteer } from "../store/store.ts";
import type { CoreRecord } from "./effects.ts";
import type { PersistPurpose, Volunteer } from "./state.ts";
import { emit, type Step, setTimer } from "./step-context.ts";

const RETRY_MS = 1_000;

export function persist(step: Step, purpose: PersistPurpose, records: readonly CoreRecord[]): void {
  const effectId = emit(step, { type: "persist", records });
  step.state.persistsPending.set(effectId, { purpose, records });
}

/** @returns what the durable records were for, or null where the effect is unknown (stale) */
export function takePersisted(step: Step, effectId: number): PersistPurpose | null {
  const pending = step.state.persistsPending.get(effectId);
  if (pending === undefined) return null;
  step.state.persistsPending.delete(effectId);
  step.state.storeProblem = null;
  return pending.purpose;
}

/** [PS3] A submission is refused at once; everything else that was done is kept and written later. */
export function persistFailed(step: Step, effectId: number, message: string): PersistPurpose | null {
  const pending = step.state.persistsPending.get(effectId);
  if (pending === undefined) return null;
  step.state.persistsPending.delete(effectId);
  step.state.storeProblem = message;
  if (pending.purpose.kind === "submission") return pending.purpose;
  setTimer(step, step.nowMs + RETRY_MS, { kind: "retryPersist", ...pending });
  return null;
}

export function storedVolunteer(volunteer: Volunteer): StoredVolunteer {
  const { sessionIds: _sessions, unansweredInRow: _unanswered, restsUntilMs: _rests, ...stored } = volunteer;
  return { ...stored };
}
