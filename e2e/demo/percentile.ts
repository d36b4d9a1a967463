/**
 * The nearest-rank percentile: the smallest value that at least this share of the values do not exceed.
 * @param share in (0, 1]
 * @returns null where there are no values
 */
export function percentile(values: readonly number[], share: number): number | null {
  if (!(share > 0 && share <= 1)) throw new RangeError(`percentile: expected a share in (0, 1], got ${share}`);
  const sorted = [...values].sort((a, b) => a - b);
  // 0.95 * 20 is 19.000000000000004 in some orders of operations; a hair less must not be the next rank.
  return sorted[Math.max(0, Math.ceil(share * sorted.length - 1e-9) - 1)] ?? null;
}
