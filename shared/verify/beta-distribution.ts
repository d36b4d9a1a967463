/** The Beta distribution: what is believed of a rate of which few cases were seen. */

export interface Beta {
  readonly alpha: number;
  readonly beta: number;
}

/**
 * The value that the rate is below with this probability, by bisection to 1e-12.
 * @param share 0..1
 * @example betaQuantile({ alpha: 1, beta: 4 }, 0.95) // -> 0.527129
 */
export function betaQuantile({ alpha, beta }: Beta, share: number): number {
  let [low, high] = [0, 1];
  // 40 halvings of the unit interval: 1e-12.
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (betaCumulative(middle, alpha, beta) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Regularized incomplete beta function, by its continued fraction (DLMF 8.17.22), evaluated by Lentz's method.
 * @param x below 0 counts as 0, above 1 as 1
 * @example betaCumulative(0.5, 2, 2) // -> 0.5
 */
export function betaCumulative(x: number, alpha: number, beta: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // It converges fast below the mean; above it the mirror image does.
  if (x > (alpha + 1) / (alpha + beta + 2)) return 1 - betaCumulative(1 - x, beta, alpha);
  const front = Math.exp(
    logGamma(alpha + beta) - logGamma(alpha) - logGamma(beta) + alpha * Math.log(x) + beta * Math.log1p(-x),
  );
  return (front * continuedFraction(x, alpha, beta)) / alpha;
}

function continuedFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const nonZero = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 300; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-12) break;
  }
  return fraction;
}

/**
 * ln Gamma(x) by Lanczos' approximation with g = 7 and nine terms: 15 digits.
 * @param x above 0
 * @example logGamma(5) // -> Math.log(24)
 */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const terms = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  const t = x + 6.5;
  const sum = terms.reduce((total, term, i) => (i === 0 ? term : total + term / (x - 1 + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}
