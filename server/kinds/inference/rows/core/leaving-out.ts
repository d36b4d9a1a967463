/** [PR113] What of a claim its tab need not compute: others have answered it, or it is late, and what it has not begun waits for somebody else. */
import { giveUp, voidAssignment } from "../../../../coordinator/assignments.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { emitWork } from "../../../../coordinator/step-context.ts";
import type { RowsWork } from "../work.ts";
import { type ClaimOut, type RowsJob, rowsJobs, takeOff } from "./rows-job.ts";

/** @returns the claim, of which its tab is to hear once all that was said with it is carried out; null: it is not out any more */
export function mayLeaveOut(
  job: RowsJob,
  { claimId, items }: { readonly claimId: number; readonly items: readonly number[] },
): ClaimOut | null {
  const claim = job.claims.get(job.assignmentOf.get(claimId) ?? -1) ?? null;
  for (const place of items) claim?.notNeeded.add(place);
  return claim;
}

/** A claim of which nothing is needed is called off; of any other the tab leaves out what stands behind the last row that is. */
export function shorten(step: Step, job: RowsJob, claim: ClaimOut): void {
  const { assignmentId, claimId, sessionId, rowsOwed } = claim;
  if (!job.claims.has(assignmentId)) return;
  const rowsNeeded = rowsNeededOf(claim);
  // A late tab may still be first with what it is at: it ends with that.
  const isAwaited = job.ledger?.claimOf(claimId)?.isLate === true || claim.held.size > 0;
  if (rowsNeeded === 0 && !isAwaited) return callOff(step, job, claim);
  if (rowsNeeded >= rowsOwed) return;
  claim.rowsOwed = rowsNeeded;
  emitWork<RowsWork>(step, job, { type: "leaveOut", assignmentId, sessionId, rowsNeeded });
}

/**
 * Every row has an answer: nobody waits for a late tab, nor for any tab once all of them are final or the last block is over. What it had answered while its
 * device was not measured stands nowhere: others have answered these rows.
 */
export function callOffLate(step: Step, job: RowsJob): void {
  const { ledger } = job;
  if (ledger === null || !ledger.isDone) return;
  const isOver = job.isThrough || ledger.counts.final === ledger.counts.rows;
  for (const claim of [...job.claims.values()]) {
    const isOfNoUse = ledger.claimOf(claim.claimId)?.isLate === true || isOver;
    // [AS8] What was sent ahead is taken back with the one before it.
    if (claim.unanswered.size === 0 || !isOfNoUse || !job.claims.has(claim.assignmentId)) continue;
    if (claim.held.size === 0) callOff(step, job, claim);
    else takeBack(step, claim);
  }
}

function rowsNeededOf({ unanswered, notNeeded, indexOf }: ClaimOut): number {
  let needed = 0;
  for (const place of unanswered) if (!notNeeded.has(place)) needed = Math.max(needed, (indexOf.get(place) ?? 0) + 1);
  return needed;
}

function takeBack(step: Step, { assignmentId }: ClaimOut): void {
  const assignment = step.state.assignments.get(assignmentId);
  if (assignment !== undefined) giveUp(step, assignment, { why: "taken back" }, true);
}

function callOff(step: Step, job: RowsJob, claim: ClaimOut): void {
  leftOut(step, job, claim);
  takeOff(job, claim);
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
