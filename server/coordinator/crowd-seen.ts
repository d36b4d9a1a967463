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

/** @param session before the answer is one of its samples */
export function sawAnswer({ crowdSeen: seen }: CoordinatorState, session: Session, sample: ResponseSample): void {
  countBatch(seen);
  const ratio = ratioOf(session, sample);
  if (ratio === null) return;
  seen.ratios.push(ratio);
  if (seen.ratios.length > RATIOS_MAX) seen.ratios.shift();
  seen.answers++;
  if (ratio > SLOW_RATIO) seen.slow++;
  if (seen.answers < COUNT_MAX) return;
  seen.answers /= 2;
  seen.slow /= 2;
}

/** Would its answer be slow if it came now? @param soFar how long it has been at it; null: it is at nothing */
export function isSlowAlready(session: Session, soFar: Pick<ResponseSample, "ms" | "work"> | null): boolean {
  const ratio = soFar === null ? null : ratioOf(session, soFar);
  return ratio !== null && ratio > SLOW_RATIO;
}

/** Its time over its tab's median for such work; null: too few answers are known to tell. */
function ratioOf({ responses }: Session, { ms, work }: Pick<ResponseSample, "ms" | "work">): number | null {
  const like = responses.filter((known) => {
    return Math.max(known.work, work) <= WORK_RATIO_MAX * Math.min(known.work, work);
  });
  if (like.length < RATIO_SAMPLES_MIN) return null;
  const usualMs = medianOfSome(like.map((known) => (known.ms * work) / known.work));
  return ms / Math.max(usualMs, 1e-3);
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
