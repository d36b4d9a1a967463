/**
 * X as residues, once for the whole job. Each feature (column) has a scale a_j of its own, so that features of any size keep
 * the same relative precision: xq_ij = floor(x_ij a_j + 1/2). Products undo it: w_j / a_j goes out, g_j / a_j comes back.
 * Where xq has more bits than the field's sums bear, it is cut into limbs (rounding.ts).
 */
import { MODULUS, residueOf } from "../../../../shared/field/modulus.ts";
import type { Rounding } from "./rounding.ts";
import { type Columns, type FeatureSource, surveyColumns } from "./survey.ts";

/** Steps of a column's largest entry in jobs that know no rounding of their own: those of before. */
const STEPS_BEFORE = 1_023;

export interface QuantizedFeatures {
  readonly rows: number;
  readonly columns: number;
  /** Limbs of each feature; limb l counts 2^(l limbBits). */
  readonly limbs: number;
  readonly limbBits: number;
  /** limbs x rows x columns residues, the lowest limb first */
  readonly matrix: Uint32Array;
  /** a_j: steps a unit, one a column */
  readonly scales: Float64Array;
  /** Columns that are the same number in every row: an intercept, or of no use. */
  readonly constantColumns: readonly number[];
}

/**
 * @param rounding null: as jobs of before were rounded
 * @throws DataError where a value is not finite (row and column are named) or the shape is not the values'
 */
export function quantizeFeatures(source: FeatureSource, rounding: Rounding | null): QuantizedFeatures {
  const { rows, columns, inputScale } = source;
  const survey = surveyColumns(source);
  const scales = scalesOf(survey, inputScale, rounding);
  // Multiplying a whole number by its own inverse scale could be off by a hair; so raw values are scaled, not x.
  const steps = scales.map((scale) => scale * inputScale);
  const { limbs, limbBits } =
    rounding === null ? { limbs: 1, limbBits: 0 } : { limbs: rounding.featureLimbs, limbBits: rounding.limbBits };
  const matrix = limbs === 1 ? whole(source, steps) : inLimbs(source, steps, limbs, limbBits);
  return { rows, columns, limbs, limbBits, matrix, scales, constantColumns: survey.constantColumns };
}

/**
 * Whole numbers are taken times a power of two, so that weights of all columns go out in numbers of like size: what is small
 * beside others loses its bits.
 */
function scalesOf({ peaks, ranges, isExact }: Columns, inputScale: number, rounding: Rounding | null): Float64Array {
  const isAllExact = isExact.every((one) => one === 1);
  const most = isAllExact ? peaks.reduce((a, b) => Math.max(a, b), 0) : 2 ** (rounding?.featureBits ?? 0) - 1;
  return ranges.map((range, j) => {
    const peak = peaks[j]!;
    if (isExact[j] === 1) {
      const isSmall = rounding !== null && peak >= 1 && peak < most;
      return (isSmall ? 2 ** Math.floor(Math.log2(most / peak)) : 1) / inputScale;
    }
    return (rounding === null ? STEPS_BEFORE / peak : most / range) / inputScale;
  });
}

function whole({ values, rows, columns }: FeatureSource, steps: Float64Array): Uint32Array {
  const matrix = new Uint32Array(values.length);
  for (let i = 0, r = 0; r < rows; r++) {
    for (let j = 0; j < columns; j++, i++) {
      matrix[i] = residueOf(Math.floor(values[i]! * steps[j]! + 0.5), MODULUS);
    }
  }
  return matrix;
}

/** Every limb but the highest lies in +-2^(limbBits-1), so that its norm is small too. */
function inLimbs(
  { values, rows, columns }: FeatureSource,
  steps: Float64Array,
  limbs: number,
  limbBits: number,
): Uint32Array {
  const size = values.length;
  const matrix = new Uint32Array(limbs * size);
  const base = 2 ** limbBits;
  for (let i = 0, r = 0; r < rows; r++) {
    for (let j = 0; j < columns; j++, i++) {
      let rest = Math.floor(values[i]! * steps[j]! + 0.5);
      for (let limb = 0; limb < limbs - 1; limb++) {
        const higher = Math.floor(rest / base + 0.5);
        matrix[limb * size + i] = residueOf(rest - higher * base, MODULUS);
        rest = higher;
      }
      matrix[(limbs - 1) * size + i] = residueOf(rest, MODULUS);
    }
  }
  return matrix;
}

/**
 * A product of the limbs, limbs x rows of a matrix times a vector, as that of the features.
 * @param product limbs x length numbers
 */
export function joinLimbs(product: Float64Array, limbs: number, limbBits: number): Float64Array {
  if (limbs === 1) return product;
  const length = product.length / limbs;
  const joined = product.slice(0, length);
  for (let limb = 1; limb < limbs; limb++) {
    const unit = 2 ** (limb * limbBits);
    for (let i = 0; i < length; i++) joined[i]! += unit * product[limb * length + i]!;
  }
  return joined;
}
