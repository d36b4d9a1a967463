/**
 * X as residues, once for the whole job. Each feature (column) has a scale a_j of its own, so that features of any size keep
 * the same relative precision: xq_ij = floor(x_ij a_j + 1/2). Products undo it: w_j / a_j goes out, g_j / a_j comes back.
 */
import { MODULUS, residueOf } from "../../../../shared/field/modulus.ts";
import { DataError } from "../../../coded/engine/data-error.ts";
import type { NumberTable } from "../../../coded/engine/number-table.ts";

/** A column of whole numbers up to this size is taken as it is, so that counts and pixels are exact. */
const WHOLE_FEATURE_MAX = 4_095;
/** Any other column's largest entry becomes this many steps: finer would leave weights and residuals too few bits. */
const FEATURE_STEPS = 1_023;
/** A column of smaller numbers counts as zero: its scale would leave the range of Float64. */
const PEAK_LEAST = 2 ** -900;

export interface FeatureSource extends NumberTable {
  /** x = value * inputScale */
  readonly inputScale: number;
}

export interface QuantizedFeatures {
  readonly rows: number;
  readonly columns: number;
  /** rows x columns residues */
  readonly matrix: Uint32Array;
  /** a_j: steps a unit, one a column */
  readonly scales: Float64Array;
  /** Columns that are the same number in every row: an intercept, or of no use. */
  readonly constantColumns: readonly number[];
}

/** @throws DataError where a value is not finite (row and column are named) or the shape is not the values' */
export function quantizeFeatures(source: FeatureSource): QuantizedFeatures {
  const { values, rows, columns, inputScale } = source;
  if (values.length !== rows * columns || rows < 1 || columns < 1) {
    throw new DataError(`X: expected rows x columns numbers, got ${values.length} for ${rows} x ${columns}`);
  }
  if (!(inputScale > 0 && Number.isFinite(inputScale))) {
    throw new DataError(`X: expected an input scale above 0, got ${inputScale}`);
  }
  const { peaks, isWhole, isConstant } = survey(source);
  const scales = new Float64Array(columns);
  for (let j = 0; j < columns; j++) {
    const peak = peaks[j]!;
    const isNothing = Math.min(peak, peak * inputScale) < PEAK_LEAST;
    const keepsValues = isNothing || (isWhole[j] === 1 && peak <= WHOLE_FEATURE_MAX);
    scales[j] = (keepsValues ? 1 : FEATURE_STEPS / peak) / inputScale;
  }
  const matrix = new Uint32Array(values.length);
  // Multiplying a whole number by its own inverse scale could be off by a hair; so raw values are scaled, not x.
  const steps = scales.map((scale) => scale * inputScale);
  for (let i = 0, r = 0; r < rows; r++) {
    for (let j = 0; j < columns; j++, i++) {
      matrix[i] = residueOf(Math.floor(values[i]! * steps[j]! + 0.5), MODULUS);
    }
  }
  const constantColumns = Array.from(isConstant.keys()).filter((j) => isConstant[j] === 1);
  return { rows, columns, matrix, scales, constantColumns };
}

function survey({ values, rows, columns }: FeatureSource) {
  const peaks = new Float64Array(columns);
  const isWhole = new Uint8Array(columns).fill(1);
  const isConstant = new Uint8Array(columns).fill(1);
  for (let i = 0, r = 0; r < rows; r++) {
    for (let j = 0; j < columns; j++, i++) {
      const value = values[i]!;
      const size = Math.abs(value);
      // Written so that NaN fails too.
      if (!(size < Number.POSITIVE_INFINITY)) {
        throw new DataError(`X: expected finite numbers, got ${value} in row ${r}, column ${j}`);
      }
      if (size > peaks[j]!) peaks[j] = size;
      if (!Number.isInteger(value)) isWhole[j] = 0;
      if (value !== values[j]) isConstant[j] = 0;
    }
  }
  return { peaks, isWhole, isConstant };
}
