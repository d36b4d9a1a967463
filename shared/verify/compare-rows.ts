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

/** The same for the known question, which magnifies rounding on purpose: 3e-5 and 4.7e-2 at most; half of all rows above 8e-3. */
export const PROBE_TOLERANCE: Readonly<Record<PrecisionClass, number>> = { float32: 1e-3, float16: 0.2 };

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
 * @throws RangeError where the rows differ in length or are empty
 */
export function rowAgrees(
  expected: ArrayLike<number>,
  got: ArrayLike<number>,
  tolerance: number,
  scaleFloor = 0,
): boolean {
  if (expected.length === 0 || expected.length !== got.length) {
    throw new RangeError(`rowAgrees: expected two rows of one length, got ${expected.length} and ${got.length}`);
  }
  let [squares, largestDifference] = [0, 0];
  for (let c = 0; c < expected.length; c++) {
    const [e, g] = [expected[c]!, got[c]!];
    if (!Number.isFinite(e) || !Number.isFinite(g)) return false;
    squares += e * e;
    largestDifference = Math.max(largestDifference, Math.abs(e - g));
  }
  return largestDifference <= tolerance * Math.max(Math.sqrt(squares / expected.length), scaleFloor);
}
