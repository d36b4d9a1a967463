/** What a classifier's probabilities come to on rows whose classes are known. */
import type { ClassEvaluation } from "../../../../../shared/kinds/regression/evaluation.ts";
import {
  EVALUATION_AREA_CLASSES_MAX,
  EVALUATION_PAIRS_MAX,
  EVALUATION_ROC_POINTS_MAX,
} from "../../../../../shared/kinds/regression/limits.ts";
import { rocOf } from "./roc.ts";

const TENTHS = 10;

/**
 * @param probabilities rows x labels
 * @param predicted place of the class, one a row
 * @param truth the same of the rows' own labels
 * @param labels what the classes are called
 * @example evaluateClasses(Float64Array.of(0.2, 0.8, 0.7, 0.3), [1, 0], [1, 0], ["no", "yes"]).classes[1] // -> { label: "yes", rows: 1, predicted: 1, right: 1, area: 1 }
 */
export function evaluateClasses(
  probabilities: Float64Array,
  predicted: ArrayLike<number>,
  truth: ArrayLike<number>,
  labels: readonly string[],
): ClassEvaluation {
  const count = labels.length;
  const pairs = new Map<number, number>();
  for (let row = 0; row < truth.length; row++) {
    const pair = truth[row]! * count + predicted[row]!;
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  const classes = labels.map((label) => ({ label, rows: 0, predicted: 0, right: 0, area: null as number | null }));
  const confused = [...pairs].map(([pair, rows]): [number, number, number] => {
    const [isOf, isTold] = [Math.floor(pair / count), pair % count];
    classes[isOf]!.rows += rows;
    classes[isTold]!.predicted += rows;
    if (isOf === isTold) classes[isOf]!.right += rows;
    return [isOf, isTold, rows];
  });
  confused.sort(([a, b, rows], [c, d, others]) => others - rows || a - c || b - d);
  const curveOf = (place: number) => {
    const scores = Float64Array.from(truth, (_, row) => probabilities[row * count + place]!);
    return rocOf(
      scores,
      Array.from(truth, (of) => of === place),
      EVALUATION_ROC_POINTS_MAX,
    );
  };
  if (count <= EVALUATION_AREA_CLASSES_MAX) {
    for (const [place, one] of classes.entries()) one.area = curveOf(place)?.area ?? null;
  }
  return {
    classes,
    confused: confused.slice(0, EVALUATION_PAIRS_MAX),
    confusedLeftOut: confused.slice(EVALUATION_PAIRS_MAX).reduce((sum, [, , rows]) => sum + rows, 0),
    roc: count === 2 ? [...(curveOf(1)?.points ?? [])].map(([a, b]): [number, number] => [a, b]) : [],
    calibration: calibrationOf(probabilities, predicted, truth, count),
  };
}

/** Tenths without rows are left out. */
function calibrationOf(
  probabilities: Float64Array,
  predicted: ArrayLike<number>,
  truth: ArrayLike<number>,
  count: number,
): ClassEvaluation["calibration"] {
  const tenths = Array.from({ length: TENTHS }, () => ({ rows: 0, told: 0, right: 0 }));
  for (let row = 0; row < truth.length; row++) {
    const probability = probabilities[row * count + predicted[row]!]!;
    const tenth = tenths[Math.min(TENTHS - 1, Math.floor(probability * TENTHS))]!;
    tenth.rows++;
    tenth.told += probability;
    if (predicted[row] === truth[row]) tenth.right++;
  }
  return tenths
    .filter(({ rows }) => rows > 0)
    .map(({ rows, told, right }) => ({ rows, told: told / rows, right: right / rows }));
}
