/** What is asked of one open round, and of all open rounds of a job (kept-rounds.ts). Pure. SPEC.md DP3, DP4 and DP12. */
import { paceMsOf } from "../../../coordinator/response-times.ts";
import type { Assignment, CoordinatorState } from "../../../coordinator/state.ts";
import { waitsForVerdict } from "./confirmations.ts";
import { codeWorkerOf, isRawWorker, rawQueryOf } from "./inference-plan.ts";
import { type InferenceJob, type Round, type Slot, slotRows } from "./job.ts";
import type { KeptFacts, KeptRounds } from "./kept-rounds.ts";
import { roundSizeOf } from "./round-schedule.ts";

/** Attempts at one worker index that may be out in time at once: the first, and one backup. */
export const ATTEMPTS_IN_TIME_MAX = 2;

/** The open rounds of a job, with all that is kept of them as it is now. */
export function openRoundsOf(state: CoordinatorState, job: InferenceJob): KeptRounds<Round> {
  job.openRounds.lookAgain((round) => lookAt(state, job, round));
  return job.openRounds;
}

function lookAt(state: CoordinatorState, job: InferenceJob, round: Round): KeptFacts {
  const { slots, phase } = round;
  const holders: { assignmentId: number; paceMs: number }[] = [];
  // One literal: several that are spread into one are slow, and this is done several times an event.
  const facts = {
    size: roundSizeOf(job, round.roundIndex),
    bytes: round.bytes,
    unbegunRows: 0,
    isUntouched: true,
    isEncoding: phase === "encoding",
    isUnsent: false,
    isAtWork: false,
    wasTried: false,
    wantsOpinion: round.opinionsWanted.size > 0,
    isToSend: false,
    isToBackUp: false,
    isToBackUpLast: false,
    holders,
  };
  for (const slot of slots) {
    const { accepted, attempts } = slot;
    const at = attemptsAt(state, job, slot);
    for (const attempt of at.inTime) noteHolder(state, attempt, holders);
    if (accepted !== null || attempts.size > 0) facts.isUntouched = false;
    if (attempts.size > 0) facts.isAtWork = true;
    if (slot.tried.size > 0) facts.wasTried = true;
    if (isUnbegun(round, slot)) facts.unbegunRows += slotRows(round, slot);
    if (isUnsent(round, slot)) facts.isUnsent = true;
    if (phase !== "gathering") continue;
    if (attempts.size === 0) facts.isToSend ||= needs(round, slot, at, false);
    else {
      facts.isToBackUp ||= needs(round, slot, at, false);
      facts.isToBackUpLast ||= needs(round, slot, at, true);
    }
  }
  return facts;
}

/** Who is at a slot. */
interface AttemptsAt {
  readonly inTime: readonly Assignment[];
  /** A result is being checked, and waits for no verdict. */
  readonly isHeldUp: boolean;
}

function attemptsAt({ assignments }: CoordinatorState, job: InferenceJob, { attempts }: Slot): AttemptsAt {
  if (attempts.size === 0) return NOBODY;
  const inTime: Assignment[] = [];
  let isHeldUp = false;
  for (const assignmentId of attempts) {
    const attempt = assignments.get(assignmentId);
    if (attempt?.state === "checking" && !waitsForVerdict(job, assignmentId)) isHeldUp = true;
    if (attempt?.state === "outstanding") inTime.push(attempt);
  }
  return { inTime, isHeldUp };
}

const NOBODY: AttemptsAt = { inTime: [], isHeldUp: false };

function noteHolder(
  { sessions }: CoordinatorState,
  { assignmentId, sessionId }: Assignment,
  holders: { assignmentId: number; paceMs: number }[],
): void {
  const holder = sessions.get(sessionId);
  if (holder !== undefined) holders.push({ assignmentId, paceMs: paceMsOf(holder) });
}

/** Rows of it answer queries, and nobody is at them. */
function isUnbegun({ plan }: Round, { accepted, attempts, workerIndex, isTriedHere }: Slot): boolean {
  return accepted === null && attempts.size === 0 && !isTriedHere && isRawWorker(plan, workerIndex);
}

function isUnsent(round: Round, slot: Slot): boolean {
  return slot.accepted === null && slot.attempts.size === 0 && !slot.isTriedHere && !isSpare(round, slot);
}

/** [AS11] Nobody could compute it. [ES4] In a round without parities their worker indices stay empty: who would have held them backs up who is lost. */
function isSpare(round: Round, slot: Slot): boolean {
  return slot.isGivenUp || (!round.hasParities && !isRawWorker(round.plan, slot.workerIndex));
}

/**
 * [DP4] Before the first answers: whatever nobody has in time. After them, in an exact job: each query that was only
 * estimated goes out again at once, though the first tab may still answer; the first verified answer wins.
 * @param isNothingLeft [DP12] what one session has in time may then be sent to another too
 */
export function needsSending(
  state: CoordinatorState,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  isNothingLeft: boolean,
): boolean {
  return needs(round, slot, attemptsAt(state, job, slot), isNothingLeft);
}

function needs(round: Round, slot: Slot, { inTime, isHeldUp }: AttemptsAt, isNothingLeft: boolean): boolean {
  if (
    slot.accepted !== null ||
    slot.isTriedHere ||
    isSpare(round, slot) ||
    isHeldUp ||
    round.decode.state === "running"
  )
    return false;
  const { size } = slot.attempts;
  if (round.decode.state === "none") return inTime.length === 0 || (inTime.length === 1 && size === 1 && isNothingLeft);
  return isWanted(round, slot) && inTime.length < ATTEMPTS_IN_TIME_MAX && size < ATTEMPTS_IN_TIME_MAX + 1;
}

/** After the first answers: is a result of this worker index still of use? */
export function isWanted(round: Round, slot: Slot): boolean {
  const query = rawQueryOf(round.plan, slot.workerIndex);
  return slot.accepted === null && round.wanted.has(query) && !hasAnswerTo(round, query);
}

export function hasAnswerTo(round: Round, query: number): boolean {
  return round.slots.some((slot) => rawQueryOf(round.plan, slot.workerIndex) === query && isWorkerWhole(round, slot));
}

/** Have all slots of its worker index such a result? */
export function isWorkerWhole({ slots, plan }: Round, slot: Slot, has: (slot: Slot) => boolean = isAccepted): boolean {
  if (!has(slot)) return false;
  if (plan.splits.length === 0) return true;
  const worker = codeWorkerOf(plan, slot.workerIndex);
  return slots.every((other) => has(other) || codeWorkerOf(plan, other.workerIndex) !== worker);
}

export function isAccepted({ accepted }: Slot): boolean {
  return accepted !== null;
}
