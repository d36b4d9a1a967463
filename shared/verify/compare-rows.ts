/** When do two computations of the same row count as equal? Back-ends differ by rounding, liars by more. */

/**
 * Largest |difference| that two honest computations of one row may have, as a share of the row's rms, by the class of precision
 * that was measured for a session (float16: storage of activations and weights in half precision, as on some GPUs).
 *
 * `npm run calibrate-tolerance` measures both on the models of the project, four back-ends and parities too: float32 pairs lie at
 * most 1.5e-6 apart, float16 ones 6e-3 (a residual network). The rest is for larger models and other devices.
 */
export const PRECISION_TOLERANCE = { float32: 1e-3, float16: 5e-2 } as const;
export type PrecisionClass = keyof typeof PRECISION_TOLERANCE;

/** What a back-end is for a model. fixed32: it computes in float32, and a standard fixes its arithmetic: no bit differs from device to device. */
export type BackendClass = PrecisionClass | "fixed32";

/** What a job allows each class; a sensitive model's is wider (sensitivity.ts). */
export type Tolerances = Readonly<Record<BackendClass, number>>;
/** Where nobody has measured what a model makes of rounding. */
export const UNMEASURED_TOLERANCES: Tolerances = { ...PRECISION_TOLERANCE, fixed32: PRECISION_TOLERANCE.float32 };

/** The same for probes, whose model magnifies rounding on purpose: measured 3e-5 and 4.7e-2 at most, half of all rows above 8e-3. */
export const PROBE_TOLERANCE: Readonly<Record<PrecisionClass, number>> = { float32: 1e-3, float16: 0.2 };

/**
 * The least scale that differences are measured against. For rows that hold several outputs of a model there is one for each
 * output: one's numbers may be a thousand times as large as another's, and each is compared on its own scale. So may numbers of one output.
 */
export type ScaleFloor = number | readonly OutputPart[] | ChannelGroups;

export interface OutputPart {
  /** Numbers in a row. */
  readonly size: number;
  readonly scaleFloor: number;
}

/** Channels of one output whose numbers are of one size are a group. */
export interface ChannelGroups {
  /** C: of each channel its group. */
  readonly groupOf: Uint16Array;
  /** By group. */
  readonly floors: readonly number[];
}

/**
 * max |expected - got| <= tolerance * max(rms(expected), scaleFloor).
 *
 * That also settles the label: where the margin between the two largest expected outputs exceeds twice this bound, a row
 * within it has its largest output at the same place; where it does not, the expected label is itself within rounding,
 * and either is accepted. So no separate look at the label is needed (the test tries it).
 *
 * An expected row of zeros has rms 0 and is agreed with by zeros alone. A row that holds NaN or an infinity agrees with
 * nothing, on either side.
 *
 * @param scaleFloor of regressions: a number that happens to be near zero is the difference of larger ones, and carries
 *   their rounding
 * @throws RangeError where the rows differ in length or are empty, or the parts of scaleFloor do not cover them
 * @example rowAgrees([1, 10], [1, 10.001], PRECISION_TOLERANCE.float32) // -> true
 */
export function rowAgrees(
  expected: ArrayLike<number>,
  got: ArrayLike<number>,
  tolerance: number,
  scaleFloor: ScaleFloor = 0,
): boolean {
  return rowDeviation(expected, got, scaleFloor) <= tolerance;
}

/**
 * How far two rows lie apart: max |expected - got| / max(rms(expected), scaleFloor), of rows with several outputs the largest of theirs.
 *
 * @returns 0 where they are the same; Infinity where one holds NaN or an infinity, or where something differs from zeros
 * @throws RangeError where the rows differ in length or are empty, or the parts of scaleFloor do not cover them
 * @example rowDeviation([1, 1], [1, 1.5]) // -> 0.5
 */
export function rowDeviation(expected: ArrayLike<number>, got: ArrayLike<number>, scaleFloor: ScaleFloor = 0): number {
  if (expected.length === 0 || expected.length !== got.length) {
    throw new RangeError(`rows: expected two rows of one length, got ${expected.length} and ${got.length}`);
  }
  if (typeof scaleFloor === "number") return partDeviation(expected, got, 0, expected.length, scaleFloor);
  if ("groupOf" in scaleFloor) return groupsDeviation(expected, got, scaleFloor);
  const size = scaleFloor.reduce((sum, part) => sum + part.size, 0);
  if (size !== expected.length) {
    throw new RangeError(`rows: expected parts of ${expected.length} numbers in all, got ${size}`);
  }
  let start = 0;
  let largest = 0;
  for (const part of scaleFloor) {
    const end = start + part.size;
    largest = Math.max(largest, partDeviation(expected, got, start, end, part.scaleFloor));
    start = end;
  }
  return largest;
}

function groupsDeviation(
  expected: ArrayLike<number>,
  got: ArrayLike<number>,
  { groupOf, floors }: ChannelGroups,
): number {
  if (groupOf.length !== expected.length) {
    throw new RangeError(`rows: expected groups of ${expected.length} numbers, got ${groupOf.length}`);
  }
  const [squares, sizes, largest] = [floors.map(() => 0), floors.map(() => 0), floors.map(() => 0)];
  for (let c = 0; c < expected.length; c++) {
    const [e, g, group] = [expected[c]!, got[c]!, groupOf[c]!];
    if (!Number.isFinite(e) || !Number.isFinite(g)) return Number.POSITIVE_INFINITY;
    squares[group]! += e * e;
    sizes[group]!++;
    largest[group] = Math.max(largest[group]!, Math.abs(e - g));
  }
  return Math.max(
    ...largest.map((difference, group) => {
      if (difference === 0) return 0;
      return difference / Math.max(Math.sqrt(squares[group]! / sizes[group]!), floors[group]!);
    }),
  );
}

function partDeviation(
  expected: ArrayLike<number>,
  got: ArrayLike<number>,
  start: number,
  end: number,
  scaleFloor: number,
): number {
  let [squares, largestDifference] = [0, 0];
  for (let c = start; c < end; c++) {
    const [e, g] = [expected[c]!, got[c]!];
    if (!Number.isFinite(e) || !Number.isFinite(g)) return Number.POSITIVE_INFINITY;
    squares += e * e;
    largestDifference = Math.max(largestDifference, Math.abs(e - g));
  }
  if (largestDifference === 0) return 0;
  return largestDifference / Math.max(Math.sqrt(squares / (end - start)), scaleFloor);
}

/**
 * Is no number another? Zeros of either sign are one number; what is no number is like nothing.
 * @throws RangeError where the rows differ in length
 * @example isSameRow([1, 0], [1, -0]) // -> true
 */
export function isSameRow(one: ArrayLike<number>, other: ArrayLike<number>): boolean {
  return isWithinEach(one, other, null);
}

/**
 * Does no number differ by more than is allowed in its place?
 * @param allowed one for each number; null: none may differ
 * @throws RangeError where the rows differ in length
 * @example isWithinEach([1, 2], [1.5, 2], [0.5, 0]) // -> true
 */
export function isWithinEach(
  one: ArrayLike<number>,
  other: ArrayLike<number>,
  allowed: ArrayLike<number> | null,
): boolean {
  if (one.length !== other.length) {
    throw new RangeError(`rows: expected two rows of one length, got ${one.length} and ${other.length}`);
  }
  for (let c = 0; c < one.length; c++) {
    const [a, b] = [one[c]!, other[c]!];
    if (a !== b && !(Math.abs(a - b) <= (allowed?.[c] ?? 0))) return false;
  }
  return true;
}
