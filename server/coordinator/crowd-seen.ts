/** What has been seen of the crowd, beyond the times of its answers: rates that estimates are made from. */
import { medianOfSome } from "../../shared/numbers/quantile.ts";
import type { CrowdFacts } from "../kinds/inference/planner/crowd-facts.ts";
import { SLOW_RATIO } from "../kinds/inference/planner/crowd-facts.ts";
import { isReadyForWork } from "./idle-sessions.ts";
import { liarShare } from "./reputation-bounds.ts";
import type { CoordinatorState, ResponseSample, Session } from "./state.ts";

/** Kept since the start; older counts weigh half as much each time that COUNT_MAX is reached. */
export interface CrowdSeen {
  /** Times of the latest answers over their tab's own median before; at most RATIOS_MAX. */
  readonly ratios: number[];
  answers: number;
  slow: number;
  /** Batches that were answered, whose tab left, or that were met with silence. */
  batches: number;
  left: number;
  silent: number;
  /** Volunteers with a record that went away, and when; at most AWAY_MAX. */
  readonly leftMs: Map<string, number>;
  /** How long those were away who came back; at most ABSENCES_MAX. */
  readonly absencesMs: number[];
  /** From a result to its verdict, smoothed; null: none yet. */
  auditMs: number | null;
}

const RATIOS_MAX = 200;
const COUNT_MAX = 400;
const AWAY_MAX = 500;
const ABSENCES_MAX = 50;
/** Samples of a session before one more is compared with them. */
const SAMPLES_MIN = 3;
/** Batches of another size say nothing of a tab's ups and downs. */
const WORK_RATIO_MAX = 2;
const AUDIT_SMOOTHING = 0.1;

export function nothingSeen(): CrowdSeen {
  const counts = { answers: 0, slow: 0, batches: 0, left: 0, silent: 0 };
  return { ratios: [], ...counts, leftMs: new Map(), absencesMs: [], auditMs: null };
}

/** @param session before the answer is one of its samples */
export function sawAnswer({ crowdSeen: seen }: CoordinatorState, session: Session, sample: ResponseSample): void {
  countBatch(seen);
  const like = session.responses.filter(({ work }) => {
    return Math.max(work, sample.work) <= WORK_RATIO_MAX * Math.min(work, sample.work);
  });
  if (like.length < SAMPLES_MIN) return;
  const usualMs = medianOfSome(like.map(({ ms, work }) => (ms * sample.work) / work));
  const ratio = sample.ms / Math.max(usualMs, 1e-3);
  seen.ratios.push(ratio);
  if (seen.ratios.length > RATIOS_MAX) seen.ratios.shift();
  seen.answers++;
  if (ratio > SLOW_RATIO) seen.slow++;
  if (seen.answers < COUNT_MAX) return;
  seen.answers /= 2;
  seen.slow /= 2;
}

/** A tab took a batch and never answered. */
export function sawSilence({ crowdSeen }: CoordinatorState): void {
  crowdSeen.silent++;
  countBatch(crowdSeen);
}

function countBatch(seen: CrowdSeen): void {
  seen.batches++;
  if (seen.batches < COUNT_MAX) return;
  seen.batches /= 2;
  seen.left /= 2;
  seen.silent /= 2;
}

/** A session is about to be closed, by itself or by us. */
export function sawLeaving(state: CoordinatorState, session: Session): void {
  const { crowdSeen } = state;
  if (session.state === "quarantined") return;
  if (session.unanswered.size > 0) {
    crowdSeen.left++;
    countBatch(crowdSeen);
  }
  if ((state.volunteers.get(session.volunteerId)?.auditsPassed ?? 0) === 0) return;
  crowdSeen.leftMs.set(session.volunteerId, state.nowMs);
  if (crowdSeen.leftMs.size > AWAY_MAX) crowdSeen.leftMs.delete(crowdSeen.leftMs.keys().next().value!);
}

export function sawComing({ crowdSeen, nowMs }: CoordinatorState, volunteerId: string): void {
  const leftMs = crowdSeen.leftMs.get(volunteerId);
  if (leftMs === undefined) return;
  crowdSeen.leftMs.delete(volunteerId);
  crowdSeen.absencesMs.push(nowMs - leftMs);
  if (crowdSeen.absencesMs.length > ABSENCES_MAX) crowdSeen.absencesMs.shift();
}

export function sawVerdict({ crowdSeen }: CoordinatorState, ms: number): void {
  crowdSeen.auditMs ??= ms;
  crowdSeen.auditMs += AUDIT_SMOOTHING * (ms - crowdSeen.auditMs);
}

/** @param besides a job at work that is not counted among the others */
export function crowdFactsOf(state: CoordinatorState, besides: string | null): CrowdFacts {
  const { crowdSeen: seen } = state;
  const ready = [...state.sessions.values()].filter((session) => isReadyForWork(state, session));
  const inference = [...state.jobs.values()].filter(({ stored }) => stored.finishedMs === null);
  const gradient = [...state.gradientJobs.values()].filter(({ stored }) => stored.finishedMs === null);
  const isOther = ({ stored }: { readonly stored: { readonly jobId: string } }) => stored.jobId !== besides;
  return {
    tabs: ready.map(({ responses, volunteerId }) => {
      return { responses: [...responses], auditsPassed: state.volunteers.get(volunteerId)?.auditsPassed ?? 0 };
    }),
    volunteersReady: new Set(ready.map(({ volunteerId }) => volunteerId)).size,
    ratios: [...seen.ratios],
    slow: { seen: seen.slow, outOf: seen.answers },
    left: { seen: seen.left, outOf: seen.batches },
    silent: { seen: seen.silent, outOf: seen.batches },
    lying: { seen: Math.min(state.quarantinedCount, state.auditedVolunteers), outOf: state.auditedVolunteers },
    absencesMs: [...seen.absencesMs],
    awayCount: seen.leftMs.size,
    auditMs: seen.auditMs,
    otherJobs: inference.filter(isOther).length + gradient.filter(isOther).length,
    liarShare: liarShare(state),
    secondOpinionShare: state.settings.secondOpinionShare,
  };
}
