/**
 * The 95 % upper limit of a count whose mean is at most `mean`: the least m with P(count <= m) >= .95 for a Poisson count.
 * What may be seen of n answers, each wrong with the small chance that its bound says, where `mean` is the sum of the bounds.
 *
 * @throws RangeError unless mean is a finite number from 0 on
 */
export function poissonUpperLimit(mean: number, confidence = 0.95): number {
  if (!(mean >= 0 && Number.isFinite(mean))) {
    throw new RangeError(`poissonUpperLimit: expected a mean from 0 on, got ${mean}`);
  }
  // By logarithms: e^-mean is zero in floating point where the mean is large.
  let logTerm = -mean;
  let cumulative = Math.exp(logTerm);
  let count = 0;
  while (cumulative < confidence) {
    count++;
    logTerm += Math.log(mean / count);
    cumulative += Math.exp(logTerm);
  }
  return count;
}
