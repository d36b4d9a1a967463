/** Of a job of which nothing is out at a tab: which of the coordinator's own checks it waits for. SPEC.md JB2. */
import { WAITS_FOR_CHECKS } from "../../../../shared/protocol/job-api.ts";
import { CHECKS_WAITED_FOR_MS_MIN } from "../../../../shared/protocol/limits.ts";
import type { CoordinatorState } from "../../../coordinator/state.ts";
import type { InferenceJob } from "./job.ts";
import { openRoundsOf } from "./round-facts.ts";
import { freshRound, openRoundsMax } from "./sized-rounds.ts";

/** @returns null: checks are quick, or tabs have something of it to do */
export function waitsForOwnChecks(state: CoordinatorState, job: InferenceJob): string | null {
  if (!areSlow(state, job) || isAnythingOut(state, job) || mayBeginMore(state, job)) return null;
  return `${WAITS_FOR_CHECKS}${ofWhat(job)}`;
}

/** At its end, when no tab has anything of it to do. */
export function waitsForLastChecks(job: InferenceJob): string {
  return `waiting for the coordinator's last checks${ofWhat(job)}`;
}

/** Has each of its rounds been opened? */
export function isAllBegun(job: InferenceJob): boolean {
  const { schedule, stream, rests, toRedo } = job;
  if (rests.size > 0 || toRedo.size > 0 || (stream !== null && stream.waiting.length > 0)) return false;
  return schedule.parts.every((_, size) => freshRound(job, size) === null);
}

/** Rows in which somebody differs start a process; other checks are told of once they have taken a while. */
function areSlow({ nowMs }: CoordinatorState, { auditsPending, confirmations, topUps, checks }: InferenceJob): boolean {
  if (confirmations.size > 0 || topUps.size > 0 || (checks?.closing ?? null) !== null) return true;
  // In the order in which they were asked for.
  const [oldest] = auditsPending.values();
  return oldest !== undefined && nowMs - oldest.askedMs >= CHECKS_WAITED_FOR_MS_MIN;
}

function isAnythingOut({ assignments }: CoordinatorState, { openRounds, checks }: InferenceJob): boolean {
  const isOut = (assignmentId: number) => assignments.get(assignmentId)?.state !== "checking";
  if ([...(checks?.batchesOut ?? [])].some(isOut)) return true;
  for (const { slots } of openRounds.values())
    for (const { attempts } of slots) for (const assignmentId of attempts) if (isOut(assignmentId)) return true;
  return false;
}

function mayBeginMore(state: CoordinatorState, job: InferenceJob): boolean {
  const rounds = openRoundsOf(state, job);
  if (rounds.hasEncoding() || rounds.toSend().next().done === false) return true;
  return rounds.size < openRoundsMax(state, job) && !isAllBegun(job);
}

/** How many rows, as far as that is known: those of a sample are not. */
function ofWhat({ auditsPending, confirmations, checks }: InferenceJob): string {
  let rows = checks?.closing?.rows.length ?? 0;
  for (const audit of auditsPending.values()) rows += audit.rows;
  const counted = rows === 0 ? [] : [`it computes ${rows} ${rows === 1 ? "row" : "rows"}`];
  const differing = confirmations.size === 0 ? [] : ["it computes once more what differs"];
  const all = [...counted, ...differing];
  return all.length === 0 ? "" : `: ${all.join(", and ")}`;
}
