/** Does a row that lies within tolerance of the model's own have its label too? A label hangs on the difference of two numbers. */

/**
 * The tolerance below which the label of this row is certain: whatever row it stands for, as long as the two agree within less than
 * that (rowAgrees), the largest number of both is at the same place.
 *
 * The tolerance is the max norm of the difference, as a share of the rms of the *expected* row. Be g this row, e the expected one, and
 * |e - g| <= d in each number, d = t rms(e). The label can change only where two numbers change their order, and each moves by d at
 * most: a margin m (largest less second largest of g) above 2 d rules that out. rms(e) is not known to whoever has g alone, but
 * rms(e) <= rms(g) + rms(e - g) <= rms(g) + d, so d <= t rms(g) / (1 - t). Hence no deviation within t flips the label where
 *
 *     m > 2 t / (1 - t) rms(g), which is t < m / (m + 2 rms(g))
 *
 * @param row one number a label
 * @returns 0..1; 0 for a tie and for what is not finite, 1 for a single label
 * @throws RangeError where the row is empty
 * @example labelTolerance([0, 0, 3]) // -> 0.4641016151377546
 * @example labelTolerance([2, 2]) // -> 0
 */
export function labelTolerance(row: ArrayLike<number>): number {
  if (row.length === 0) throw new RangeError("labelTolerance: expected a row of numbers, got an empty one");
  if (row.length === 1) return Number.isFinite(row[0]) ? 1 : 0;
  let [largest, second, squares] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let c = 0; c < row.length; c++) {
    const value = row[c]!;
    squares += value * value;
    if (value > largest) [largest, second] = [value, largest];
    else if (value > second) second = value;
  }
  const margin = largest - second;
  // Not finite, or all of it zeros: nothing is certain.
  return margin > 0 && Number.isFinite(squares) ? margin / (margin + 2 * Math.sqrt(squares / row.length)) : 0;
}
