/** Liars of a simulated crowd: which tabs they are, and rows of a batch of which they say something else. */
import type { RandomSource } from "../../shared/random/random.ts";
import { shuffle } from "../../shared/random/simulation-random.ts";
import type { HonestBatch } from "./tab-faults.ts";

/** @returns so many of the tabs 0..tabs-1, in the order in which they were drawn */
export function drawLiars(tabs: number, count: number, random: RandomSource): number[] {
  return shuffle([...Array(tabs).keys()], random).slice(0, count);
}

/**
 * @param isChosen is asked of each row in turn, 0..rowCount-1
 * @param said in place of a row's outputs, as many numbers
 * @returns rowCount x outputSize; null where no row was chosen
 */
export function changedRows(
  { outputs, rowCount, outputSize }: HonestBatch,
  isChosen: (row: number) => boolean,
  said: (honest: Float32Array) => ArrayLike<number>,
): Float32Array | null {
  let changed: Float32Array | null = null;
  for (let row = 0; row < rowCount; row++) {
    if (!isChosen(row)) continue;
    changed ??= outputs.slice();
    changed.set(said(outputs.subarray(row * outputSize, (row + 1) * outputSize)), row * outputSize);
  }
  return changed;
}
