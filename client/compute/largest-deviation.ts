/**
 * How far outputs lie from what was expected: the largest over all rows of max|difference| / rms(expected row).
 *
 * @param outputs  rowCount x outputSize, row-major
 * @param expected of the same shape
 * @returns Infinity where shapes differ, anything is not finite, or a row of zeros is not met exactly
 */
export function largestDeviation(outputs: Float32Array, expected: Float32Array, rowCount: number): number {
  if (outputs.length !== expected.length || rowCount < 1 || expected.length % rowCount !== 0) return Infinity;
  const outputSize = expected.length / rowCount;
  let largest = 0;
  for (let row = 0; row < rowCount; row++) {
    let squares = 0;
    let difference = 0;
    for (let i = row * outputSize; i < (row + 1) * outputSize; i++) {
      if (!Number.isFinite(outputs[i]!)) return Infinity;
      squares += expected[i]! ** 2;
      difference = Math.max(difference, Math.abs(outputs[i]! - expected[i]!));
    }
    if (difference > 0) largest = Math.max(largest, difference / Math.sqrt(squares / outputSize));
  }
  return largest;
}
