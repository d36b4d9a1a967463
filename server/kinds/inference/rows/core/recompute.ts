/** Rows that the coordinator computes: for coins, differences and samples, where volunteers fail, and what an account cannot carry. */
import type { RowToRecompute, TrustedWord } from "../../../../checks/checked-rows-words.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { failJob } from "../../../../coordinator/jobs.ts";
import { persistOwn } from "../../../../coordinator/persistence.ts";
import { recordChecks } from "../../../../coordinator/reputation.ts";
import { isQuarantined } from "../../../../coordinator/reputation-bounds.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { emitNumerics } from "../../../../coordinator/step-context.ts";
import { groupOfMixture, indexOfMixture, isMixture } from "../../../../rows/words.ts";
import { contributionOf } from "../../core/contributions.ts";
import { enterRows, isMeasured } from "../../core/model-classes.ts";
import { addNotComputed } from "../../core/not-computed.ts";
import type { RecomputeRow, RowsOutcome, RowsPurpose, RowsWork, RowWord } from "../work.ts";
import { deviceOf, wordOf } from "./devices.ts";
import { blocksOpened } from "./job-blocks.ts";
import { rowsJobRecord } from "./job-record.ts";
import { rowsMaxLeft, rowsMaxOf } from "./price-cap.ts";
import type { RowsJob } from "./rows-job.ts";

type Recomputed = Extract<RowsOutcome, { type: "recomputed" }>;

/** [AS11] Rows that nobody answered, or that the code did: the coordinator's own answers stand for them. */
export function askToRecompute(
  step: Step,
  job: RowsJob,
  places: readonly number[],
  why: Extract<RecomputeRow["why"], "failed" | "own" | "estimate">,
): void {
  const { ledger } = job;
  if (ledger === null) return;
  // A mixture is asked for again, or not needed.
  const rows = places
    .filter((place) => !isMixture(place))
    .map((place) => ({ place, attempt: ledger.attemptOf(place), why, words: [] }));
  ask(step, job, rows);
}

/** [AS11] Rows that failed which the coordinator tries, of a job whose cap is spent: else one of them would keep the job from its end. */
const TRIED_PAST_CAP_MAX = 64;

/** [VF10] May it try so many more? Keys cost nothing, and each could say that its rows failed. */
function mayTry({ settings }: CoordinatorState, job: RowsJob, rows: number): boolean {
  const { submission, queryCount } = job.stored;
  const left = rowsMaxLeft(rowsMaxOf(submission, queryCount, settings), blocksOpened(job));
  return left === null || job.triedRows + rows <= left + TRIED_PAST_CAP_MAX;
}

/** [AS11] One claim's rows at a time: whoever says that they failed gets no more of the coordinator than that. */
export function tryFailedNext(step: Step, job: RowsJob): void {
  const { ledger, toTry, failing, recomputing } = job;
  if (ledger === null || job.checked === null || failing.isPaused || job.stored.suspended !== null) return;
  for (const rows of recomputing.values()) if (rows.some(({ why }) => why === "failed")) return;
  for (let places = toTry.shift(); places !== undefined; places = toTry.shift()) {
    // Others have answered meanwhile. A mixture is asked for again, or not needed.
    const left = places.filter((place) => !isMixture(place) && ["waiting", "out"].includes(ledger.stateOf(place)));
    // What is not tried volunteers are asked for again.
    if (left.length === 0 || !mayTry(step.state, job, left.length)) continue;
    job.triedRows += left.length;
    return askToRecompute(step, job, left, "failed");
  }
}

/** With so many rows waiting a further call of the model is worth a further process; */
const ROWS_WORTH_A_CALL = 32;
/** fewer, where the model takes longer for them: nobody waits long for the sake of company. */
const CALL_MS_MAX = 250;

/**
 * A few rows alone cost a model up to twice as much each as more of them do, and each call costs the coordinator as much whatever it holds: rows that are
 * asked for while others are computed go together in the next call. Where nothing is computed they go at once.
 * @param rows as the block asks for them
 */
export function emitRecompute(step: Step, job: RowsJob, rows: readonly RowToRecompute[]): void {
  job.toRecompute.push(...rows);
  recomputeNext(step, job);
}

/** Rows wait only while others are computed: whoever asks whether the coordinator is at work need not look at them. */
function recomputeNext(step: Step, job: RowsJob): void {
  const { toRecompute, recomputing, rowMs } = job;
  const rowsWorthACall = Math.min(ROWS_WORTH_A_CALL, rowMs === null ? ROWS_WORTH_A_CALL : CALL_MS_MAX / rowMs);
  if (toRecompute.length === 0 || (recomputing.size > 0 && toRecompute.length < rowsWorthACall)) return;
  ask(
    step,
    job,
    toRecompute.splice(0).map((row) => ({
      ...row,
      words: [...wordsAbout(job, row)].map((volunteerId) => wordOf(step.state, job, volunteerId)),
      ...mixtureOf(job, row.place),
    })),
  );
}

/** Whose answer stands, and who said something of the row beside it. */
function wordsAbout({ ledger, saidBy }: RowsJob, { place }: RowToRecompute): Set<string> {
  const author = isMixture(place) ? null : (ledger?.authorOf(place) ?? null);
  return new Set([...(author === null ? [] : [author]), ...(saidBy.get(place) ?? [])]);
}

/** Of which group it is a mixture; empty: it is a row. */
export function mixtureOf({ ledger }: RowsJob, place: number): Pick<RecomputeRow, "of"> {
  if (!isMixture(place) || ledger === null) return {};
  const group = groupOfMixture(place);
  return { of: { group, index: indexOfMixture(place), places: ledger.placesOf(group) } };
}

/** Which model computes it, and what that costs. */
export function modelOfRow(
  { stored: { modelSha256, macsPerQuery, parity } }: Pick<RowsJob, "stored">,
  { place }: { readonly place: number },
): { readonly modelSha256: string; readonly macsPerQuery: number } {
  return parity !== null && isMixture(place) ? parity : { modelSha256, macsPerQuery };
}

function ask(step: Step, job: RowsJob, rows: readonly RecomputeRow[]): void {
  if (rows.length === 0) return;
  const effectId = emitNumerics<RowsWork>(step, job, { type: "recompute", rows });
  job.recomputing.set(effectId, rows);
}

/** The coordinator's rows are there, with what everybody had said of them. */
export function recomputed(step: Step, job: RowsJob, effectId: number, { rows }: Recomputed): void {
  const asked = job.recomputing.get(effectId);
  if (asked === undefined) return;
  job.recomputing.delete(effectId);
  for (const row of rows) {
    const { place, attempt, words, notComputed } = row;
    const why = asked.find((one) => one.place === place && one.attempt === attempt)?.why ?? "own";
    if (notComputed !== undefined) noteNotComputed(job, place, notComputed);
    if (job.checked === null) continue;
    // [PC5] No device does that by itself.
    for (const { volunteerId, isAnothers } of words) if (isAnothers === true) job.saidAnothers.add(volunteerId);
    countWords(step, job, words, why !== "difference");
    job.said.push(...job.checked.recomputed(place, attempt, words.map(trusted), step.nowMs));
  }
  noteMeasured(step, job, rows);
  if (asked.some(({ why }) => why === "failed")) tryFailedNext(step, job);
  recomputeNext(step, job);
}

/** [SC3] What estimates of the job are worth is known by these. */
function noteMeasured(step: Step, job: RowsJob, rows: Recomputed["rows"]): void {
  const measured = rows.flatMap(({ estimateAgreed }) => estimateAgreed ?? []);
  if (measured.length === 0) return;
  job.stored.heldOutTotal += measured.length;
  job.stored.heldOutAgreed += measured.filter((agreed) => agreed).length;
  persistOwn<RowsPurpose>(step, job, { type: "estimatesMeasured" }, [rowsJobRecord(job)]);
}

/** [AS11] The coordinator has no numbers for it either. */
export function noteNotComputed(job: RowsJob, place: number, reason: string): void {
  addNotComputed(job.stored, [{ query: place, reason }]);
  job.nonFinite.add(place);
}

function trusted({ volunteerId, attempt, isRight, isCoarse }: RowWord): TrustedWord {
  return { volunteerId, attempt, isRight, isBeyondDoubt: !isRight && isCoarse !== true };
}

/** Rows that are right count for a record and tell a device's class; those that are not are looked into first. */
function countWords(step: Step, job: RowsJob, words: readonly RowWord[], isDrawn: boolean): void {
  const { state } = step;
  if (words.length > 0) job.stored.auditedRows++;
  for (const { volunteerId, isRight, isCoarse } of words) {
    const contribution = contributionOf(job, volunteerId);
    contribution.auditedRows++;
    if (!isRight) {
      contribution.failedRows++;
      job.stored.failedAudits++;
      continue;
    }
    if (isQuarantined(state, volunteerId)) continue;
    const { measured, isFine } = deviceOf(job, volunteerId);
    if (job.devices.has(volunteerId) && !isMeasured(state, measured)) {
      enterRows(step, measured, { fine: isCoarse ? 0 : 1, coarse: isCoarse ? 1 : 0, wrong: 0 }, isFine);
    }
    const found = { jobId: job.stored.jobId, roundIndex: -1 };
    recordChecks(step, volunteerId, found, { checked: 1, randomlyChecked: isDrawn ? 1 : 0, failed: 0 });
  }
}

/** [JB7] What was asked had failed alone, in a fresh process, before it was told. */
export function recomputeFailed(
  step: Step,
  job: RowsJob,
  effectId: number,
  { message, isOver }: Extract<RowsOutcome, { type: "recomputeFailed" }>,
): void {
  const asked = job.recomputing.get(effectId);
  if (asked === undefined) return;
  job.recomputing.delete(effectId);
  if (isOver === true) return;
  // [AS11] It cannot compute them either: volunteers are asked again.
  if (asked.every(({ why }) => why === "failed")) {
    tryFailedNext(step, job);
    return recomputeNext(step, job);
  }
  failJob(step, job, `the coordinator could not recompute rows of this model: ${message}`);
}
