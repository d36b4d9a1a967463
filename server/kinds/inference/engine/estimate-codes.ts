/** Which estimator made an estimate, and in which bin it lies, as one byte: what its confidence is looked up by. */
import {
  BIN_COUNT,
  binConfidence,
  ESTIMATORS,
  type EstimateTally,
  type Estimator,
} from "../../../../shared/verify/estimate-confidence.ts";

/** The code of a row that is no estimate, or whose estimate was measured otherwise. */
export const NO_ESTIMATE = 255;

export function estimateCodeOf(estimator: Estimator, bin: number): number {
  return ESTIMATORS.indexOf(estimator) * BIN_COUNT + bin;
}

/** The lower confidence bound of estimates with this code; null for NO_ESTIMATE. */
export function confidenceOfCode(tally: EstimateTally, code: number): number | null {
  if (code === NO_ESTIMATE) return null;
  return binConfidence(tally[ESTIMATORS[Math.floor(code / BIN_COUNT)]!], code % BIN_COUNT);
}
