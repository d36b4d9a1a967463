/** The figures that tables and pictures show of an evaluation. Pure. */
import type { ClassEvaluation, NumberEvaluation } from "../../../../shared/kinds/regression/evaluation.ts";

/** A table of more classes is wider than a page: each class gets a row of its own instead. */
export const CONFUSION_CLASSES_MAX = 12;
const TINTS = 4;

export interface ConfusionCell {
  readonly rows: number;
  /** Share of the true class's rows. */
  readonly share: number;
  /** 0: no row; up to 4: all of the class's rows. */
  readonly tint: number;
}

/** @returns a row for each true class, a cell for each predicted one; null: there are too many classes */
export function confusionTable({ classes, confused }: ClassEvaluation): ConfusionCell[][] | null {
  if (classes.length > CONFUSION_CLASSES_MAX) return null;
  const rowsOf = new Map(confused.map(([truth, predicted, rows]) => [`${truth}:${predicted}`, rows]));
  return classes.map((one, truth) =>
    classes.map((_, predicted) => {
      const rows = rowsOf.get(`${truth}:${predicted}`) ?? 0;
      const share = one.rows === 0 ? 0 : rows / one.rows;
      return { rows, share, tint: Math.ceil(share * TINTS) };
    }),
  );
}

/** What rows of a class are most often taken for instead. @returns null: nothing that is listed */
export function takenFor(
  { classes, confused }: ClassEvaluation,
  truth: number,
): { label: string; rows: number } | null {
  const found = confused.find(([of, predicted]) => of === truth && predicted !== truth);
  return found === undefined ? null : { label: classes[found[1]]!.label, rows: found[2] };
}

/** Picks points, the first and the last among them, so that a table of them can be read. */
export function someOf<T>(points: readonly T[], count: number): T[] {
  if (points.length <= count) return [...points];
  return Array.from({ length: count }, (_, i) => points[Math.round((i * (points.length - 1)) / (count - 1))]!);
}

export interface ResidualBand {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  /** Means of the residuals and of their sizes. */
  readonly mean: number;
  readonly size: number;
}

/** Residuals by fifths of the predictions, the smallest predictions first. */
export function residualBands({ residuals }: NumberEvaluation, bands = 5): ResidualBand[] {
  const sorted = residuals.toSorted(([a], [b]) => a - b);
  const count = Math.min(bands, sorted.length);
  return Array.from({ length: count }, (_, band) => {
    const part = sorted.slice(
      Math.floor((band * sorted.length) / count),
      Math.floor(((band + 1) * sorted.length) / count),
    );
    const mean = (of: (residual: number) => number) =>
      part.reduce((sum, [, residual]) => sum + of(residual), 0) / part.length;
    const [from, to] = [part[0]![0], part.at(-1)![0]];
    return { from, to, rows: part.length, mean: mean((residual) => residual), size: mean(Math.abs) };
  });
}

/** The range of an axis that shows these numbers, with some air; never empty. */
export function axisRange(values: readonly number[]): [number, number] {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!(low <= high)) return [0, 1];
  const air = high > low ? (high - low) * 0.05 : Math.max(Math.abs(high) * 0.1, 0.5);
  return [low - air, high + air];
}
