/** Rates of which few cases were seen: Beta posteriors and draws from them. */
import { normal } from "../../../../shared/random/draws.ts";
import type { RandomSource } from "../../../../shared/random/random.ts";
import type { Beta } from "../../../../shared/verify/beta-distribution.ts";

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
