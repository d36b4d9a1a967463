/**
 * Quantiles by nearest rank, the one rule of this project: the smallest value that at least `share` of the values do not exceed.
 * A quantile is always one of the values; the median of an even count is the lower one of the middle two.
 */

/** @returns null of nothing @throws RangeError where the share is not in [0, 1] */
export function quantile(values: readonly number[], share: number): number | null {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`quantile: expected a share in [0, 1], got ${share}`);
  return values.length === 0 ? null : valueAt(values, rankOf(values.length, share));
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
  return values.length === 0 ? null : valueAt(values, Math.floor(values.length / 2));
}

/** The value that would stand there if they were sorted: the part that it is in is split until one is left (Hoare's selection). A sort takes four times as long. */
function valueAt(values: readonly number[], rank: number): number {
  const rest = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // Their order is that of sort: what is no number comes last, and -0 before 0.
    if (Number.isNaN(value) || Object.is(value, -0)) return Float64Array.from(values).sort()[rank]!;
    rest[i] = value;
  }
  for (let [first, last] = [0, rest.length - 1]; first < last; ) {
    const pivot = middleOf(rest[first]!, rest[(first + last) >> 1]!, rest[last]!);
    let [low, high] = [first, last];
    while (low <= high) {
      while (rest[low]! < pivot) low++;
      while (rest[high]! > pivot) high--;
      if (low > high) break;
      const swapped = rest[low]!;
      rest[low++] = rest[high]!;
      rest[high--] = swapped;
    }
    if (rank <= high) last = high;
    else if (rank >= low) first = low;
    else return rest[rank]!;
  }
  return rest[rank]!;
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

/** The hair keeps the rank where a product such as 0.55 * 100 = 55.000000000000007 is meant to be whole. */
function rankOf(count: number, share: number): number {
  return Math.min(count - 1, Math.max(0, Math.ceil(share * count - 1e-9) - 1));
}
