/** Which of the predicted codes an aim takes. Pure order and comparison: the laws of the dial are those of this file. */

import type { Aim } from "../../../../shared/kinds/inference/aim.ts";
import { quantileOfSome } from "../../../../shared/numbers/quantile.ts";
import type { CodePrediction } from "./predict-code.ts";

/** Multiply-adds in all, of tabs and of the coordinator, on average. Bytes go with them, for each row of a batch. */
export function costOf({ tabMacs, trustedRows }: CodePrediction, macsPerQuery: number): number {
  return meanOf(tabMacs) + meanOf(trustedRows) * macsPerQuery;
}

/** Share of the draws that meet the aim. */
export function chanceOf(prediction: CodePrediction, aim: Aim): number {
  const { finishMs, tabMacs, bytesDown, bytesUp } = prediction;
  const { finishWithinMs, budgetMacs, budgetBytes } = aim;
  const meets = finishMs.filter((ms, draw) => {
    if (finishWithinMs !== undefined) return ms <= finishWithinMs;
    // A job that never ends keeps to no budget.
    if (!Number.isFinite(ms)) return false;
    return budgetMacs !== undefined ? tabMacs[draw]! <= budgetMacs : bytesDown[draw]! + bytesUp[draw]! <= budgetBytes!;
  });
  return meets.length / finishMs.length;
}

/**
 * With a time: the cheapest code that ends in it, as surely as is asked. With a budget: the fastest that keeps to it.
 * @returns null where none does
 */
export function choose(predictions: readonly CodePrediction[], aim: Aim, macsPerQuery: number): CodePrediction | null {
  const able = predictions.filter((prediction) => chanceOf(prediction, aim) >= aim.confidence);
  if (able.length === 0) return null;
  const rank =
    aim.finishWithinMs !== undefined
      ? (prediction: CodePrediction) => costOf(prediction, macsPerQuery)
      : (prediction: CodePrediction) => quantileOfSome(prediction.finishMs, aim.confidence);
  return leastBy(able, rank);
}

/** Where no code meets the aim: the one that comes nearest to it; of equal ones the fastest, or the cheapest. */
export function nearest(predictions: readonly CodePrediction[], aim: Aim, macsPerQuery: number): CodePrediction {
  const best = Math.max(...predictions.map((prediction) => chanceOf(prediction, aim)));
  const those = predictions.filter((prediction) => chanceOf(prediction, aim) === best);
  return leastBy(
    those,
    aim.finishWithinMs !== undefined
      ? (prediction) => quantileOfSome(prediction.finishMs, aim.confidence)
      : (prediction) => costOf(prediction, macsPerQuery),
  );
}

/**
 * The stops of the dial: of all codes those that no other beats in both time and cost, the cheapest first.
 * @param confidence times are compared at this quantile
 */
export function frontierOf(
  predictions: readonly CodePrediction[],
  macsPerQuery: number,
  confidence: number,
): CodePrediction[] {
  const known = predictions.map((prediction) => ({
    prediction,
    cost: costOf(prediction, macsPerQuery),
    ms: quantileOfSome(prediction.finishMs, confidence),
  }));
  known.sort((a, b) => a.cost - b.cost || a.ms - b.ms);
  const stops: typeof known = [];
  for (const one of known) {
    const last = stops.at(-1);
    if (last === undefined || one.ms < last.ms) stops.push(one);
  }
  return stops.map(({ prediction }) => prediction);
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function leastBy<T>(values: readonly T[], rank: (value: T) => number): T {
  return values.reduce((best, value) => (rank(value) < rank(best) ? value : best));
}
