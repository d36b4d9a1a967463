/**
 * Rows of a long batch that its tab has handed over before its answer. Where the batch is taken back they are a result of fewer rows, and the
 * others go out again: as a round of their own, where the batch was one, or in a slot of their own. SPEC.md SL rules.
 */
import type { Step } from "../../../coordinator/core-kind.ts";
import { isQuarantined } from "../../../coordinator/reputation-bounds.ts";
import type { CoordinatorState } from "../../../coordinator/state.ts";
import { emitWork } from "../../../coordinator/step-context.ts";
import { placeOf } from "./cross-checks/checked-job.ts";
import { isOutWith } from "./cross-checks/row-pool.ts";
import {
  batchWork,
  codeWorkerOf,
  type InferencePlan,
  isRawWorker,
  roundBytes,
  slotCountOf,
  splitAt,
} from "./inference-plan.ts";
import {
  type BatchAssignment,
  type HeldSlices,
  type InferenceJob,
  newSlot,
  type Round,
  type Slot,
  slotRows,
} from "./job.ts";
import { isWanted } from "./round-facts.ts";
import { FixedSchedule } from "./round-schedule.ts";
import { openRound } from "./rounds.ts";
import type { InferenceWork } from "./work.ts";

/** [SL2] At least one row of each result is recomputed: of fewer rows it would be too large a share. */
export const SLICED_ROWS_MIN = 5;
/** Each is written with the job, whenever that is written. */
export const CUTS_MAX = 1_000;
/** [SL6] Each event of a round looks at all of them. */
export const SLOTS_MAX = 96;

/** [SL1] So much of it is held. */
export function slicesArrived(assignment: BatchAssignment, slices: HeldSlices, draw: number): void {
  assignment.payload.slices = { ...slices, draw };
}

/**
 * [SL2] [SL3] What its tab has handed over of a batch that is taken back, as an answered assignment of so many rows: it stands beside that of the
 * batch, which may wait until its tab has let go of it.
 * @returns null: nothing of it counts
 */
export function takeSlices(
  step: Step,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  assignment: BatchAssignment,
): BatchAssignment | null {
  const { slices, ...payload } = assignment.payload;
  if (slices === undefined || !mayTake(step.state, job, round, slot, assignment, slices)) return null;
  const { state } = step;
  const { roundIndex, generation } = round;
  const { workerIndex, volunteerId } = assignment;
  const duplicates = slices.duplicates.flatMap((place) => payload.duplicates[place] ?? []);
  const golden = slices.rows - slices.ownRows - duplicates.length;
  const sentRows = slotRows(round, slot) + payload.duplicates.length + payload.goldenRows;
  const isCut = isOneBatch(round.plan);
  const rest = isCut ? cutRound(job, round, slices.ownRows) : null;
  const splitOff = isCut ? null : splitSlot(job, round, slot, slices.ownRows);
  const assignmentId = state.nextAssignmentId++;
  const taken: BatchAssignment = {
    ...assignment,
    ...{ assignmentId, payload: { ...payload, goldenRows: golden, duplicates, isTakenBack: true }, draw: slices.draw },
    work: batchWork(job.stored, slices.rows),
    ...{ state: "checking", timerId: null },
  };
  state.assignments.set(assignmentId, taken);
  slot.attempts.delete(assignment.assignmentId);
  slot.attempts.add(assignmentId);
  job.openRounds.changed(round);
  for (const sent of duplicates) {
    const row = job.checks?.pool.get(placeOf(job, sent));
    if (row !== undefined && isOutWith(row, assignment.assignmentId)) row.at = { assignmentId };
  }
  // How long its tab takes to let go of it is measured by what it did.
  assignment.payload.slices = undefined;
  assignment.work *= Math.min(1, slices.rows / sentRows);
  emitWork<InferenceWork>(step, job, {
    ...{ type: "takeSlices", roundIndex, generation, workerIndex, volunteerId },
    ...{ from: assignment.assignmentId, assignmentId, rows: slices.rows, splitOff },
  });
  if (rest !== null) openRound(step, job, rest);
  return taken;
}

/** Nobody else is at its rows, and none of them was ever answered. */
function mayTake(
  state: CoordinatorState,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  { assignmentId, volunteerId, startedMs }: BatchAssignment,
  { ownRows }: HeldSlices,
): boolean {
  const { stored } = job;
  // What was sent ahead its tab cannot be at.
  if (!areSlicesWanted(job, round, slot) || stored.suspended !== null || startedMs === null) return false;
  if (round.phase !== "gathering") return false;
  if (round.decode.state === "published" && !isWanted(round, slot)) return false;
  // [CC2] Rows that are done again have another coin, by the round that they were in.
  if (round.generation > 0 || slot.takenBefore > 0 || slot.accepted !== null) return false;
  if ([...slot.attempts].some((attempt) => attempt !== assignmentId)) return false;
  if (ownRows < SLICED_ROWS_MIN || isQuarantined(state, volunteerId)) return false;
  if (ownRows === slotRows(round, slot)) return true;
  return isOneBatch(round.plan) ? (stored.cuts ?? []).length < CUTS_MAX : round.slots.length < SLOTS_MAX;
}

/** [SL1] [SL6] Are rows of the batch of that slot taken in before all of them are there? */
export function areSlicesWanted({ schedule }: InferenceJob, round: Round, slot: Slot): boolean {
  const { plan } = round;
  if (!(schedule instanceof FixedSchedule) || slotRows(round, slot) <= SLICED_ROWS_MIN) return false;
  return isOneBatch(plan) || (isSplittable(plan) && isRawWorker(plan, slot.workerIndex));
}

/** [SL3] Its rows are nobody else's, and it can be cut. */
function isOneBatch({ isPlain, scheme }: InferencePlan): boolean {
  return isPlain && scheme.workerCount === 1;
}

/** [SL6] Its groups have several queries, so that each is one worker index's alone. */
function isSplittable({ hasSpares, scheme }: InferencePlan): boolean {
  return hasSpares && scheme.queryCount > 1;
}

/** [SL3] @returns the round that has the other rows; null: there are none */
function cutRound(job: InferenceJob, round: Round, rows: number): number | null {
  const { schedule, stored } = job;
  if (rows === round.groupCount || !(schedule instanceof FixedSchedule)) return null;
  const cut = { roundIndex: round.roundIndex, rows };
  // It becomes durable with the next round: before that neither of both is.
  stored.cuts = [...(stored.cuts ?? []), cut];
  const rest = schedule.cut(cut);
  round.plan = schedule.planOf(round.roundIndex);
  round.groupCount = rows;
  round.bytes = roundBytes(round.plan, stored, rows);
  return rest;
}

/** [SL6] @returns the slot that has the other rows; null: there are none */
function splitSlot({ schedule }: InferenceJob, round: Round, slot: Slot, rows: number): number | null {
  const { plan, roundIndex, slots } = round;
  const all = slotRows(round, slot);
  if (rows === all || !(schedule instanceof FixedSchedule)) return null;
  const { workerIndex } = slot;
  const [of, first] = [codeWorkerOf(plan, workerIndex), splitAt(plan, workerIndex)?.first ?? 0];
  const splitOff = slotCountOf(plan);
  schedule.split(roundIndex, [
    ...plan.splits.filter((other) => other.workerIndex !== workerIndex),
    { workerIndex, of, first, rows },
    { workerIndex: splitOff, of, first: first + rows, rows: all - rows },
  ]);
  round.plan = schedule.planOf(roundIndex);
  slots.push(newSlot(splitOff, slot.tried));
  return splitOff;
}
