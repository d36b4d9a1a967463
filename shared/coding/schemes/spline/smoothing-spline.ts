/**
 * Natural cubic smoothing splines as matrices:
 *
 *     u = argmin  sum_i (u(t_i) - y_i)^2 + smoothing * integral u''(t)^2 dt
 *
 * is linear in y, so values at any points are a matrix times y. Reinsch's algorithm, as P. J. Green and B. W. Silverman,
 * "Nonparametric Regression and Generalized Linear Models" (1994), section 2.3.3, have it: with weights w, values g and
 * second derivatives c at the m different knots,
 *
 *     (R + smoothing * Q' W^-1 Q) c = Q' y,      g = y - smoothing * W^-1 Q c,
 *
 * Q (m x (m-2)) second divided differences, R tridiagonal. One banded solve for each row of the matrix: O(m).
 */
import { CodingError } from "../../coding-error.ts";

/**
 * The weights with which values at `knots` are combined into values of the smoothing spline at `evaluateAt`.
 *
 * One knot gives a constant, two a straight line, whatever the smoothing; beyond the outermost knots the spline goes on as
 * a straight line. A knot that comes several times counts as often; its weight is the same for each of its values.
 *
 * @param knots at least one, in any order
 * @param smoothing 0 (interpolates) to any finite number (its limit: the least-squares line). Not divided by the number of
 *   knots: the lambda of LeTCC (arXiv 2406.00300) is smoothing / |knots|.
 * @returns |evaluateAt| x |knots|, row-major; each row sums to 1
 * @throws CodingError where there is no knot, a point is not finite, smoothing is negative or not finite, or smoothing is 0
 *   and a knot is repeated
 * @example smoothingSplineMatrix([0.25], [0, 1], 0) // -> [0.75, 0.25]
 */
export function smoothingSplineMatrix(
  evaluateAt: ArrayLike<number>,
  knots: ArrayLike<number>,
  smoothing: number,
): Float64Array {
  if (!(smoothing >= 0 && Number.isFinite(smoothing))) {
    throw new CodingError(`smoothingSplineMatrix: expected a smoothing from 0 on, got ${smoothing}`);
  }
  const merged = mergedKnots(knots, smoothing);
  const spline = factored(merged, smoothing);
  const matrix = new Float64Array(evaluateAt.length * knots.length);
  for (let r = 0; r < evaluateAt.length; r++) {
    const point = evaluateAt[r]!;
    if (!Number.isFinite(point)) throw new CodingError(`smoothingSplineMatrix: expected finite points, got ${point}`);
    const weights = weightsAt(point, spline);
    merged.placeOf.forEach((place, j) => {
      matrix[r * knots.length + j] = weights[place]! / merged.counts[place]!;
    });
  }
  return matrix;
}

interface MergedKnots {
  /** m different knots, ascending */
  readonly values: Float64Array;
  /** How often each came. */
  readonly counts: Float64Array;
  /** For each knot as it was given its place in `values`. */
  readonly placeOf: Uint32Array;
}

function mergedKnots(knots: ArrayLike<number>, smoothing: number): MergedKnots {
  if (knots.length === 0) throw new CodingError("smoothingSplineMatrix: expected at least one knot, got none");
  const sorted = Array.from({ length: knots.length }, (_, j) => j).sort((a, b) => knots[a]! - knots[b]!);
  const values: number[] = [];
  const counts: number[] = [];
  const placeOf = new Uint32Array(knots.length);
  for (const j of sorted) {
    const knot = knots[j]!;
    if (!Number.isFinite(knot)) throw new CodingError(`smoothingSplineMatrix: expected finite knots, got ${knot}`);
    if (knot === values.at(-1)) {
      if (smoothing === 0) throw new CodingError(`smoothingSplineMatrix: expected different knots, got ${knot} twice`);
      counts[counts.length - 1]! += 1;
    } else {
      values.push(knot);
      counts.push(1);
    }
    placeOf[j] = values.length - 1;
  }
  return { values: Float64Array.from(values), counts: Float64Array.from(counts), placeOf };
}

interface FactoredSpline {
  readonly knots: Float64Array;
  readonly counts: Float64Array;
  /** Gaps between the knots. */
  readonly gaps: Float64Array;
  /** R and smoothing * Q' W^-1 Q are both divided by this, so that no smoothing overflows. */
  readonly scale: number;
  readonly smoothing: number;
  /** L D L' of (R + smoothing * Q' W^-1 Q) / scale */
  readonly band: SymmetricBand;
}

function factored({ values: knots, counts }: MergedKnots, smoothing: number): FactoredSpline {
  const gaps = Float64Array.from({ length: knots.length - 1 }, (_, i) => knots[i + 1]! - knots[i]!);
  const size = Math.max(0, knots.length - 2);
  const scale = Math.max(1, smoothing);
  const roughness = smoothing / scale;
  const band = { diagonal: new Float64Array(size), next: new Float64Array(size), second: new Float64Array(size) };
  for (let i = 0; i < size; i++) {
    const [a, b, c] = differenceAt(gaps, i);
    const [w0, w1, w2] = [counts[i]!, counts[i + 1]!, counts[i + 2]!];
    band.diagonal[i] = (gaps[i]! + gaps[i + 1]!) / 3 / scale + roughness * ((a * a) / w0 + (b * b) / w1 + (c * c) / w2);
    if (i + 1 < size) {
      const [nextA, nextB] = differenceAt(gaps, i + 1);
      band.next[i] = gaps[i + 1]! / 6 / scale + roughness * ((b * nextA) / w1 + (c * nextB) / w2);
    }
    if (i + 2 < size) band.second[i] = roughness * ((c * differenceAt(gaps, i + 2)[0]) / w2);
  }
  return { knots, counts, gaps, scale, smoothing, band: factorBanded(band) };
}

/** Column i of Q: its entries in rows i, i+1 and i+2. */
function differenceAt(gaps: Float64Array, i: number): [number, number, number] {
  const [left, right] = [1 / gaps[i]!, 1 / gaps[i + 1]!];
  return [left, -left - right, right];
}

/**
 * u(point) = values . g + bends . c. With g and c put in, that is (values + Q M^-1 (bends - smoothing Q' W^-1 values)) . y.
 * @returns m entries
 */
function weightsAt(point: number, spline: FactoredSpline): Float64Array {
  const { counts, gaps, scale, smoothing, band } = spline;
  const { values, bends } = functionalAt(point, spline);
  const inner = bends.length - 2;
  if (inner < 1) return values;
  const right = new Float64Array(inner);
  for (let i = 0; i < inner; i++) {
    const [a, b, c] = differenceAt(gaps, i);
    const difference =
      (a * values[i]!) / counts[i]! + (b * values[i + 1]!) / counts[i + 1]! + (c * values[i + 2]!) / counts[i + 2]!;
    right[i] = bends[i + 1]! / scale - (smoothing / scale) * difference;
  }
  solveBanded(band, right);
  const weights = values.slice();
  for (let i = 0; i < inner; i++) {
    const [a, b, c] = differenceAt(gaps, i);
    weights[i]! += a * right[i]!;
    weights[i + 1]! += b * right[i]!;
    weights[i + 2]! += c * right[i]!;
  }
  return weights;
}

/** What the spline's value at a point takes of its values and of its second derivatives at the knots (m entries each). */
function functionalAt(point: number, { knots, gaps }: FactoredSpline): { values: Float64Array; bends: Float64Array } {
  const values = new Float64Array(knots.length);
  const bends = new Float64Array(knots.length);
  const last = knots.length - 1;
  if (last === 0) return { values: values.fill(1), bends };

  let i = 0;
  while (i < last - 1 && point > knots[i + 1]!) i++;
  const gap = gaps[i]!;
  const [before, after] = [(point - knots[i]!) / gap, (knots[i + 1]! - point) / gap];
  values[i] = after;
  values[i + 1] = before;
  if (point < knots[0]!) {
    // The slope at the first knot has no part of the second derivative there, which is 0.
    bends[1] = (-before * gap * gap) / 6;
  } else if (point > knots[last]!) {
    bends[last - 1] = (-after * gap * gap) / 6;
  } else {
    const bend = (-before * after * gap * gap) / 6;
    bends[i] = bend * (1 + after);
    bends[i + 1] = bend * (1 + before);
  }
  return { values, bends };
}

/** Symmetric positive definite systems with two diagonals beside the main one, solved in linear time. */
interface SymmetricBand {
  /** n entries: (i, i) */
  readonly diagonal: Float64Array;
  /** n entries: (i, i+1); the last is not used */
  readonly next: Float64Array;
  /** n entries: (i, i+2); the last two are not used */
  readonly second: Float64Array;
}

/** A = L D L'. @returns D as `diagonal`; L, whose diagonal is 1, as `next` (i+1, i) and `second` (i+2, i) */
function factorBanded({ diagonal, next, second }: SymmetricBand): SymmetricBand {
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
function solveBanded({ diagonal, next, second }: SymmetricBand, right: Float64Array): void {
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
