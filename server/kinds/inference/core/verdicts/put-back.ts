/** A result that is neither taken in nor held against anybody. */
import { voidAssignment } from "../../../../coordinator/assignments.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { touch } from "../../../../coordinator/step-context.ts";
import { type BatchAssignment, slotOf } from "../job.ts";

export function beingChecked({ state }: Step, assignmentId: number): BatchAssignment | null {
  const assignment = state.assignments.get(assignmentId);
  return assignment?.state === "checking" ? (assignment as BatchAssignment) : null;
}

/** The result is neither accepted nor held against anybody: its batch is somebody else's. */
export function discard(step: Step, assignmentId: number): void {
  const assignment = beingChecked(step, assignmentId);
  if (assignment === null) return;
  const place = slotOf(step.state, assignment);
  place?.slot.attempts.delete(assignmentId);
  place?.job.openRounds.changed(place.round);
  voidAssignment(step, assignment, false);
  if (place !== null) touch(step, place.job, place.round);
}
