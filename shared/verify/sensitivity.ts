/**
 * How much a model makes of rounding, and what that means for whoever is to be told from a liar.
 *
 * Honest machines round differently: each number that they add may be off by 2^-24 of itself. A model that makes a thousandth or more of
 * a row out of that gives honest machines different answers, and no comparison with one of them says anything of another.
 */
import { PRECISION_TOLERANCE, type PrecisionClass, type Tolerances } from "./compare-rows.ts";

/** The largest relative error of rounding one number, by where it is stored: half a unit in the last place. */
export const ROUNDING: Readonly<Record<PrecisionClass, number>> = { float32: 2 ** -24, float16: 2 ** -11 };

/**
 * A job's rows are compared within so many times the largest deviation that was seen when it was submitted, at least within
 * PRECISION_TOLERANCE: of four hundred rows the worst lies up to 5 times further apart than the worst of sixteen, and back-ends that
 * were not tried round otherwise than those that were.
 */
export const TOLERANCE_MARGIN = 64;
/** Of half precision, whose tolerance is fixed: rows that were not tried make up to so many times more of rounding than those that were. */
const HALF_PRECISION_MARGIN = 5;
/**
 * Back-ends whose arithmetic is fixed are compared within TOLERANCE_MARGIN of the deviation alone, at least within that: twenty times the largest
 * difference of two float32 back-ends on the models of the project (PRECISION_TOLERANCE).
 */
export const TOLERANCE_FIXED_MIN = 3e-5;
/** Wider than that a comparison would let lies pass that change answers: such a model is not checked at all. */
export const TOLERANCE_FLOAT32_MAX = 1e-2;

/** Whatever lies further apart has nothing to do with each other; no infinity goes into a record. */
export const DEVIATION_MAX = 1e6;

/** What was measured on rows of a job's own queries. */
export interface Sensitivity {
  /** Rows that were computed on inputs one unit in the last place apart. */
  readonly rows: number;
  /** Rows that were computed on the second implementation too. */
  readonly rowsOnSecond: number;
  /** The largest share of a row's size by which the one or the other changed it. */
  readonly deviation: number;
}

/**
 * The largest relative change of outputs over the shift of inputs, 2^-24: what becomes of a rounding error on the way.
 * @example amplification({ rows: 16, rowsOnSecond: 16, deviation: 2 ** -20 }) // -> 16
 */
export function amplification({ deviation }: Sensitivity): number {
  return deviation / ROUNDING.float32;
}

/**
 * @returns what rows are compared within; null: honest answers cannot be told from lies
 * @example tolerancesFor({ rows: 16, rowsOnSecond: 16, deviation: 1e-6 }) // -> { fixed32: 0.000064, float32: 0.001, float16: 0.05 }
 */
export function tolerancesFor({ deviation }: Sensitivity): Tolerances | null {
  const ofDeviation = TOLERANCE_MARGIN * deviation;
  const float32 = Math.max(PRECISION_TOLERANCE.float32, ofDeviation);
  if (!(float32 <= TOLERANCE_FLOAT32_MAX)) return null;
  return { fixed32: Math.max(TOLERANCE_FIXED_MIN, ofDeviation), float32, float16: PRECISION_TOLERANCE.float16 };
}

/**
 * Is what the model makes of half-precision rounding, 2^-11, within what such devices are allowed, in rows that were not tried too?
 * @example standsHalfPrecision({ rows: 16, rowsOnSecond: 16, deviation: 1e-6 }) // -> true
 */
export function standsHalfPrecision(sensitivity: Sensitivity): boolean {
  return HALF_PRECISION_MARGIN * amplification(sensitivity) * ROUNDING.float16 <= PRECISION_TOLERANCE.float16;
}

/**
 * For people.
 * @example shareInWords(0.17) // -> "17 %"
 */
export function shareInWords(share: number): string {
  return share >= DEVIATION_MAX ? "any multiple" : `${Number((100 * share).toPrecision(2))} %`;
}

/**
 * Each number one unit in the last place up or down. Zeros stay, and the largest numbers do not become infinite.
 * @param isUp asked once for each number, in order
 * @example oneUnitApart(Float32Array.of(1, 0), () => true) // -> [1 + 2 ** -23, 0]
 */
export function oneUnitApart(rows: Float32Array, isUp: () => boolean): Float32Array<ArrayBuffer> {
  const shifted = Float32Array.from(rows);
  const words = new Int32Array(shifted.buffer);
  for (let i = 0; i < words.length; i++) {
    // The words of floats of one sign are in the order of their sizes: the next word is the next size.
    const isLarger = isUp();
    if (rows[i] === 0) continue;
    words[i]! += isLarger && Math.abs(rows[i]!) < FLOAT32_MAX ? 1 : -1;
  }
  return shifted;
}

/**
 * Each number changed by the largest relative error of rounding it so.
 * @param isUp as oneUnitApart
 * @example roundedApart(Float32Array.of(1), "float16", () => true) // -> [1 + 2 ** -11]
 */
export function roundedApart(
  rows: Float32Array,
  precision: PrecisionClass,
  isUp: () => boolean,
): Float32Array<ArrayBuffer> {
  return Float32Array.from(rows, (number) => number * (1 + (isUp() ? 1 : -1) * ROUNDING[precision]));
}

const FLOAT32_MAX = (2 - 2 ** -23) * 2 ** 127;
