/** What predicted numbers come to on rows whose numbers are known. */
import type { NumberEvaluation } from "../../../../../shared/kinds/regression/evaluation.ts";
import { EVALUATION_RESIDUALS_MAX } from "../../../../../shared/kinds/regression/limits.ts";
import { shuffle, simulationRandom } from "../../../../../shared/random/simulation-random.ts";

/** The picture keeps the largest residuals: none that is left out is further off. */
const FURTHEST = 100;
const DIGITS = 6;
/** Which rows are drawn is the same each time. */
const SEED = 1;

/**
 * @param predicted one a row
 * @param labels one a row
 * @example evaluateNumbers([1, 2], [1, 4]) // -> { rootMeanSquare: 1.4142135623730951, meanAbsolute: 1, explained: 0.11111111111111116, residuals: [[1, 0], [2, 2]] }
 */
export function evaluateNumbers(predicted: ArrayLike<number>, labels: ArrayLike<number>): NumberEvaluation {
  const rows = labels.length;
  const residuals = Float64Array.from(predicted, (value, row) => labels[row]! - value);
  const mean = sum(labels, (label) => label) / rows;
  const [off, spread] = [sum(residuals, (one) => one * one), sum(labels, (label) => (label - mean) ** 2)];
  return {
    rootMeanSquare: Math.sqrt(off / rows),
    meanAbsolute: sum(residuals, Math.abs) / rows,
    explained: spread > 0 ? 1 - off / spread : null,
    residuals: shownRows(residuals).map((row): [number, number] => [short(predicted[row]!), short(residuals[row]!)]),
  };
}

/** All, or those furthest off and drawn ones. @returns places, ascending */
function shownRows(residuals: Float64Array): number[] {
  const all = Uint32Array.from({ length: residuals.length }, (_, row) => row);
  if (all.length <= EVALUATION_RESIDUALS_MAX) return [...all];
  const byDistance = all.toSorted((a, b) => Math.abs(residuals[b]!) - Math.abs(residuals[a]!));
  const drawn = shuffle(byDistance.subarray(FURTHEST), simulationRandom(SEED));
  const shown = [...byDistance.subarray(0, FURTHEST), ...drawn.subarray(0, EVALUATION_RESIDUALS_MAX - FURTHEST)];
  return shown.sort((a, b) => a - b);
}

const short = (value: number) => Number(value.toPrecision(DIGITS));

function sum(values: ArrayLike<number>, of: (value: number) => number): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += of(values[i]!);
  return total;
}
