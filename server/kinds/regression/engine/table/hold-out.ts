/** Which rows are trained on and which are held out to measure with: drawn by a seed, and each class is still trained on. */
import { shuffle, simulationRandom } from "../../../../../shared/random/simulation-random.ts";

export interface RowSplit {
  /** Both lists are in the order of the upload. */
  readonly trained: Uint32Array;
  readonly heldOut: Uint32Array;
}

/** How many are held out. @param classes different labels; 0: labels are numbers */
export function heldOutCount(rows: number, share: number, classes: number): number {
  return Math.max(0, Math.min(Math.floor(rows * share), rows - Math.max(1, classes)));
}

/** @param classOf that of each row; null: labels are numbers */
export function drawHeldOut(rows: number, share: number, seed: number, classOf: ArrayLike<number> | null): RowSplit {
  const order = shuffle(
    Uint32Array.from({ length: rows }, (_, row) => row),
    simulationRandom(seed),
  );
  const left = new Map<number, number>();
  for (let row = 0; classOf !== null && row < rows; row++) left.set(classOf[row]!, (left.get(classOf[row]!) ?? 0) + 1);
  const wanted = heldOutCount(rows, share, left.size);
  const isHeldOut = new Uint8Array(rows);
  let taken = 0;
  for (const row of order) {
    if (taken === wanted) break;
    const own = classOf === null ? Number.POSITIVE_INFINITY : left.get(classOf[row]!)!;
    if (own <= 1) continue;
    if (classOf !== null) left.set(classOf[row]!, own - 1);
    isHeldOut[row] = 1;
    taken++;
  }
  const all = Array.from({ length: rows }, (_, row) => row);
  return {
    trained: Uint32Array.from(all.filter((row) => isHeldOut[row] === 0)),
    heldOut: Uint32Array.from(all.filter((row) => isHeldOut[row] === 1)),
  };
}
