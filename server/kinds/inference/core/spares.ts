/**
 * What the workers beyond K do, where the scheme has spares. As parities they hold mixtures, from which lost answers are estimated; as
 * backups they hold nothing until the round can do without the rest, and then compute lost batches again.
 */
import type { Estimator } from "../../../../shared/verify/estimate-confidence.ts";
import { hasAllRaw, type InferencePlan, isRawWorker, type RoundVerdict, readiness } from "./inference-plan.ts";

/** Where backups do better, so many rounds have parities all the same: what they would be worth is measured with them. */
const PARITIES_EVERY = 16;

/**
 * @param better the estimator that agrees with the model more surely in this job; null: none was tried
 * @returns whether this round sends parities
 */
export function sendsParities(plan: InferencePlan, better: Estimator | null, roundIndex: number): boolean {
  if (plan.isPlain) return false;
  if (!plan.hasSpares) return true;
  if (plan.spares !== "auto") return plan.spares === "parities";
  return better !== "neighbours" || roundIndex % PARITIES_EVERY === 0;
}

/** [ES5] May batches of a round without spares go to a second tab, where tabs would idle? */
export function copiesForIdle({ isPlain, spares }: InferencePlan): boolean {
  return isPlain && spares === "auto";
}

/** Worker indices that such a round sends of its own accord. */
export function workersSent(plan: InferencePlan, hasParities: boolean): number {
  if (hasParities) return plan.scheme.workerCount;
  let raw = 0;
  // Asked of each tab that may be sent a batch: no list is made for it.
  for (const query of plan.scheme.rawQueryOf) if (query >= 0) raw++;
  return raw;
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
