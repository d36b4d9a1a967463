import type { RandomSource } from "../random/random.ts";

/**
 * Moves the `count` items with the smallest keys to the front, in no order (Hoare's quickselect with random pivots:
 * linear on average, whatever the input; equal keys on both sides of a pivot keep the parts balanced).
 *
 * @param items numbers that index `keys`; reordered in place
 * @example
 * const items = Uint32Array.of(0, 1, 2, 3);
 * selectSmallest(items, Float64Array.of(7, 1, 9, 2), 2, simulationRandom(1));
 * [...items.subarray(0, 2)].sort() // -> [1, 3]
 */
export function selectSmallest(items: Uint32Array, keys: Float64Array, count: number, random: RandomSource): void {
  let [from, to] = [0, items.length - 1];
  while (from < to) {
    const pivot = keys[items[from + random.integer(to - from + 1)]!]!;
    let [low, high] = [from, to];
    while (low <= high) {
      while (keys[items[low]!]! < pivot) low++;
      while (keys[items[high]!]! > pivot) high--;
      if (low > high) break;
      const held = items[low]!;
      items[low++] = items[high]!;
      items[high--] = held;
    }
    // Now items up to `high` are <= pivot, those from `low` on are >= pivot, and any between equal it.
    if (count <= high) to = high;
    else if (count > low) from = low;
    else return;
  }
}
