/**
 * Quantiles by nearest rank, the one rule of this project: the smallest value that at least `share` of the values do not exceed.
 * A quantile is always one of the values; the median of an even count is the lower one of the middle two.
 */

/** @returns null of nothing @throws RangeError where the share is not in [0, 1] */
export function quantile(values: readonly number[], share: number): number | null {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`quantile: expected a share in [0, 1], got ${share}`);
  const sorted = Float64Array.from(values).sort();
  return sorted[rankOf(sorted.length, share)] ?? null;
}

/** @returns null of nothing */
export function median(values: readonly number[]): number | null {
  return quantile(values, 0.5);
}

/** As quantile, for whoever knows that there are values. @throws RangeError where there are none */
export function quantileOfSome(values: readonly number[], share: number): number {
  const value = quantile(values, share);
  if (value === null) throw new RangeError("quantile: expected at least one value, got none");
  return value;
}

/** @throws RangeError of nothing */
export function medianOfSome(values: readonly number[]): number {
  return quantileOfSome(values, 0.5);
}

/**
 * The other rule: of an even count the upper one of the middle two. Only where published figures, or decisions that replayed
 * logs hold, were made with it. @returns null of nothing
 */
export function upperMedian(values: readonly number[]): number | null {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

/** The hair keeps the rank where a product such as 0.55 * 100 = 55.000000000000007 is meant to be whole. */
function rankOf(count: number, share: number): number {
  return Math.min(count - 1, Math.max(0, Math.ceil(share * count - 1e-9) - 1));
}
