/** How long answers took, counted in bins of equal ratio: response times of a crowd spread over orders of magnitude. Pure. */
export interface LatencyBin {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

/** So many bins double the time: about 1.19 each. */
const BINS_PER_DOUBLING = 4;
const BINS_MAX = 40;

/** @param sorted ms, ascending. @returns neighbouring bins from the fastest to the slowest; none where there is no time */
export function latencyBins(sorted: readonly number[]): LatencyBin[] {
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return [];
  const placeOf = (ms: number, perDoubling: number) => Math.floor(Math.log2(Math.max(1, ms)) * perDoubling);
  let perDoubling = BINS_PER_DOUBLING;
  while (perDoubling > 1 && placeOf(last, perDoubling) - placeOf(first, perDoubling) >= BINS_MAX) perDoubling /= 2;
  const lowest = placeOf(first, perDoubling);
  const edge = (place: number) => 2 ** (place / perDoubling);
  const counts = Array<number>(placeOf(last, perDoubling) - lowest + 1).fill(0);
  for (const ms of sorted) counts[placeOf(ms, perDoubling) - lowest]!++;
  return counts.map((count, i) => ({ fromMs: edge(lowest + i), toMs: edge(lowest + i + 1), count }));
}
