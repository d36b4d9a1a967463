/** @param descending what is ranked by, the most first @returns the rank of each, from 1 on; equals share the better one */
export function ranksOf(descending: readonly number[]): number[] {
  let rank = 0;
  return descending.map((value, i) => {
    if (i === 0 || descending[i - 1] !== value) rank = i + 1;
    return rank;
  });
}
