/** Bounds from one volunteer's own evidence: docs/verification.md, routes 1 and 3. */

/**
 * Route 1. The chance that a row of this volunteer in this job is wrong and stands: f / ((1-f) e kappa), never more than f. Lies
 * are taken out when their volunteer is named, so that the best it can do is to tell about as many as one check in e finds.
 * @param liarShare f, 0..1: share of liars, by work
 * @param checks kappa of this volunteer in this job
 * @example blockBound(0.2, 92) // -> 0.000999672
 */
export function blockBound(liarShare: number, checks: number): number {
  if (liarShare >= 1) return 1;
  return checks <= 0 ? liarShare : Math.min(liarShare, liarShare / ((1 - liarShare) * Math.E * checks));
}

/**
 * kappa that route 1 needs for a bound: 0 where nobody is that likely a liar, Infinity where everybody is one.
 * @example checksNeeded(1e-3, 0.2) // -> 91.9699
 */
export function checksNeeded(bound: number, liarShare: number): number {
  if (liarShare <= bound) return 0;
  return liarShare >= 1 ? Number.POSITIVE_INFINITY : liarShare / ((1 - liarShare) * Math.E * bound);
}

/**
 * Route 3. A record over ended jobs, against one that waits: what stands in an ended job cannot be taken back, so that one lie a
 * job escapes (1-c)/c times before it is found. Who had to give n right rows first keeps the share at f / ((1-f) (1 + c n)).
 * @param catchChance c: the least chance, by any rule ever in force, that a lie is found
 * @param rowsStanding n: rows of this volunteer that stand in ended jobs
 * @example recordBoundAdaptive(0.2, 0.0267, 9375) // -> 0.000994777
 */
export function recordBoundAdaptive(liarShare: number, catchChance: number, rowsStanding: number): number {
  if (liarShare >= 1) return 1;
  return Math.min(liarShare, liarShare / ((1 - liarShare) * (1 + catchChance * rowsStanding)));
}

/**
 * A row on which m drawn, established, unnamed others agreed: all of them collude with chance beta^m.
 * @example agreedBound(0.009, 1 / 3, 2) // -> 0.001
 */
export function agreedBound(bound: number, colluderShare: number, agreements: number): number {
  return bound * colluderShare ** agreements;
}
