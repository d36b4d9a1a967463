import type { ScaleFloor } from "../compare-rows.ts";

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
  if (one.length === 0 || one.length !== other.length) {
    throw new RangeError(`pairAgrees: expected two rows of one length, got ${one.length} and ${other.length}`);
  }
  const parts = typeof scaleFloor === "number" ? [{ size: one.length, scaleFloor }] : scaleFloor;
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (size !== one.length)
    throw new RangeError(`pairAgrees: expected parts of ${one.length} numbers in all, got ${size}`);
  const tolerance = Math.max(toleranceOfOne, toleranceOfOther) / 2;
  let start = 0;
  return parts.every((part) => {
    const end = start + part.size;
    const agrees = partsAgree(one, other, start, end, tolerance, part.scaleFloor);
    start = end;
    return agrees;
  });
}

/**
 * For whom a comparison counts as a check: nobody is vouched for by a device coarser than its own.
 * @example countsFor(1e-3, 5e-2) // -> false
 */
export function countsFor(toleranceOwn: number, toleranceOfPartner: number): boolean {
  return toleranceOfPartner <= toleranceOwn;
}

function partsAgree(
  one: ArrayLike<number>,
  other: ArrayLike<number>,
  start: number,
  end: number,
  tolerance: number,
  scaleFloor: number,
): boolean {
  let [squares, otherSquares, largestDifference] = [0, 0, 0];
  for (let c = start; c < end; c++) {
    const [a, b] = [one[c]!, other[c]!];
    if (!Number.isFinite(a) || !Number.isFinite(b)) return false;
    squares += a * a;
    otherSquares += b * b;
    largestDifference = Math.max(largestDifference, Math.abs(a - b));
  }
  const scale = Math.max(Math.sqrt(Math.min(squares, otherSquares) / (end - start)), scaleFloor);
  return largestDifference <= tolerance * scale;
}
