/** Measured response times: who is fast, and when an answer is late. The tab's own word for its speed is never used. */
import { median, medianOfSome, quantile, quantileOfSome } from "../../shared/numbers/quantile.ts";
import {
  ASSIGNMENT_DEADLINE_MS_MAX,
  ASSIGNMENT_DEADLINE_MS_MIN,
  BATCH_AHEAD_OVERDUE_FACTOR,
  BATCH_AHEAD_OVERDUE_MS_MIN,
  BATCH_AHEAD_WAIT_FACTOR,
  BATCH_AHEAD_WAIT_MS_MIN,
} from "../../shared/protocol/limits.ts";
import { must } from "./assert.ts";
import { RATIO_SAMPLES_MIN, sawAnswer } from "./crowd-seen.ts";
import type { Assignment, CoordinatorState, ResponseSample, Session } from "./state.ts";

/** A median over nine forgets a single hiccup and learns a slow tab within five answers. */
export const RESPONSE_SAMPLES_PER_SESSION = 9;
export const RESPONSE_SAMPLES_OF_CROWD = 200;

/**
 * An answer is late when it takes this many times what is usual. Who is late costs little: somebody with nothing else to do is sent the batch
 * too. Spark begins its second copies at as many medians (`spark.speculation.multiplier`).
 */
const LATE_FACTOR = 1.5;
/**
 * What is usual the third quartile says: as long as fewer than a quarter of the answers are slow, they do not move it. The 95th percentile,
 * which stood here, is a slow answer itself as soon as more than one in twenty is slow, and then nothing is ever late.
 */
const USUAL_QUANTILE = 0.75;

/** Silence costs a volunteer its place, so slow answers count there: so many times the crowd's 95th percentile ... */
const CROWD_PATIENCE_FACTOR = 2;
/** ... and so many times the session's own median. */
const OWN_PATIENCE_FACTOR = 4;
/** Time to wait for the rest of a group that could be decoded, as a share of the crowd's median. */
const GRACE_SHARE = 0.5;
const GRACE_MS_MIN = 5;
const GRACE_MS_MAX = 2_000;

/** Of so many measures of the way there and back the median counts. */
const TRIPS_PER_SESSION = 5;

/** How long a batch took: from its sending, or, where it was sent ahead, from the answer before it. */
export interface Took {
  readonly ms: number;
  readonly work: number;
  readonly wasAhead?: boolean;
  /** Of these milliseconds, those that its answer waited here before it was heard. */
  readonly waitedMs?: number;
}

/**
 * What was sent ahead was on its way while the batch before it was computed, so that the way there and back is missing in its
 * time. It is added, so that all samples say the same and tabs that were sent nothing ahead do not look slow beside those that were.
 */
export function recordResponse(state: CoordinatorState, session: Session, took: Took): void {
  noteTrip(session, took);
  const tripMs = took.wasAhead ? tripMsOf(session) : null;
  const { waitedMs = 0 } = took;
  const waited = waitedMs > 0 && { waitedMs };
  const sample: ResponseSample = { ms: took.ms + (tripMs ?? 0), work: took.work, tripMs, ...waited };
  sawAnswer(state, session, sample);
  session.responses.push(sample);
  if (session.responses.length > RESPONSE_SAMPLES_PER_SESSION) session.responses.shift();
  state.crowdResponses.push(sample);
  if (state.crowdResponses.length > RESPONSE_SAMPLES_OF_CROWD) state.crowdResponses.shift();
}

/** What batches that were sent ahead and others differ by, each time that one kind follows the other. */
function noteTrip({ responses, tripsMs }: Session, { ms, work, wasAhead = false }: Took): void {
  const isOfOtherKind = ({ tripMs }: ResponseSample) => (tripMs !== null) !== wasAhead;
  const latest = responses.at(-1);
  if (latest === undefined || !isOfOtherKind(latest)) return;
  const others = responses.filter((sample) => isOfOtherKind(sample) && sample.work === work);
  const othersMs = quantile(
    others.map((sample) => sample.ms - (sample.tripMs ?? 0)),
    0.5,
  );
  if (othersMs === null) return;
  tripsMs.push(Math.max(0, wasAhead ? othersMs - ms : ms - othersMs));
  if (tripsMs.length > TRIPS_PER_SESSION) tripsMs.shift();
}

/** What a batch that is sent to it by itself takes longer than one that was sent ahead; 0 where nothing is measured. */
export function tripMsOf({ tripsMs }: Session): number {
  return median(tripsMs) ?? 0;
}

/** Milliseconds, from its sending, that a batch of so much work is expected to take here, or null where nothing is measured yet. */
export function predictMs({ responses }: Session, work: number): number | null {
  const latest = responses.at(-1);
  if (latest === undefined) return null;
  const known = MEDIANS.get(latest) ?? new Map<number, number>();
  const ms = known.get(work) ?? medianOfSome(scaled(responses, work));
  if (known.size >= MEDIANS_PER_ANSWER) known.clear();
  MEDIANS.set(latest, known.set(work, ms));
  return ms;
}

/** The medians of a session change with its answers alone, and the latest of these tells which they are: by the work that was asked for. */
const MEDIANS = new WeakMap<ResponseSample, Map<number, number>>();
const MEDIANS_PER_ANSWER = 8;

/** What a multiply-add usually takes here, ms; null where nothing is measured yet. */
export function msPerWork({ responses }: Session): number | null {
  const latest = responses.at(-1);
  if (latest === undefined) return null;
  const ms = PER_WORK.get(latest) ?? medianOfSome(responses.map((sample) => sample.ms / sample.work));
  PER_WORK.set(latest, ms);
  return ms;
}
const PER_WORK = new WeakMap<ResponseSample, number>();

/** Nobody is infinitely fast. */
const TAB_MS_MIN = 1e-3;
/** Of a session's latest answers those to at least so much of its largest batch say how fast it is: of less a good part is the way there and back. */
const LARGE_SHARE = 0.5;

/** What is measured of a session's speed. */
export interface TabPace {
  /** What a multiply-add usually takes, ms. */
  readonly usualMs: number;
  /** By now: as it usually does, or longer where its latest answers say so. */
  readonly nowMs: number;
}

/**
 * By answers to large batches. What a batch takes beside its rows, on the way and in the coordinator, is the same for a small one, which would make
 * its tab look slow: then the tab would get still smaller batches, and the coordinator more of them. A small one that came later tells only whether
 * the tab has recovered since its latest large one, or takes longer for less.
 * @param responses the latest last. @returns null: there are none
 */
export function paceFrom(responses: readonly Pick<ResponseSample, "ms" | "work" | "waitedMs">[]): TabPace | null {
  const latest = responses.at(-1);
  if (latest === undefined) return null;
  const leastWork = LARGE_SHARE * Math.max(...responses.map(({ work }) => work));
  const large = responses.filter(({ work }) => work >= leastWork);
  const usualMs = medianOfSome(large.map((sample) => tabMs(sample) / sample.work));
  const latestLarge = large.at(-1)!;
  const atLeastMs = Math.max(tabMs(latestLarge) / latestLarge.work, tabMs(latest) / Math.max(latest.work, leastWork));
  return { usualMs, nowMs: Math.max(usualMs, Math.min(tabMs(latest) / latest.work, atLeastMs)) };
}

/** Without what its answer waited for the coordinator. */
function tabMs({ ms, waitedMs = 0 }: Pick<ResponseSample, "ms" | "waitedMs">): number {
  return Math.max(TAB_MS_MIN, ms - waitedMs);
}

/** What a multiply-add takes here by now, ms. Infinite where nothing is measured yet. */
export function paceMsOf({ responses }: Session): number {
  const latest = responses.at(-1);
  if (latest === undefined) return Number.POSITIVE_INFINITY;
  const ms = PACES.get(latest) ?? paceFrom(responses)?.nowMs ?? Number.POSITIVE_INFINITY;
  PACES.set(latest, ms);
  return ms;
}
const PACES = new WeakMap<ResponseSample, number>();

export function crowdMedianMs(state: CoordinatorState, work: number): number | null {
  return crowdMs(state, work, 0.5);
}

/** What a share of the crowd's latest answers takes no longer than, for so much work; null where nothing is measured yet. */
function crowdMs({ crowdResponses }: CoordinatorState, work: number, share: number): number | null {
  const latest = crowdResponses.at(-1);
  if (latest === undefined) return null;
  let kept = OF_CROWD.get(crowdResponses);
  if (kept?.latest !== latest) {
    kept = { latest, found: [] };
    OF_CROWD.set(crowdResponses, kept);
  }
  const { found } = kept;
  const known = found.find((one) => one.work === work && one.share === share);
  if (known !== undefined) return known.ms;
  const ms = quantileOfSome(scaled(crowdResponses, work), share);
  if (found.length < FOUND_OF_CROWD_MAX) found.push({ work, share, ms });
  return ms;
}

interface CrowdTimes {
  readonly latest: ResponseSample;
  readonly found: { readonly work: number; readonly share: number; readonly ms: number }[];
}

/** They change with the crowd's answers alone, and the latest tells which these are. Events ask for them again and again, of few sizes of batches. */
const OF_CROWD = new WeakMap<readonly ResponseSample[], CrowdTimes>();
const FOUND_OF_CROWD_MAX = 16;

/**
 * [AS5] When, after it was begun, an answer is late, so that somebody else is sent the batch too: measured by what this tab usually takes, and of
 * one that has hardly answered by what the crowd does. It is computed anew whenever it is asked for, so that the first answers of
 * others set it for those still out.
 */
export function deadlineMs(state: CoordinatorState, session: Session, work: number): number {
  const ownMs = predictMs(session, work) ?? 0;
  if (session.responses.length >= RATIO_SAMPLES_MIN) return deadlineFrom(ownMs, usualRatio(state.crowdSeen.ratios));
  const usualMs = crowdMs(state, work, USUAL_QUANTILE);
  return usualMs === null ? ASSIGNMENT_DEADLINE_MS_MAX : deadlineFrom(Math.max(ownMs, usualMs), 1);
}

/** [AS5] The rule itself. @param ownMs the tab's median */
export function deadlineFrom(ownMs: number, ratio: number): number {
  return withinLimits(LATE_FACTOR * ownMs * ratio);
}

/** How far answers are usually above the median of their own tab. @param ratios of answers to it */
export function usualRatio(ratios: readonly number[]): number {
  return Math.max(1, quantile(ratios, USUAL_QUANTILE) ?? 1);
}

/**
 * [AS6] What an answer may take and is still waited for; LATE_FACTOR_MAX times as long, it is given up. Slow answers raise it: to be late
 * costs a batch that is computed twice, to be given up a volunteer's place.
 */
export function patienceMs(state: CoordinatorState, session: Session, work: number): number {
  const slowMs = crowdMs(state, work, 0.95);
  if (slowMs === null) return ASSIGNMENT_DEADLINE_MS_MAX;
  const ownMs = predictMs(session, work) ?? 0;
  return withinLimits(Math.max(CROWD_PATIENCE_FACTOR * slowMs, OWN_PATIENCE_FACTOR * ownMs));
}

function withinLimits(ms: number): number {
  return Math.min(ASSIGNMENT_DEADLINE_MS_MAX, Math.max(ASSIGNMENT_DEADLINE_MS_MIN, ms));
}

/**
 * [AS10] Of a batch that its session is at: since when it is overdue, and until when another one that was sent ahead waits behind
 * it at most. A first look whether somebody else could begin that one is worth while when it is overdue.
 */
export function overdueAtMs(session: Session, before: Assignment): { overdueMs: number; latestMs: number } {
  const expectedMs = expectedMsOf(session, before) ?? 0;
  const startedMs = must(before.startedMs, "AS10: what others wait behind has begun");
  return {
    overdueMs: startedMs + Math.max(BATCH_AHEAD_OVERDUE_MS_MIN, BATCH_AHEAD_OVERDUE_FACTOR * expectedMs),
    latestMs: startedMs + Math.max(BATCH_AHEAD_WAIT_MS_MIN, BATCH_AHEAD_WAIT_FACTOR * expectedMs),
  };
}

/** From its beginning to its answer; null where nothing is measured yet. */
export function expectedMsOf(session: Session, begun: Assignment): number | null {
  const ms = predictMs(session, begun.work);
  return ms === null ? null : Math.max(0, ms - (wasAhead(begun) ? tripMsOf(session) : 0));
}

/** Was it at its tab before it could begin? */
export function wasAhead({ startedMs, sentMs }: Assignment): boolean {
  return startedMs !== null && startedMs > sentMs;
}

export function graceMs(state: CoordinatorState, work: number): number {
  return graceFrom(crowdMedianMs(state, work) ?? GRACE_MS_MAX);
}

/** [ES4] The rule itself. @param medianMs of the crowd, for such a batch */
export function graceFrom(medianMs: number): number {
  return Math.min(GRACE_MS_MAX, Math.max(GRACE_MS_MIN, medianMs * GRACE_SHARE));
}

/** A larger batch takes longer in proportion; a smaller one is not promised to be faster, for the fixed cost stays. */
function scaled(samples: readonly ResponseSample[], work: number): number[] {
  return samples.map((sample) => sample.ms * Math.max(1, work / sample.work));
}
