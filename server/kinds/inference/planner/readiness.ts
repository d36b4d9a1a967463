/** When a round that is rehearsed can be decoded. */
import { hasAllRaw, type InferencePlan, isRawWorker } from "../core/inference-plan.ts";

/** Attempts at one worker index that may be out in time at once: the first, and one backup. */
export const ATTEMPTS_IN_TIME_MAX = 2;

export type RoundVerdict =
  | "wait"
  /** Enough to answer, not so many as the code hopes for: decode when a short grace has passed. */
  | "grace"
  | "decode";

/**
 * May a round that has no answers yet be decoded from the accepted worker indices (ascending)?
 * @param minimumResults set by a decode that could not answer every query: so many more are waited for
 */
function readiness(
  plan: InferencePlan,
  accepted: readonly number[],
  minimumResults: number,
  gracePassed: boolean,
): RoundVerdict {
  const { scheme } = plan;
  if (accepted.length < minimumResults || !scheme.isDecodable(accepted)) return "wait";
  if (plan.verification !== "audits") return "decode";
  if (accepted.length >= scheme.resultCountTarget || hasAllRaw(plan, accepted) || gracePassed) return "decode";
  return "grace";
}

/**
 * As readiness of a round with parities; without them K-S queries have to be computed as they are, the others are estimated from
 * their neighbours or computed again.
 */
export function readinessOf(
  plan: InferencePlan,
  hasParities: boolean,
  accepted: readonly number[],
  minimumResults: number,
  gracePassed: boolean,
): RoundVerdict {
  if (hasParities) return readiness(plan, accepted, minimumResults, gracePassed);
  if (accepted.length < minimumResults) return "wait";
  if (hasAllRaw(plan, accepted)) return "decode";
  const { queryCount, stragglerCount } = plan.scheme.parameters;
  const raw = accepted.filter((workerIndex) => isRawWorker(plan, workerIndex)).length;
  if (raw < Math.max(1, queryCount - stragglerCount)) return "wait";
  return gracePassed ? "decode" : "grace";
}
