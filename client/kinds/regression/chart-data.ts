/**
 * From a job's history to what is drawn. Pure. The API counts updates before; people count iterations from 1, so what was
 * measured or done in an iteration stands at the next number, and a code that changed between two at the first of them.
 */
import type { RegressionHistory } from "../../../shared/kinds/regression/job-view.ts";

/** Columns of equal length, as uPlot takes them: iterations, then one column a curve; null is a gap. */
export interface ChartData {
  readonly iterations: number[];
  readonly trained: (number | null)[];
  readonly heldOut: (number | null)[];
}

export interface ChartMark {
  readonly iteration: number;
  readonly kind: "liar" | "code";
}

export function lossCurves({ points }: RegressionHistory): ChartData {
  return {
    iterations: points.map(({ iteration }) => iteration + 1),
    // A loss beyond all numbers would leave no room for the others.
    trained: points.map(({ loss }) => finite(loss)),
    heldOut: points.map(({ validationLoss }) => finite(validationLoss)),
  };
}

/** null: there is no accuracy, the job predicts numbers */
export function accuracyCurves({ points }: RegressionHistory): ChartData | null {
  if (points.every(({ accuracy }) => accuracy === null)) return null;
  return {
    iterations: points.map(({ iteration }) => iteration + 1),
    trained: points.map(({ accuracy }) => finite(accuracy)),
    heldOut: points.map(({ validationAccuracy }) => finite(validationAccuracy)),
  };
}

/** Where something happened: one mark an iteration and kind. */
export function chartMarks({ liars, codeChanges }: RegressionHistory): ChartMark[] {
  const at = (kind: ChartMark["kind"], iterations: readonly number[]): ChartMark[] =>
    [...new Set(iterations)].map((iteration) => ({ iteration, kind }));
  const lies = liars.map(({ iteration }) => iteration + 1);
  const changes = codeChanges.map(({ iteration }) => iteration);
  return [...at("liar", lies), ...at("code", changes)].sort((a, b) => a.iteration - b.iteration);
}

export function hasHeldOut({ heldOut }: ChartData): boolean {
  return heldOut.some((value) => value !== null);
}

/** Lowest and highest of what is drawn, with some air; a single level gets room around it. */
export function rangeOf({ trained, heldOut }: ChartData, least: number, most: number): [number, number] {
  const values = [...trained, ...heldOut].filter((value) => value !== null);
  if (values.length === 0) return [0, 1];
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const air = high > low ? (high - low) * 0.08 : Math.max(Math.abs(high) * 0.1, 0.01);
  return [Math.max(least, low - air), Math.min(most, high + air)];
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
