/** Symmetric positive definite systems with two diagonals beside the main one, solved in linear time. */

export interface SymmetricBand {
  /** n entries: (i, i) */
  readonly diagonal: Float64Array;
  /** n entries: (i, i+1); the last is not used */
  readonly next: Float64Array;
  /** n entries: (i, i+2); the last two are not used */
  readonly second: Float64Array;
}

/** A = L D L'. @returns D as `diagonal`; L, whose diagonal is 1, as `next` (i+1, i) and `second` (i+2, i) */
export function factorBanded({ diagonal, next, second }: SymmetricBand): SymmetricBand {
  const d = diagonal.slice();
  const l1 = next.slice();
  const l2 = second.slice();
  for (let i = 0; i < d.length; i++) {
    // Here d[i], l1[i], l2[i] are what is left of row i once earlier rows are eliminated.
    const [toNext, toSecond] = [l1[i]!, l2[i]!];
    l1[i] = toNext / d[i]!;
    l2[i] = toSecond / d[i]!;
    if (i + 1 < d.length) {
      d[i + 1]! -= l1[i]! * toNext;
      l1[i + 1]! -= l1[i]! * toSecond;
    }
    if (i + 2 < d.length) d[i + 2]! -= l2[i]! * toSecond;
  }
  return { diagonal: d, next: l1, second: l2 };
}

/** A x = right, in place. @param factors of factorBanded */
export function solveBanded({ diagonal, next, second }: SymmetricBand, right: Float64Array): void {
  const n = right.length;
  for (let i = 0; i < n; i++) {
    if (i >= 1) right[i]! -= next[i - 1]! * right[i - 1]!;
    if (i >= 2) right[i]! -= second[i - 2]! * right[i - 2]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    right[i]! /= diagonal[i]!;
    if (i + 1 < n) right[i]! -= next[i]! * right[i + 1]!;
    if (i + 2 < n) right[i]! -= second[i]! * right[i + 2]!;
  }
}
