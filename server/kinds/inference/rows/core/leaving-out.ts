/** [PR113] What of a claim its tab need not compute: others have answered it, or it is late, and what it has not begun waits for somebody else. */
import { giveUp, voidAssignment } from "../../../../coordinator/assignments.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { emitWork } from "../../../../coordinator/step-context.ts";
import type { RowsWork } from "../work.ts";
import { type ClaimOut, type RowsJob, rowsJobs } from "./rows-job.ts";

/** A claim of which nothing is needed is called off; of any other the tab leaves out what stands behind the last row that is. */
export function mayLeaveOut(
  step: Step,
  job: RowsJob,
  { claimId, items }: { readonly claimId: number; readonly items: readonly number[] },
): void {
  const claim = job.claims.get(job.assignmentOf.get(claimId) ?? -1);
  if (claim === undefined) return;
  for (const place of items) claim.notNeeded.add(place);
  const { assignmentId, sessionId } = claim;
  const rowsNeeded = rowsNeededOf(claim);
  // A late tab may still be first with what it is at: it ends with that.
  const isAwaited = job.ledger?.claimOf(claimId)?.isLate === true || claim.held.size > 0;
  if (rowsNeeded > 0 || isAwaited)
    emitWork<RowsWork>(step, job, { type: "leaveOut", assignmentId, sessionId, rowsNeeded });
  else callOff(step, job, claim);
}

function rowsNeededOf({ unanswered, notNeeded, indexOf }: ClaimOut): number {
  let needed = 0;
  for (const place of unanswered) if (!notNeeded.has(place)) needed = Math.max(needed, (indexOf.get(place) ?? 0) + 1);
  return needed;
}

function callOff(step: Step, job: RowsJob, claim: ClaimOut): void {
  leftOut(step, job, claim);
  job.claims.delete(claim.assignmentId);
  job.assignmentOf.delete(claim.claimId);
  const assignment = step.state.assignments.get(claim.assignmentId);
  if (assignment !== undefined) voidAssignment(step, assignment, true);
}

/** Its tab has answered the rest: what is left of it nobody waits for. */
export function leftOut(step: Step, job: RowsJob, { claimId, unanswered }: ClaimOut): void {
  if (unanswered.size === 0) return;
  const places = [...unanswered];
  unanswered.clear();
  if (job.checked !== null) job.said.push(...job.checked.leftOut(claimId, places, step.nowMs));
}

/** The coordinator could not send it: its rows are for others at once, and its tab, which knows nothing of it, is free. */
export function claimNotSent(step: Step, assignmentId: number): void {
  const assignment = step.state.assignments.get(assignmentId);
  if (assignment !== undefined && rowsJobs(step.state).some(({ claims }) => claims.has(assignmentId)))
    giveUp(step, assignment, { why: "taken back" }, false);
}
