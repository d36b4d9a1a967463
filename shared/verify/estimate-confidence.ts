/**
 * How far an estimate can be believed. Answers that did arrive are estimated too, as if their worker had been lost, and compared
 * with what the model said; that is counted in bins of estimates that look alike, because an estimate that stands out clearly and
 * that another estimator repeats is right far more often than one that does not (MNIST, K = 8, S = 2: .98 against .25). What an
 * estimate carries is a cautious rate of its own bin: near a lower confidence bound where little was compared, near the rate itself where
 * much was (see cautiousRate).
 */
import { wilsonLower } from "./wilson.ts";

export const ESTIMATORS = ["coded", "neighbours"] as const;
export type Estimator = (typeof ESTIMATORS)[number];

/**
 * Margins between the largest and the second largest output, as a share of the median margin of the answers that arrived:
 * where a further bin begins.
 */
const MARGIN_EDGES = [0.25, 0.5, 0.75, 1];
const MARGINS = MARGIN_EDGES.length + 1;
/** What the other estimator says of the same row: another label, nothing (it has no estimate), or the same label. */
export const OTHERS = ["contradicts", "silent", "repeats"] as const;
export type Other = (typeof OTHERS)[number];
/** In the order of OTHERS, each kind by ascending margin. */
export const BIN_COUNT = OTHERS.length * MARGINS;
/** BIN_COUNT entries each: of so many estimates in the bin, so many agreed with the model's own answer. */
export interface BinTally {
  readonly agreed: readonly number[];
  readonly total: readonly number[];
}
export type EstimateTally = Readonly<Record<Estimator, BinTally>>;

/**
 * Nothing compared yet.
 * @example emptyTally().coded.total.length === BIN_COUNT // -> true
 */
export function emptyTally(): EstimateTally {
  const zeros = () => ({ agreed: new Array<number>(BIN_COUNT).fill(0), total: new Array<number>(BIN_COUNT).fill(0) });
  return { coded: zeros(), neighbours: zeros() };
}

/**
 * What both have compared, bin by bin.
 * @example sumOfTallies(emptyTally(), emptyTally()).coded.total[0] // -> 0
 */
export function sumOfTallies(one: EstimateTally, other: EstimateTally): EstimateTally {
  const sum = (a: readonly number[], b: readonly number[]) => a.map((value, bin) => value + b[bin]!);
  const sumOf = (estimator: Estimator): BinTally => ({
    agreed: sum(one[estimator].agreed, other[estimator].agreed),
    total: sum(one[estimator].total, other[estimator].total),
  });
  return { coded: sumOf("coded"), neighbours: sumOf("neighbours") };
}

/**
 * @param relativeMargin 0 or more; where answers have no margin (numbers, not classes) always the same
 * @returns 0..BIN_COUNT-1
 * @example binOf(0.3, "repeats") // -> 11
 */
export function binOf(relativeMargin: number, other: Other): number {
  const margin = MARGIN_EDGES.filter((edge) => relativeMargin >= edge).length;
  return OTHERS.indexOf(other) * MARGINS + margin;
}

/**
 * A cautious rate of the agreement in a bin. Where it holds few estimates, it may borrow those of the bins with smaller
 * margins: they agree less often, so what holds for them all together holds for this one.
 * @returns 0..1; 0 where nothing was compared
 * @example
 * const [agreed, total] = [new Array(BIN_COUNT).fill(9), new Array(BIN_COUNT).fill(10)];
 * binConfidence({ agreed, total }, 0) // -> 0.595844
 */
export function binConfidence({ agreed, total }: BinTally, bin: number): number {
  const first = bin - (bin % MARGINS);
  let best = 0;
  let [agreedSum, totalSum] = [0, 0];
  for (let lower = bin; lower >= first; lower--) {
    agreedSum += agreed[lower]!;
    totalSum += total[lower]!;
    best = Math.max(best, cautiousRate(agreedSum, totalSum));
  }
  return best;
}

/**
 * A rate some standard errors below the one that was seen; no confidence bound, for with more than some hundred compared it is within a
 * fraction of an error of it. How many: two where little was compared, as with a handful of estimates luck is
 * easily taken for skill; beyond, the fewer the more was compared, until the rate itself is stated. That is on the low side by itself,
 * for what is left out to measure it is one column more than is really lost; two standard errors throughout would be so far below it on
 * hard data, where bins hold some hundred estimates, that what is stated and what is true differ by up to 8 points (bench calibration).
 */
function cautiousRate(agreed: number, total: number): number {
  return wilsonLower(agreed, total, Z_MAX * Math.min(1, FEW_COMPARED / total));
}
const Z_MAX = 1.96;
const FEW_COMPARED = 30;

/**
 * Wilson's lower bound of the agreement over all bins.
 * @example overallConfidence({ agreed: [90], total: [100] }) // -> 0.825633
 */
export function overallConfidence(tally: BinTally): number {
  return wilsonLower(sum(tally.agreed), sum(tally.total));
}

/**
 * The estimator that agrees with the model more surely; of none that was tried, the coded one.
 * @example betterEstimator(emptyTally()) // -> "coded"
 */
export function betterEstimator(tally: EstimateTally): Estimator {
  return overallConfidence(tally.neighbours) > overallConfidence(tally.coded) ? "neighbours" : "coded";
}

/**
 * Estimates that were compared with the model, over all bins.
 * @example comparedCount({ agreed: [90, 4], total: [100, 5] }) // -> 105
 */
export function comparedCount(tally: BinTally): number {
  return sum(tally.total);
}

/**
 * Estimates that agreed with the model, over all bins.
 * @example agreedCount({ agreed: [90, 4], total: [100, 5] }) // -> 94
 */
export function agreedCount(tally: BinTally): number {
  return sum(tally.agreed);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
