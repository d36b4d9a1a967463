/** What a result is checked by, in a job that is cross-checked. SPEC.md CC3 to CC5. */
import { AUDIT_ROW_SHARE } from "../../../../../shared/protocol/limits.ts";
import { addressGroupsNeeded } from "../../../../../shared/verify/cross-checks/partners.ts";
import { isFineClass } from "../../../../../shared/verify/model-class.ts";
import { isMostlyImpartial } from "../../../../coordinator/choice-rules.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import type { Coins } from "../batch-source.ts";
import { codeWorkerOf, isRawWorker, rawQueryOf } from "../inference-plan.ts";
import { type Batch, type BatchAssignment, type InferenceJob, type Round, type Slot, slotRows } from "../job.ts";
import { classOf } from "../model-classes.ts";
import type { BatchRow, DuplicateOf } from "../work.ts";
import {
  assignmentAt,
  checkedJob,
  hiddenWith,
  isHiddenAmong,
  placeOf,
  rowPlacesOf,
  standingAt,
} from "./checked-job.ts";
import { attemptOf } from "./coins.ts";
import type { PooledRow } from "./job-checks.ts";
import { isOutWith, stillStands } from "./row-pool.ts";
import { anchorShareNow, isLedgerAudited } from "./stream-ledgers.ts";

export interface BatchChecks {
  readonly coins: Coins;
  /** Rows that the coordinator computes unasked. */
  readonly anchors: readonly number[];
  /** Rows of it are recomputed at random too, as where nothing is cross-checked. */
  readonly isAuditedToo: boolean;
  /** [CC14] Where they are not: so many. */
  readonly drawnRows: number;
}

/**
 * @returns null: its rows have no coins, and are audited: mixtures, a crowd of too few addresses, a volunteer whose address is not
 *   known, a second result for the same rows
 */
export function batchChecksOf(
  state: CoordinatorState,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  { addressGroup, workerIndex, payload }: BatchAssignment,
): BatchChecks | null {
  const checked = checkedJob(job);
  if (checked === null || slot.accepted !== null || addressGroup === null) return null;
  if (!isRawWorker(round.plan, workerIndex) || !hasStrangers(state, job)) return null;
  if (isLedgerAudited(job) || isAnsweredElsewhere(round, slot)) return null;
  const { checks, terms } = checked;
  const { roundIndex } = round;
  const batchRows = slotRows(round, slot);
  const { run = 0 } = job.stored.crossChecks ?? {};
  const attempt = attemptOf({ run, generation: round.generation, before: slot.takenBefore });
  const isFirst = isAmongFirst(job, checks.rowsTaken, state.settings.firstAuditedRows);
  const isAuditedToo = isFirst && checks.stream === null;
  const anchorShare = anchorShareNow(job, terms);
  const anchors: number[] = [];
  const { first, stride } = rowPlacesOf(job, { roundIndex, workerIndex });
  for (let row = 0; row < batchRows && !isAuditedToo; row++) {
    if (checks.draws.anchor({ place: first + row * stride, attempt }) < anchorShare) anchors.push(row);
  }
  // [CC14] Of a stream's batch, which may have one row, a twentieth on average: whether one more is drawn is as secret as its coins.
  const draw = checks.draws.anchor({ place: first, attempt });
  const drawnRows = isFirst && !isAuditedToo ? Math.floor(AUDIT_ROW_SHARE * batchRows + draw) : 0;
  return { coins: { attempt, ...sentAlong(job, roundIndex, payload) }, anchors, isAuditedToo, drawnRows };
}

/** [CC4] What its volunteer could not tell from fresh rows checks it too. [SL5] Not where it could choose what of it goes along. */
function sentAlong(
  job: InferenceJob,
  roundIndex: number,
  { duplicates, isTakenBack }: Batch,
): Omit<Coins, "attempt" | "window"> {
  // [CC5] Of rows that were held those who had a record first may be the authors, and the partners.
  const wasHeld = (row: BatchRow) => job.checks?.pool.get(placeOf(job, row))?.wasHeld === true;
  const isHidden = (row: BatchRow) => isHiddenAmong(job, roundIndex, row) && !wasHeld(row);
  const hidden = isTakenBack ? 0 : duplicates.filter(isHidden).length;
  const isAsAssumed = hidden === hiddenWith(job, { duplicates: duplicates.length });
  return { duplicates: duplicates.length, ...(isAsAssumed ? {} : { hidden }) };
}

/** Of a group of one query several workers may have it as it is: of them one result has coins. */
export function isAnsweredElsewhere({ slots, plan }: Round, slot: Slot): boolean {
  const [query, worker] = [rawQueryOf(plan, slot.workerIndex), codeWorkerOf(plan, slot.workerIndex)];
  // [SL6] Other slots of its own worker index have other rows.
  return slots.some(
    ({ workerIndex, accepted }) =>
      accepted !== null && rawQueryOf(plan, workerIndex) === query && codeWorkerOf(plan, workerIndex) !== worker,
  );
}

/** Are results of a stream that come now audited, whatever its terms are? */
export function isAuditedNow(state: CoordinatorState, job: InferenceJob): boolean {
  return checkedJob(job) === null || isLedgerAudited(job) || !hasStrangers(state, job);
}

/** [CC3] With those that are being audited now: when a job begins, results of a whole crowd come before the first of them is judged. */
function isAmongFirst({ auditsPending }: InferenceJob, rowsTaken: number, firstRows: number): boolean {
  let rows = rowsTaken;
  if (rows >= firstRows) return false;
  for (const { crossChecked } of auditsPending.values()) rows += crossChecked?.rowsAudited ?? 0;
  return rows < firstRows;
}

/** [CC3] Are there volunteers of so many addresses, who did not choose the job, that not all who are drawn are one party? */
function hasStrangers(state: CoordinatorState, { stored }: InferenceJob): boolean {
  const needed = addressGroupsNeeded(stored.submission.answerBound);
  return state.crowd.impartial.addressGroups >= needed && isMostlyImpartial(state, stored);
}

/** The duplicates that came with a result, each with the row that it is one of; null: that row stands no more, or is not out with it. */
export function duplicatesWith(
  state: CoordinatorState,
  job: InferenceJob,
  { assignmentId, payload }: BatchAssignment,
): (PooledRow | null)[] {
  const checked = checkedJob(job);
  return payload.duplicates.map((sent) => {
    const row = checked?.checks.pool.get(placeOf(job, sent));
    return row !== undefined && isOutWith(row, assignmentId) && stillStands(state, job, row) ? row : null;
  });
}

/** What a duplicate is compared with: the answer that stands. */
export function duplicateOf(state: CoordinatorState, job: InferenceJob, row: PooledRow): DuplicateOf | null {
  if (standingAt(job, row) === null) return null;
  const { roundIndex, workerIndex, author: volunteerId, precision, measured } = row;
  const isFine = isFineClass(measured === null ? precision : classOf(state, measured));
  const assignmentId = assignmentAt(job, row);
  return { roundIndex, workerIndex, row: row.row, volunteerId, assignmentId, precision, isFine };
}
