/** What has been seen of the crowd, beyond the times of its answers: rates that estimates are made from. */
import { medianOfSome } from "../../shared/numbers/quantile.ts";
import { isAtWorkAlone } from "./idle-sessions.ts";
import type { CoordinatorState, CrowdSeen, ResponseSample, Session } from "./state.ts";

/** An answer is slow that takes longer than this times its tab's own median. */
export const SLOW_RATIO = 2;

const RATIOS_MAX = 200;
const COUNT_MAX = 400;
const AWAY_MAX = 500;
const ABSENCES_MAX = 50;
/** Samples of a session before one more is compared with them. */
export const RATIO_SAMPLES_MIN = 3;
/** Batches of another size say nothing of a tab's ups and downs. */
const WORK_RATIO_MAX = 2;
const AUDIT_SMOOTHING = 0.1;

/** @param session before the answer is one of its samples */
export function sawAnswer({ crowdSeen: seen }: CoordinatorState, session: Session, sample: ResponseSample): void {
  countBatch(seen);
  const like = session.responses.filter(({ work }) => {
    return Math.max(work, sample.work) <= WORK_RATIO_MAX * Math.min(work, sample.work);
  });
  if (like.length < RATIO_SAMPLES_MIN) return;
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
  if (isAtWorkAlone(state, session)) {
    crowdSeen.left++;
    countBatch(crowdSeen);
  }
  if ((state.volunteers.get(session.volunteerId)?.auditsPassed ?? 0) === 0) return;
  crowdSeen.leftMs.set(session.volunteerId, state.nowMs);
  const [longestAway] = crowdSeen.leftMs.keys();
  if (crowdSeen.leftMs.size > AWAY_MAX && longestAway !== undefined) crowdSeen.leftMs.delete(longestAway);
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
