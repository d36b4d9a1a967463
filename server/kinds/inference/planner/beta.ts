/** Rates of which few cases were seen: Beta posteriors, their points and draws from them. */
import { normal } from "../../../../shared/random/draws.ts";
import type { RandomSource } from "../../../../shared/random/random.ts";

export interface Beta {
  readonly alpha: number;
  readonly beta: number;
}

/** @param prior what is assumed before anything is seen: alpha cases in alpha + beta */
export function posterior(prior: Beta, seen: number, outOf: number): Beta {
  if (!(seen >= 0 && outOf >= seen))
    throw new RangeError(`posterior: expected 0 <= seen <= outOf, got ${seen}, ${outOf}`);
  return { alpha: prior.alpha + seen, beta: prior.beta + outOf - seen };
}

export function betaMean({ alpha, beta }: Beta): number {
  return alpha / (alpha + beta);
}

/** As a quotient of two gamma deviates. */
export function drawBeta(random: RandomSource, { alpha, beta }: Beta): number {
  const [a, b] = [drawGamma(random, alpha), drawGamma(random, beta)];
  return a + b === 0 ? 0 : a / (a + b);
}

/** Marsaglia and Tsang, "A simple method for generating gamma variables", 2000; shapes below 1 by a power of a uniform. */
function drawGamma(random: RandomSource, shape: number): number {
  if (shape < 1) return drawGamma(random, shape + 1) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** The value that the rate is below with this probability, by bisection. @param share 0..1 */
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

/** Regularized incomplete beta function, by its continued fraction (DLMF 8.17.22), evaluated by Lentz's method. */
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

/** Lanczos' approximation with g = 7 and nine terms: 15 digits. */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const terms = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  const t = x + 6.5;
  const sum = terms.reduce((total, term, i) => (i === 0 ? term : total + term / (x - 1 + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}
