const THETAS = [0.25, 0.5, 1, 2, 4];

/**
 * With chance 1 - alpha, at all times at once, no more lies were told than this, whoever told them and whatever they had seen: each
 * of them was found with chance q at least (Ville's inequality on exp(-theta D) (1 - q (1 - e^-theta))^-W, six thetas, one of them
 * infinite). With the share of anchors as q nothing is assumed about coalitions.
 *
 * @param named D
 * @param catchChance q, above 0 and below 1
 * @param risk alpha
 * @returns the limit of W; not a whole number
 * @example liesToldLimit(0, 0.0005, 0.05) // -> 9572.59
 */
export function liesToldLimit(named: number, catchChance: number, risk = 0.05): number {
  const logRisk = Math.log((THETAS.length + 1) / risk);
  const ofTheta = (theta: number) => (theta * named + logRisk) / -Math.log1p(-catchChance * (1 - Math.exp(-theta)));
  // Theta may only be infinite where nobody was named.
  const limits = [...THETAS.map(ofTheta), named === 0 ? logRisk / -Math.log1p(-catchChance) : Number.POSITIVE_INFINITY];
  return Math.min(...limits);
}
