/**
 * A finding is looked into before anybody is named for it: the row is computed again as honest machines differ from each other. What comes of that is a
 * naming, an excuse, a device that computes differently, or a job that nobody can check. SPEC.md VF15, VF14, PC5.
 */

import { shareInWords } from "../../../../../shared/verify/sensitivity.ts";
import type { RowFinding } from "../../../../checks/checked-rows-words.ts";
import { giveUp, takeBackAhead } from "../../../../coordinator/assignments.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { failJob, mayEnd } from "../../../../coordinator/jobs.ts";
import { ownRecord, persistOwn } from "../../../../coordinator/persistence.ts";
import { takeBackNamings } from "../../../../coordinator/release.ts";
import { recordChecks } from "../../../../coordinator/reputation.ts";
import { isQuarantined } from "../../../../coordinator/reputation-bounds.ts";
import { sessionsOf } from "../../../../coordinator/sessions-of.ts";
import { emitNumerics, emitWork } from "../../../../coordinator/step-context.ts";
import { isMixture } from "../../../../rows/words.ts";
import { movedRow, tellAllCards, tellExcused } from "../../core/cards.ts";
import { countWithdrawn } from "../../core/contributions.ts";
import { type NamedBy, wasNamed } from "../../core/crowd-lately.ts";
import { noteExcused } from "../../core/excused.ts";
import { COORDINATOR } from "../../core/job.ts";
import { enterRows, forgetWrongRows, isFixedBackend, tellUnfit } from "../../core/model-classes.ts";
import { type Judged, NO_ROUND } from "../../core/work.ts";
import type { RowClaim, RowEntry, RowsOutcome, RowsPurpose, RowsRecord, RowsWork } from "../work.ts";
import { accountRecords, chargeReserve, leavePlaces } from "./accounts.ts";
import { goOnWithoutChecks, waitsNoMore } from "./blocks.ts";
import { letGoWhereDone, voidClaims } from "./claims.ts";
import { deviceOf, mayBeOnCard } from "./devices.ts";
import { rowsJobRecord } from "./job-record.ts";
import { noteAuthors, type RowsJob } from "./rows-job.ts";
import { isBeingJudged } from "./takers.ts";

/** The charge of a block is durable: what was found is looked into. */
export function charged(step: Step, job: RowsJob, blockId: number): void {
  if (job.block?.blockId !== blockId) return;
  job.isCharging = false;
  lookIntoRows(step, job);
}

/** [VF15] Asks for it, of whoever is not named, nor looked at already. Findings of one that is looked at wait for that verdict. */
export function lookIntoRows(step: Step, job: RowsJob): void {
  if (job.findingsWaiting.length === 0) return;
  const { stored } = job;
  const isUncheckable = stored.suspended !== null || stored.unchecked !== null;
  const findings = job.findingsWaiting.splice(0).filter(({ volunteerId }) => {
    return !isUncheckable && !isQuarantined(step.state, volunteerId);
  });
  const asked = findings.filter(({ volunteerId }) => !isBeingJudged(job, volunteerId));
  job.findingsWaiting.push(...findings.filter((finding) => !asked.includes(finding)));
  if (asked.length === 0) return;
  const volunteerIds = [...new Set(asked.map(({ volunteerId }) => volunteerId))];
  const effectId = emitNumerics<RowsWork>(step, job, {
    type: "confirmRows",
    volunteerIds,
    onCards: volunteerIds.filter((volunteerId) => mayBeOnCard(step.state, job, volunteerId)),
    rows: asked.map(({ place, attempt }) => ({ place, attempt })),
  });
  job.confirmations.set(effectId, { findings: asked });
}

/** [VF15] [VF14] What was found is judged: whoever differs is named, or the job cannot be checked and nobody is. */
export function rowsConfirmed(
  step: Step,
  job: RowsJob,
  effectId: number,
  { judged }: Extract<RowsOutcome, { type: "rowsConfirmed" }>,
): void {
  const confirmation = job.confirmations.get(effectId);
  if (confirmation === undefined) return;
  job.confirmations.delete(effectId);
  step.state.isCrowdChanged = true;
  for (const { verdict, spread } of judged) {
    if (verdict === "unstable") suspendRows(step, job, unstableRow(spread));
    if (verdict === "unstable in half precision") job.refusesHalf = true;
  }
  for (const one of judged) {
    const found = confirmation.findings.filter(({ volunteerId }) => volunteerId === one.volunteerId);
    if (job.stored.suspended === null && job.stored.unchecked === null) judge(step, job, one, found);
  }
  lookIntoRows(step, job);
}

function judge(
  step: Step,
  job: RowsJob,
  { volunteerId, verdict, spread }: Judged,
  findings: readonly RowFinding[],
): void {
  // [PC11] Trusted runs in other orders of sums differ by as much: its rows are for others, and it computes them elsewhere from now on.
  if (verdict === "excused") {
    noteExcused(step.state, volunteerId, job.stored.jobId);
    leaveCardsOut(step, job, movedRow(spread));
    withdrawRowsOf(step, job, volunteerId);
    return tellExcused(step, volunteerId);
  }
  if (verdict !== "differs") return;
  const { measured, isFine } = deviceOf(job, volunteerId);
  const wrong = findings.filter(({ isBeyondDoubt }) => isBeyondDoubt).length;
  if (wrong === 0) return hasChanged(step, job, volunteerId, findings.length);
  const found = enterRows(step, measured, { fine: 0, coarse: 0, wrong }, isFine);
  const isLie = found === "lied" || job.saidAnothers.has(volunteerId);
  if (isLie || !job.devices.has(volunteerId)) return name(step, job, volunteerId, findings);
  if (found !== "unfit") return;
  // [PC5] Nothing of it stays in the job, and it gets no more.
  tellUnfit(step, job, measured);
  withdrawRowsOf(step, job, volunteerId);
  for (const session of sessionsOf(step.state, volunteerId)) takeBackAhead(step, session);
}

/** [PC4] Its rows are as far off as half precision is, though it was measured finer: it counts as that from now on, and nobody is named. */
function hasChanged(step: Step, job: RowsJob, volunteerId: string, coarse: number): void {
  const known = job.devices.get(volunteerId);
  if (known === undefined) return;
  enterRows(step, known.measured, { fine: 0, coarse, wrong: 0 }, false);
  job.devices.set(volunteerId, { ...known, isFine: false });
  for (const sessionId of job.joined.get(volunteerId) ?? []) job.checked?.measured(sessionId, true);
}

/**
 * [PC11] From now on no card computes it, and what cards have answered that is not final is asked again.
 * @param reason a sentence without its end
 */
function leaveCardsOut(step: Step, job: RowsJob, reason: string): void {
  const { stored, ledger } = job;
  if (stored.fixedOnly !== undefined || !mayEnd(job) || ledger === null) return;
  stored.fixedOnly = reason;
  for (const { assignmentId } of [...job.claims.values()]) {
    const assignment = step.state.assignments.get(assignmentId);
    // [AS8] What was sent ahead is taken back with the one before it.
    if (assignment === undefined || !job.claims.has(assignmentId)) continue;
    if (isFixedBackend((assignment.payload as RowClaim).backend)) continue;
    giveUp(step, assignment, { why: "taken back" }, true);
  }
  const authors = new Set<string>();
  for (let place = 0; place < ledger.counts.rows; place++) {
    const author = ledger.authorOf(place);
    if (author !== null) authors.add(author);
  }
  for (const author of authors) if (mayBeOnCard(step.state, job, author)) withdrawRowsOf(step, job, author);
  tellAllCards(step, job);
  persistOwn<RowsPurpose>(step, job, { type: "cardsLeftOut" }, [rowsJobRecord(job)]);
}

/** [VF3] It gets no further work, and what stands of it is asked again in all jobs (purge). */
function name(step: Step, job: RowsJob, volunteerId: string, findings: readonly RowFinding[]): void {
  const volunteer = step.state.volunteers.get(volunteerId);
  if (volunteer === undefined || volunteer.quarantine !== null) return;
  const by: NamedBy = findings.some(({ partner }) => partner !== null) ? "partner" : "coordinator";
  wasNamed(step, volunteer, by);
  job.namings++;
  const failed = findings.length;
  const found = { jobId: job.stored.jobId, roundIndex: NO_ROUND };
  recordChecks(step, volunteerId, found, { checked: failed, randomlyChecked: 0, failed });
  tellCorrected(step, job, findings);
}

/** [TB1] Rows that it had wrong and the coordinator has right: whoever was given its answers as final hears of them too. */
function tellCorrected(step: Step, job: RowsJob, findings: readonly RowFinding[]): void {
  const { ledger } = job;
  if (ledger === null) return;
  const places = [...new Set(findings.map(({ place }) => place))].filter(
    (place) => !isMixture(place) && ledger.stateOf(place) === "final" && ledger.authorOf(place) === null,
  );
  if (places.length === 0) return;
  emitWork<RowsWork>(step, job, { type: "takeOut", rows: [] });
  const rows = places.map(
    (place): RowEntry => ({ place, attempt: ledger.attemptOf(place), author: COORDINATOR, mark: "exact" }),
  );
  const record: RowsRecord = { type: "rows", rows };
  persistOwn<RowsPurpose>(step, job, { type: "rowsTaken", credited: [] }, [ownRecord(job, record)]);
}

/** Rows of it that nobody vouched for are taken out, and asked again. */
function withdrawRowsOf(step: Step, job: RowsJob, volunteerId: string): void {
  const { checked, ledger } = job;
  if (checked === null || ledger === null) return;
  const places = [...ledger.standingOf(volunteerId)].filter((place) => ledger.stateOf(place) !== "final");
  noteAuthors(job, places);
  if (places.length === 0) return;
  countWithdrawn(job, volunteerId, places.length);
  job.said.push(...checked.takeOut(places, step.nowMs));
}

/** [VF4] It is quarantined, for something in this job or elsewhere. */
export function purgeRows(step: Step, job: RowsJob, volunteerId: string): void {
  if (!mayEnd(job) || job.checked === null) return;
  job.joined.delete(volunteerId);
  noteAuthors(job, job.ledger?.standingOf(volunteerId) ?? []);
  job.said.push(...job.checked.name(volunteerId, step.nowMs));
  for (const claim of [...job.claims.values()]) {
    if (claim.volunteerId !== volunteerId) continue;
    claim.held.clear();
    // What it is still at is void when its session is closed.
    letGoWhereDone(step, job, claim);
  }
}

/** [JB7] What differs can neither be confirmed nor be forgotten. */
export function confirmRowsFailed(
  step: Step,
  job: RowsJob,
  effectId: number,
  { message, isOver }: Extract<RowsOutcome, { type: "confirmRowsFailed" }>,
): void {
  if (!job.confirmations.delete(effectId) || isOver === true) return;
  failJob(step, job, `the coordinator could not recompute rows of this model: ${message}`);
}

/**
 * [VF14] The job's answers cannot be checked: nothing is sent for it, whoever it named is believed again, and its submitter says what becomes of it.
 * @param reason a sentence without its end
 */
export function suspendRows(step: Step, job: RowsJob, reason: string): void {
  const { stored } = job;
  if (!mayEnd(job) || stored.suspended !== null || stored.unchecked !== null) return;
  stored.suspended = { atMs: Math.round(step.nowMs), reason };
  releaseAll(step, job);
  forgetWrongRows(step.state, job);
  takeBackNamings(step, stored.jobId, `the job cannot be checked: ${reason}`);
  persistOwn<RowsPurpose>(step, job, { type: "rowsSuspended" }, [rowsJobRecord(job)]);
  if (stored.submission.ifUnstable === "unchecked") goOnUncheckedRows(step, job);
}

function releaseAll(step: Step, job: RowsJob): void {
  const claimIds = [...job.claims.values()].map(({ claimId }) => claimId);
  voidClaims(step, job);
  for (const claimId of claimIds)
    if (job.checked !== null) job.said.push(...job.checked.release(claimId, step.nowMs, false));
}

/** Its submitter wants its answers as they come: none of them is checked, or was. The reserve of its block is charged: nobody will answer its coins. */
export function goOnUncheckedRows(step: Step, job: RowsJob): void {
  const { stored } = job;
  if (stored.suspended === null || !mayEnd(job)) return;
  stored.unchecked = stored.suspended.reason;
  stored.suspended = null;
  emitWork<RowsWork>(step, job, { type: "uncheck" });
  waitsNoMore(job);
  if (job.block !== null) chargeReserve(step, job);
  persistOwn<RowsPurpose>(step, job, { type: "rowsSuspended" }, [rowsJobRecord(job), ...accountRecords(step, job)]);
  // [CK6] Of an unchecked job what is not final does not count.
  const { ledger, block } = job;
  if (block?.block.state === "charged" && ledger !== null)
    leavePlaces(step, job, "placesLeft", ledger.counts.rows - ledger.counts.final);
  goOnWithoutChecks(step, job);
}

/** Why, in words. @param spread the largest share of a row's size by which trusted runs of it differ */
function unstableRow(spread: number): string {
  return (
    "float32 does not determine its answers: trusted runs of one row, in a fresh process, on a second implementation and on inputs one unit " +
    `in the last place apart, differ by ${shareInWords(spread)} of its size`
  );
}
