/** What X and y have to be for each other, by their shapes alone. */

/**
 * @returns what is wrong, in words for whoever submits them; null: there is one label a row
 * @example labelsProblem([40, 8], [39]) // -> "expected 40 numbers, one for each row of X, got 39"
 */
export function labelsProblem([rows]: readonly number[], labels: readonly number[]): string | null {
  const isColumn = labels.length === 1 || (labels.length === 2 && labels[1] === 1);
  if (!isColumn) return `expected shape (${rows},), one number for each row of X, got (${labels.join(", ")})`;
  return labels[0] === rows ? null : `expected ${rows} numbers, one for each row of X, got ${labels[0]}`;
}
