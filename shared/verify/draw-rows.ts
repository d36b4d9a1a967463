import type { RandomSource } from "../random/random.ts";

/**
 * A uniformly random set of different rows (R. W. Floyd's algorithm: one draw a row, no list of all rows).
 * @param random secret, where the rows are audited
 * @returns drawCount rows in 0..rowCount-1, ascending
 * @throws RangeError unless 0 <= drawCount <= rowCount
 * @example drawRows(simulationRandom(1), 100, 3) // -> [41, 66, 83]
 */
export function drawRows(random: RandomSource, rowCount: number, drawCount: number): number[] {
  if (!Number.isInteger(rowCount) || !Number.isInteger(drawCount) || drawCount < 0 || drawCount > rowCount) {
    throw new RangeError(`drawRows: expected 0..rowCount rows, got ${drawCount} of ${rowCount}`);
  }
  const drawn = new Set<number>();
  for (let last = rowCount - drawCount; last < rowCount; last++) {
    const row = random.integer(last + 1);
    drawn.add(drawn.has(row) ? last : row);
  }
  return [...drawn].sort((a, b) => a - b);
}
