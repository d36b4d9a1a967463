/** Which round of an inference job is opened next, and which batch is sent. SPEC.md DP rules. */
import { workerCountOf } from "../../../../shared/coding/make-scheme.ts";
import type { CodingScheme } from "../../../../shared/coding/scheme.ts";
import { smallerCodeWords } from "../../../../shared/coding/smaller-code.ts";
import type { Waits } from "../../../../shared/protocol/job-api.ts";
import { REASON_NOT_COMPUTED_CHARACTERS_MAX } from "../../../../shared/protocol/limits.ts";
import { whyNoTab } from "../../../../shared/protocol/why-no-tab.ts";
import { isChosenBy, mayJudge, takesJob } from "../../../coordinator/choice-rules.ts";
import type { Crowd, Sending, Step, WorkQueue } from "../../../coordinator/core-kind.ts";
import { isReadyForWork } from "../../../coordinator/idle-sessions.ts";
import { crowdOf } from "../../../coordinator/ranking.ts";
import type { CoordinatorState, Session } from "../../../coordinator/state.ts";
import { presenceOf, restsBetweenBatches, seenTabs } from "../../../coordinator/tabs-seen.ts";
import { sendBatch } from "./batches.ts";
import { sendCheckBatch } from "./cross-checks/check-batches.ts";
import { isRedone } from "./cross-checks/redoers.ts";
import { isBeginning } from "./cross-checks/who-checks.ts";
import { isPausedFor } from "./has-turn.ts";
import { groupsInRound, isRawWorker, modelIndexOf, roundBytes } from "./inference-plan.ts";
import {
  type BatchAssignment,
  type InferenceJob,
  type ModelJob,
  type Round,
  type Slot,
  slotAt,
  slotOf,
  slotRows,
} from "./job.ts";
import { fitCrowd, isTooSmall, isUnfit } from "./model-classes.ts";
import { aheadSessionFor, bestOf, copierOf, sessionFor, takesHalfPrecision } from "./placement.ts";
import { reopenRound } from "./redo.ts";
import { needsSending, openRoundsOf } from "./round-facts.ts";
import { roundSizeOf } from "./round-schedule.ts";
import { openRound } from "./rounds.ts";
import { mayGiveOpinion } from "./second-opinions.ts";
import {
  freshRound,
  hasUntouchedRound,
  isAllOut,
  isLeftOver,
  isNothingLeft,
  openRoundsMax,
  opinionRule,
  ownSize,
  sizesFor,
} from "./sized-rounds.ts";
import { copiesForIdle } from "./spares.ts";
import { closeWindow } from "./streams.ts";

export const roundQueue: WorkQueue = { bytesInFlight, nextPart, sendOne, sendCopy };

export function bytesInFlight(job: InferenceJob): number {
  return job.openRounds.bytes;
}

/**
 * [DP3] A further round is opened when all batches of the open ones are out, or somebody idles who can take none of them,
 * within roundsInFlight.
 */
function nextPart(step: Step, job: InferenceJob, somebodyIdles: boolean): { bytes: number; open(): void } | null {
  if (job.stored.suspended !== null || job.openRounds.size >= openRoundsMax(step.state, job)) return null;
  const { parts } = job.schedule;
  if (parts.length === 1 && hasRoundToSend(step.state, job, somebodyIdles)) return null;
  if (tabsLacking(step.state, job) !== null) return null;
  const roundIndex = parts.length === 1 ? nextRound(step, job) : nextSizedRound(step, job, somebodyIdles);
  if (roundIndex === null) return null;
  const plan = job.schedule.planOf(roundIndex);
  const bytes = roundBytes(plan, job.stored, groupsInRound(plan, roundIndex));
  const open = job.toRedo.has(roundIndex) ? reopenRound : openRound;
  return { bytes, open: () => void open(step, job, roundIndex) };
}

/** What is to be done again, or was begun, comes before what was never done. After a restart some rounds are durable already. */
function nextRound(step: Step, job: InferenceJob): number | null {
  for (const roundIndex of job.toRedo) return roundIndex;
  for (const roundIndex of job.rests) return roundIndex;
  return freshRound(job, 0) ?? closeWindow(step, job);
}

/** So many of those who idle are asked which size would suit them: others are, when these are busy. */
const IDLE_ASKED_MAX = 16;

/** [DP12] Of each size one round has something to send; then one for whoever idles all the same, and could take nothing of these. */
function nextSizedRound({ state }: Step, job: InferenceJob, somebodyIdles: boolean): number | null {
  for (const roundIndex of job.rests) return roundIndex;
  const sizes = [...job.schedule.parts.keys()];
  const wanted = sizes.filter((size) => !hasRoundToSend(state, job, false, size));
  if (somebodyIdles)
    wanted.push(...[...sizesOfIdle(state, job)].filter((size) => !hasUntouchedRound(state, job, size)));
  for (const size of wanted) {
    const roundIndex = redoneRound(job, size) ?? freshRound(job, size);
    if (roundIndex !== null) return roundIndex;
  }
  return null;
}

function redoneRound(job: InferenceJob, size: number): number | null {
  for (const roundIndex of job.toRedo) if (roundSizeOf(job, roundIndex) === size) return roundIndex;
  return null;
}

function sizesOfIdle({ crowd, sessions }: CoordinatorState, job: InferenceJob): Set<number> {
  const sizes = new Set<number>();
  let asked = 0;
  for (const sessionId of crowd.turns.idle.keys()) {
    if (++asked > IDLE_ASKED_MAX) break;
    const session = sessions.get(sessionId);
    if (session === undefined) continue;
    const size = sizesFor(job, ownSize(job, session)).find((one) => freshRound(job, one) !== null);
    if (size !== undefined) sizes.add(size);
  }
  return sizes;
}

/**
 * Is an open round still to be encoded or sent? One whose rest nobody idle can take does not count for those who idle.
 * @param size of that size; absent: of any
 */
function hasRoundToSend(state: CoordinatorState, job: InferenceJob, somebodyIdles: boolean, size?: number): boolean {
  const rounds = openRoundsOf(state, job);
  return rounds.hasEncoding(size) || (!somebodyIdles && rounds.hasUnsent(size));
}

/**
 * [JB2] What keeps this job from beginning a round with the present crowd: for which tabs it waits, and why, in a sentence; without one where they
 * merely rest between two batches. null: nothing does.
 */
export function lackOfTabs(state: CoordinatorState, job: InferenceJob): Waits | null {
  return tabsLacking(state, job)?.() ?? null;
}

/** @returns says it in words, which may take a look at all sessions */
function tabsLacking(state: CoordinatorState, job: InferenceJob): (() => Waits) | null {
  const crowd = crowdOf(state);
  const { volunteersReady: ready, float32Ready } = fitCrowd(state, job, crowd);
  if (isPausedFor(state, job, ready)) return () => ({ waitingFor: pausedWords(job), lacksTabs: "more" });
  if (ready === 0) return () => (restingFor(state, job).size > 0 ? { waitingFor: null } : nobodyFor(state, job));
  const takesHalf = takesHalfPrecision(job);
  if (!takesHalf && float32Ready === 0)
    return () =>
      more("the model makes too much of half-precision rounding, and no tab that computes in float32 is ready");
  const { needsDistinctVolunteers, scheme } = job.plan;
  const takers = takesHalf ? ready : float32Ready;
  if (!needsDistinctVolunteers || takers >= scheme.workerCount) return null;
  return () => waitsForVolunteers(state, job, { ...scheme, needed: scheme.workerCount }, takers, takesHalf);
}

/** Each member of one of its groups is for another volunteer, and these are too few. @param needed of them */
export function waitsForVolunteers(
  state: CoordinatorState,
  job: ModelJob,
  { name, queryCount, needed }: Pick<CodingScheme, "name" | "queryCount"> & { readonly needed: number },
  takers: number,
  takesHalf: boolean,
): Waits {
  if (takers + restingFor(state, job).size >= needed) return { waitingFor: null };
  const whom = `different volunteers${takesHalf ? "" : " that compute in float32"}`;
  const smaller = smallerCodeWords("--queries-per-group", queryCount, takers, (rows) =>
    workerCountOf(job.stored.submission.scheme, { queryCount: rows, stragglerCount: 0, liarCount: 0 }),
  );
  return more(`${name} needs ${needed} ${whom}, ${takers} ${takers === 1 ? "is" : "are"} ready${smaller}`);
}

/** Nobody who is ready may have work of it. */
export function nobodyFor(state: CoordinatorState, job: ModelJob): Waits {
  const { volunteersReady } = crowdOf(state);
  if (job.failing.by.size > 0)
    return more(`those that are ready failed at this model, and are asked again later; ${lastWords(job)}`);
  const { volunteers: elsewhere } = state.crowd.choosers.without((choice) => isChosenBy(choice, job.stored));
  if (elsewhere > 0)
    return more(`${elsewhere} of the ${volunteersReady} ready volunteers work only for other projects or jobs`);
  if (volunteersReady > 0)
    return more(tooSmall(state, job) ?? "the ready tabs compute this model differently from the coordinator");
  const why = whyNoTab(seenTabs(state)) ?? "those that are connected work for other jobs";
  return { waitingFor: `waiting for tabs: ${why}`, lacksTabs: "any" };
}

/** Volunteers that take this job and rest between two batches: nobody waits for long for them. */
export function restingFor(state: CoordinatorState, job: ModelJob): ReadonlySet<string> {
  const resting = new Set<string>();
  for (const session of state.sessions.values()) {
    const { volunteerId } = session;
    if (!restsBetweenBatches(session) || state.crowd.ready.hasVolunteer(volunteerId)) continue;
    if (presenceOf(state, session) !== "here" || !takesJob(state, volunteerId, job)) continue;
    if (!isUnfit(state, job, session)) resting.add(volunteerId);
  }
  return resting;
}

/** [AS12] */
export function pausedWords(job: ModelJob): string {
  return (
    `paused: ${job.failing.by.size} volunteers failed at this model and none has answered; ${lastWords(job)}. What is answered is kept. It goes on when ` +
    "another kind of tab comes: another browser or device, or another back-end (?backend=wasm in the address)"
  );
}

/** A tab chooses these words: no control character passes, and few characters. */
function lastWords({ failing: { message } }: ModelJob): string {
  const said = message.replace(/[^\p{L}\p{N}\p{P}\p{Zs}\p{S}]/gu, " ").slice(0, REASON_NOT_COMPUTED_CHARACTERS_MAX);
  return `the last said "${said}"`;
}

const more = (why: string): Waits => ({ waitingFor: `waiting for tabs: ${why}`, lacksTabs: "more" });

/** [PC8] How many tabs there are, and how much each has. */
function tooSmall(state: CoordinatorState, job: ModelJob): string | null {
  const { tabBytes } = job.stored;
  if (tabBytes === undefined) return null;
  const ready = [...state.sessions.values()].filter((session) => isReadyForWork(state, session));
  if (ready.length === 0 || !ready.every((session) => isTooSmall(job, session))) return null;
  // The sessions of one volunteer are one tab.
  const most = new Map<string, number>();
  for (const { volunteerId, memoryBytes } of ready)
    most.set(volunteerId, Math.max(memoryBytes, most.get(volunteerId) ?? 0));
  const counts = new Map<number, number>();
  for (const bytes of most.values()) counts.set(bytes, (counts.get(bytes) ?? 0) + 1);
  const each = [...counts].sort(([a], [b]) => b - a).map(([bytes, count]) => `${count} with ${gib(bytes)} GiB`);
  return (
    `a batch of this model takes ${gib(tabBytes)} GiB of a tab, and no tab that is ready gives one model so much: ` +
    `${each.join(", ")}; any browser gives one 4 GiB with ?memory=4 in the address; Chrome and Edge on a computer with 8 GB of memory give 2.5 to 4 GiB without`
  );
}

/** Rounded up: what is told as needed is enough. */
const gib = (bytes: number): string => (Math.ceil((10 * bytes) / 2 ** 30) / 10).toFixed(1);

/** What nobody is at comes before what is sent to somebody else too: a late batch may be answered yet. */
function sendOne(step: Step, job: InferenceJob, sending: Sending): boolean {
  if (job.stored.suspended !== null) return false;
  return (
    sendOneOf(step, job, sending, toSend(step.state, job)) ||
    sendOneOf(step, job, sending, toBackUp(step.state, job)) ||
    sendForOpinion(step, job, sending) ||
    (!sending.mayGoAhead && sendCheckBatch(step, job))
  );
}

/** Slots that somebody may be sent, in that order. */
type InLine = Generator<{ readonly round: Round; readonly slot: Slot }, undefined>;

function* toSend(state: CoordinatorState, job: InferenceJob): InLine {
  for (const round of openRoundsOf(state, job).toSend()) {
    for (const slot of round.slots)
      if (slot.attempts.size === 0 && needsSending(state, job, round, slot, false)) yield { round, slot };
  }
}

function* toBackUp(state: CoordinatorState, job: InferenceJob): InLine {
  const isLast = isNothingLeft(job);
  const rounds = openRoundsOf(state, job);
  // What waits for a verdict may be sent meanwhile: seldom does anything.
  for (const round of job.confirmations.size > 0 ? rounds.inOrder() : rounds.toBackUp(isLast)) {
    if (round.phase !== "gathering") continue;
    for (const slot of round.slots)
      if (slot.attempts.size > 0 && needsSending(state, job, round, slot, isLast)) yield { round, slot };
  }
}

function sendOneOf(step: Step, job: InferenceJob, sending: Sending, inLine: InLine): boolean {
  // Nobody is there for slots like these.
  const inVain = new Set<string>();
  for (const { round, slot } of inLine) {
    const likes = likesOf(step.state, job, round, slot);
    if (likes !== null && inVain.has(likes)) continue;
    const session = takerOf(step.state, job, round, slot, sending);
    if (session !== null) {
      sendBatch(step, job, round, slot, session);
      return true;
    }
    if (likes !== null) inVain.add(likes);
  }
  return false;
}

/**
 * Of a slot that nobody ever was at: whoever may take it may take any other of which the same is said. Where somebody is at the round, or was, that
 * is another one of the same round.
 * @returns null: it is like no other
 */
function likesOf(state: CoordinatorState, job: InferenceJob, round: Round, slot: Slot): string | null {
  const { roundIndex, plan } = round;
  const { attempts, tried, workerIndex } = slot;
  if (attempts.size + tried.size > 0 || isRedone(round, slot) || plan.splits.length > 0) return null;
  const ofRound = openRoundsOf(state, job).isUntouched(roundIndex) ? "" : roundIndex;
  const ofModel = [slotRows(round, slot), modelIndexOf(plan, workerIndex), isFull(job, round)];
  const ofClass = [plan.endsExact, isRawWorker(plan, workerIndex), plan.scheme.queryCount];
  return [ofRound, ...ofModel, ...ofClass, roundSizeOf(job, roundIndex), isLeftOver(state, job, round)].join();
}

/** [DP10] What no idle session can take is sent ahead, to whoever is soon through with another batch. */
function takerOf(
  state: CoordinatorState,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  { mayGoAhead, crowd }: Sending,
): Session | null {
  const idle = sessionFor(state, job, round, slot, crowd());
  if (idle !== null || !mayGoAhead || !(isFull(job, round) || state.jobsAtWork.size > 1)) return idle;
  return aheadSessionFor(state, job, round, slot, crowd());
}

/**
 * [SM3] Of a stream whose tabs are all busy the next window gets larger, as long as the one before it is not gone. Not beside other jobs: their
 * batches would go ahead, and no tab would ever idle for it.
 */
function isFull({ stream, plan }: InferenceJob, { groupCount }: Round): boolean {
  return stream === null || groupCount >= plan.groupsPerRound;
}

/** [VF7] Second opinions are asked of whoever has nothing better to do. */
function sendForOpinion(step: Step, job: InferenceJob, { crowd }: Sending): boolean {
  for (const round of openRoundsOf(step.state, job).wantingOpinions()) {
    for (const workerIndex of round.opinionsWanted) {
      const slot = slotAt(round, workerIndex);
      if (slot.attempts.size > 0 || round.phase !== "gathering") continue;
      const isWelcome = (session: Session) =>
        mayGiveOpinion(step.state, slot, session) && mayJudge(step.state, session.volunteerId, job);
      const suited = opinionRule(step.state, job, round, slot);
      const session = bestOf(step.state, job, round, slot, crowd(), { suited, isWelcome });
      if (session === null) continue;
      sendBatch(step, job, round, slot, session);
      return true;
    }
  }
  return false;
}

/** [ES5] Who would idle computes what somebody else is at, where that may bring its answer sooner. */
function sendCopy(step: Step, job: InferenceJob, crowd: () => Crowd): boolean {
  const { state } = step;
  if (job.stored.suspended !== null || !copiesForIdle(job.plan) || !isAllOut(job) || isBeginning(job)) return false;
  for (const round of openRoundsOf(state, job).toBackUp(true)) {
    for (const slot of round.slots) {
      if (slot.attempts.size !== 1 || !needsSending(state, job, round, slot, true)) continue;
      const session = copierOf(state, job, round, slot, crowd());
      if (session === null) continue;
      sendBatch(step, job, round, slot, session);
      return true;
    }
  }
  return false;
}

/** [AS10] Could somebody who idles begin this batch, which waits behind another one, at once? */
export function hasIdleTaker({ state }: Pick<Step, "state">, assignment: BatchAssignment): boolean {
  const place = slotOf(state, assignment);
  if (place === null) return false;
  const crowd: Crowd = crowdOf(state);
  return sessionFor(state, place.job, place.round, place.slot, crowd) !== null;
}
