/**
 * Lower end of Wilson's score interval (E. B. Wilson, JASA 1927) for a rate seen as successes / trials; it stays sensible
 * for few trials and for rates near 0 and 1.
 * @param z standard normal quantile; 1.96 leaves 2.5 % of the chance below
 * @returns 0..1; 0 without trials
 * @throws RangeError unless 0 <= successes <= trials
 * @example wilsonLower(90, 100) // -> 0.825633
 */
export function wilsonLower(successes: number, trials: number, z = 1.96): number {
  if (!(successes >= 0 && successes <= trials)) {
    throw new RangeError(`wilsonLower: expected 0 <= successes <= trials, got ${successes} of ${trials}`);
  }
  if (trials === 0) return 0;
  const rate = successes / trials;
  const centre = rate + (z * z) / (2 * trials);
  const spread = z * Math.sqrt((rate * (1 - rate)) / trials + (z * z) / (4 * trials * trials));
  return Math.max(0, (centre - spread) / (1 + (z * z) / trials));
}
