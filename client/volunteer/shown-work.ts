/**
 * Which batch the card shows. Small batches take milliseconds and those of several jobs alternate; a card that followed each would
 * take its button away from under a finger. So it stays with a job while batches of it come, and for some seconds after.
 */
import type { AssignmentView } from "../session/assignment-view.ts";

export const CARD_KEPT_MS = 6_000;

export interface ShownWork {
  readonly assignment: AssignmentView;
  /** When a batch of this job was last under way. */
  readonly seenMs: number;
  /** false: its latest batch was a while ago, and nothing has come since. */
  readonly isOn: boolean;
}

/**
 * @param before what the card shows; null: nothing yet
 * @param current what is under way; undefined: nothing
 * @param refusedJobs ids of jobs that the volunteer has said no to: the card lets go of them at once
 */
export function shownWork(
  before: ShownWork | null,
  current: AssignmentView | undefined,
  refusedJobs: readonly string[],
  nowMs: number,
): ShownWork | null {
  const isKept =
    before !== null && nowMs - before.seenMs < CARD_KEPT_MS && !refusedJobs.includes(before.assignment.jobId);
  if (current === undefined) return before !== null && before.isOn !== isKept ? { ...before, isOn: isKept } : before;
  const isAnother = before?.assignment.jobId !== current.jobId;
  if (isKept && isAnother && before.assignment.kind !== "probe") return before;
  return { assignment: current, seenMs: nowMs, isOn: !refusedJobs.includes(current.jobId) };
}
