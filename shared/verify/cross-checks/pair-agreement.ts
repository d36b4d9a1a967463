import { rowDeviation, type ScaleFloor } from "../compare-rows.ts";

/**
 * Do the rows of two volunteers agree? Each may lie its own tolerance from the model, on either side, but honest ones lie far inside:
 * half of the coarser tolerance, on the smaller of the two scales. Where they do not agree the trusted side computes the row, so that
 * a narrow limit costs rows and names nobody.
 *
 * @param scaleFloor as in rowAgrees: the least scale, or one for each output of a row that holds several
 * @returns false where either row holds a number that is not finite
 * @throws RangeError where the rows differ in length or are empty, or the parts do not cover them
 * @example pairAgrees([1000, 0.3], [1000, 0], 1e-3, 1e-3) // -> true
 */
export function pairAgrees(
  one: ArrayLike<number>,
  other: ArrayLike<number>,
  toleranceOfOne: number,
  toleranceOfOther: number,
  scaleFloor: ScaleFloor = 0,
): boolean {
  const deviation = Math.max(rowDeviation(one, other, scaleFloor), rowDeviation(other, one, scaleFloor));
  return deviation <= Math.max(toleranceOfOne, toleranceOfOther) / 2;
}

/**
 * For whom a comparison counts as a check: nobody is vouched for by a device coarser than its own.
 * @example countsFor(1e-3, 5e-2) // -> false
 */
export function countsFor(toleranceOwn: number, toleranceOfPartner: number): boolean {
  return toleranceOfPartner <= toleranceOwn;
}
