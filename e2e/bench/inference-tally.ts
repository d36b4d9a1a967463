/** Counts hits, among all answers and among those that are estimates. */
export interface Tally {
  readonly overall: number;
  /** null where nothing was estimated. */
  readonly degraded: number | null;
  /** @param hit 1 for the right label, 0 for a wrong one, a probability for a guess */
  add(hit: number, isDegraded: boolean): void;
}

export function tally(): Tally {
  let [hits, count, degradedHits, degradedCount] = [0, 0, 0, 0];
  return {
    get overall() {
      return hits / count;
    },
    get degraded() {
      return degradedCount === 0 ? null : degradedHits / degradedCount;
    },
    add(hit, isDegraded) {
      hits += hit;
      count++;
      if (!isDegraded) return;
      degradedHits += hit;
      degradedCount++;
    },
  };
}
