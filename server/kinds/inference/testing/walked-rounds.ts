/** What is kept of a job's open rounds, found again by a walk over all of them: tests and the simulator hold the one against the other. */
import { paceMsOf } from "../../../coordinator/response-times.ts";
import type { Assignment, CoordinatorState, Session } from "../../../coordinator/state.ts";
import { batchWork, isRawWorker } from "../core/inference-plan.ts";
import { type InferenceJob, type Round, type Slot, slotRows } from "../core/job.ts";
import { needsSending, openRoundsOf } from "../core/round-facts.ts";
import { roundSizeOf } from "../core/round-schedule.ts";
import { BATCH_MS_MAX } from "../core/round-size.ts";
import { freshRound, isNothingLeft, openRoundsMax, ownSize, sizesFor } from "../core/sized-rounds.ts";

/** @returns one sentence for each thing that is kept wrongly */
export function wronglyKeptRounds(state: CoordinatorState, job: InferenceJob): string[] {
  const { jobId } = job.stored;
  const kept = openRoundsOf(state, job);
  const rounds = [...job.openRounds.values()];
  const attempts = rounds.flatMap(({ slots }) => slots.flatMap((slot) => [...slot.attempts]));
  const walked: Record<string, readonly [walk: unknown, kept: unknown]> = {
    bytes: [sum(rounds.map(({ bytes }) => bytes)), kept.bytes],
    "rows that nobody has begun": [sum(rounds.map(unbegunRows)), kept.unbegunRows],
    "a stop": [attempts.length === 0 && rounds.some(wasTried), kept.haveComeToAStop],
    "the fastest": [Math.min(...attempts.map((assignmentId) => paceOfHolder(state, assignmentId))), kept.fastestMs],
    "a round being encoded": [rounds.some(isEncoding), kept.hasEncoding()],
    "a round that is not sent": [rounds.some(isUnsent), kept.hasUnsent()],
    "opinions wanted": [
      indices(rounds.filter(({ opinionsWanted }) => opinionsWanted.size > 0)),
      indices(kept.wantingOpinions()),
    ],
    "all rounds": [indices(largestFirst(job)), indices(kept.inOrder())],
    "rounds to send": [toSend(state, job, false), among(state, job, false, kept.toSend())],
    "rounds to back up": [
      toSend(state, job, true),
      among(state, job, true, job.confirmations.size > 0 ? kept.inOrder() : kept.toBackUp(isNothingLeft(job))),
    ],
  };
  for (const size of job.schedule.parts.keys()) {
    const ofSize = rounds.filter(({ roundIndex }) => roundSizeOf(job, roundIndex) === size);
    const some = (is: (round: Round) => boolean) => ofSize.some(is);
    const last = ofSize.length === 0 ? null : Math.max(...ofSize.map(({ roundIndex }) => roundIndex));
    Object.assign(walked, {
      [`the last of size ${size}`]: [last, kept.lastOf(size)],
      [`untouched ones of size ${size}`]: [some(isUntouched), kept.hasUntouched(size)],
      [`unbegun ones of size ${size}`]: [some((round) => unbegunRows(round) > 0), kept.hasUnbegun(size)],
      [`ones of size ${size} being encoded`]: [some(isEncoding), kept.hasEncoding(size)],
      [`ones of size ${size} that are not sent`]: [some(isUnsent), kept.hasUnsent(size)],
    });
  }
  for (const round of rounds) {
    const { roundIndex } = round;
    walked[`the size of ${roundIndex}`] = [roundSizeOf(job, roundIndex), kept.sizeOf(roundIndex)];
    walked[`whether ${roundIndex} is untouched`] = [isUntouched(round), kept.isUntouched(roundIndex)];
  }
  return Object.entries(walked).flatMap(([what, [walk, is]]) =>
    walk === is ? [] : [`[EV5] of job ${jobId} a walk over open rounds finds ${what}: ${walk}, ${is} is kept`],
  );
}

/** Open rounds, as they were opened; of several sizes the largest in front. */
function largestFirst(job: InferenceJob): Round[] {
  const sizeOf = ({ roundIndex }: Round) => roundSizeOf(job, roundIndex);
  return [...job.openRounds.values()].sort((a, b) => sizeOf(a) - sizeOf(b));
}

/** Slots that could be sent now, in order. @param isBackUp those that somebody is at, or the others */
function toSend(state: CoordinatorState, job: InferenceJob, isBackUp: boolean): string {
  return among(state, job, isBackUp, largestFirst(job));
}

function among(state: CoordinatorState, job: InferenceJob, isBackUp: boolean, rounds: Iterable<Round>): string {
  const isLast = isNothingLeft(job);
  const isMeant = (round: Round, slot: Slot) =>
    slot.attempts.size > 0 === isBackUp && needsSending(state, job, round, slot, isLast);
  return [...rounds]
    .filter(({ phase }) => phase === "gathering")
    .flatMap((round) =>
      round.slots.filter((slot) => isMeant(round, slot)).map((slot) => `${round.roundIndex}/${slot.workerIndex}`),
    )
    .join();
}

function paceOfHolder({ assignments, sessions }: CoordinatorState, assignmentId: number): number {
  const attempt = assignments.get(assignmentId);
  const holder = attempt?.state === "outstanding" ? sessions.get(attempt.sessionId) : undefined;
  return holder === undefined ? Number.POSITIVE_INFINITY : paceMsOf(holder);
}

function unbegunRows(round: Round): number {
  return sum(
    round.slots
      .filter((slot) => isFree(slot) && !slot.isTriedHere && isRawWorker(round.plan, slot.workerIndex))
      .map((slot) => slotRows(round, slot)),
  );
}

function isUnsent({ slots, hasParities, plan }: Round): boolean {
  const isSpare = (slot: Slot) => slot.isGivenUp || (!hasParities && !isRawWorker(plan, slot.workerIndex));
  return slots.some((slot) => isFree(slot) && !slot.isTriedHere && !isSpare(slot));
}

function isUntouched({ slots }: Round): boolean {
  return slots.every(isFree);
}

function isFree({ accepted, attempts }: Slot): boolean {
  return accepted === null && attempts.size === 0;
}

function isEncoding({ phase }: Round): boolean {
  return phase === "encoding";
}

function wasTried({ slots }: Round): boolean {
  return slots.some(({ tried }) => tried.size > 0);
}

function indices(rounds: Iterable<Round>): string {
  return [...rounds].map(({ roundIndex }) => roundIndex).join();
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** [DP12] May this session hold that slot, as far as its speed goes? All open rounds are looked at for it. */
export function suitsByWalk(
  state: CoordinatorState,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  session: Session,
): boolean {
  const paceMs = paceMsOf(session);
  const rounds = [...job.openRounds.values()];
  const attempts = rounds.flatMap(({ slots }) => slots.flatMap((other) => [...other.attempts]));
  if (job.schedule.parts.length === 1 || (attempts.length === 0 && rounds.some(wasTried))) return true;
  const work = batchWork(job.stored, slotRows(round, slot));
  if (slot.attempts.size > 0 && isNothingLeft(job)) {
    const isFaster = (attempt: Assignment) => {
      const holderMs = paceMsOf(state.sessions.get(attempt.sessionId)!) * work;
      return (attempt.startedMs ?? state.nowMs) + holderMs - state.nowMs >= 2 * (paceMs * work);
    };
    return [...slot.attempts]
      .flatMap((assignmentId) => state.assignments.get(assignmentId) ?? [])
      .filter((attempt) => attempt.state === "outstanding" && state.sessions.has(attempt.sessionId))
      .every(isFaster);
  }
  const isInTime =
    paceMs === Number.POSITIVE_INFINITY || paceMs * work <= Math.max(BATCH_MS_MAX, leftMsByWalk(state, job));
  if (!isInTime && attempts.some((assignmentId) => paceOfHolder(state, assignmentId) < paceMs / 2)) return false;
  const [size, own] = [roundSizeOf(job, round.roundIndex), ownSize(job, session)];
  if (own === size) return true;
  const ofSize = (one: number) => rounds.filter(({ roundIndex }) => roundSizeOf(job, roundIndex) === one);
  const isLeftOver =
    rounds.length >= openRoundsMax(state, job) ||
    freshRound(job, size) === null ||
    ofSize(size).some(({ roundIndex }) => roundIndex > round.roundIndex);
  if (own < size && (slot.tried.size > 0 || isLeftOver)) return true;
  const sizes = sizesFor(job, own);
  const isLeft = (one: number) => freshRound(job, one) !== null || ofSize(one).some((other) => unbegunRows(other) > 0);
  return !sizes.slice(0, sizes.indexOf(size)).some(isLeft);
}

function leftMsByWalk(state: CoordinatorState, { schedule, nextRounds, openRounds, pace, plan }: InferenceJob): number {
  if (pace === null || pace.rowsTaken === 0) return Number.POSITIVE_INFINITY;
  const unopened = schedule.parts.map(
    ({ endRound, groupsPerRound }, size) =>
      Math.max(0, endRound - (nextRounds[size] ?? 0)) * groupsPerRound * plan.scheme.queryCount,
  );
  const rows = sum(unopened) + sum([...openRounds.values()].map(unbegunRows));
  return ((state.nowMs - pace.sinceMs) * rows) / pace.rowsTaken;
}
