import { studentUpper } from "./student.ts";

/** The whole table is to hold with this confidence. */
const CONFIDENCE = 0.95;

/** Of one seed. */
export interface WrongOfSeed {
  readonly wrongFinal: number;
  /** Stated bounds of all final answers, added up. */
  readonly boundSum: number;
}

/**
 * Wrong answers come in clumps by identity, so that seeds are counted and not answers: mean bound + t s / sqrt(n) of the excesses.
 * @param rowCount of the table: each row has its part of the risk that any of them is called above by chance
 * @returns null: one seed says nothing
 */
export function limitOverSeeds(tallies: readonly WrongOfSeed[], rowCount: number): number | null {
  const boundSum = tallies.reduce((sum, tally) => sum + tally.boundSum, 0) / tallies.length;
  const count = tallies.length;
  if (count < 2) return null;
  const excesses = tallies.map((tally) => tally.wrongFinal - tally.boundSum);
  const mean = excesses.reduce((sum, excess) => sum + excess, 0) / count;
  const variance = excesses.reduce((sum, excess) => sum + (excess - mean) ** 2, 0) / (count - 1);
  return boundSum + studentUpper(count - 1, (1 - CONFIDENCE) / rowCount) * Math.sqrt(variance / count);
}
