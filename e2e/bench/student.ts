import { betaQuantile } from "../../shared/verify/beta-distribution.ts";

/**
 * The value that a Student t with so many degrees of freedom exceeds with this chance.
 * @param tail above 0, up to .5
 */
export function studentUpper(degrees: number, tail: number): number {
  // P(T > t) = I_x(degrees / 2, 1/2) / 2 with x = degrees / (degrees + t^2).
  const x = betaQuantile({ alpha: degrees / 2, beta: 0.5 }, 2 * tail);
  return Math.sqrt((degrees * (1 - x)) / x);
}
