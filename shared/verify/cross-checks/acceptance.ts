/** Bounds on all answers of a job together: docs/verification.md, "Certificates". */

/** Beyond, V_j and j differ by less than 1e-30. */
const NAMED_EXACT_MAX = 30;

/**
 * V_j = (1/e) (1/j! + j sum_{i<=j} 1/i!): the most lies, times the chance c that one is found, that a coalition of any size leaves
 * standing on average in answers which are accepted where at most j of its identities were named. .368, 1.104, 2.023, 3.004, then j.
 * @param named j, a whole number from 0 on
 * @example acceptanceConstant(1) // -> 3 / Math.E
 */
export function acceptanceConstant(named: number): number {
  if (named > NAMED_EXACT_MAX) return named;
  let [term, sum] = [1, 1];
  for (let i = 1; i <= named; i++) {
    term /= i;
    sum += term;
  }
  return (term + named * sum) / Math.E;
}

/**
 * Route 2 for one attempt: the share of wrong answers in what is accepted with so many namings is at most V_j / kappa.
 * @param checks kappa of all these answers together
 * @returns 1 without checks
 * @example pooledBound(0, 368) // -> 0.000999672
 */
export function pooledBound(named: number, checks: number): number {
  return checks <= 0 ? 1 : Math.min(1, acceptanceConstant(named) / checks);
}

/** Attempt 0 (the whole job) has half of the bound, each of up to three samples a sixth: together they promise it once. */
export const ATTEMPT_WEIGHT = { job: 2, sample: 6 } as const;
/** How many namings the samples allow for, one after the other. */
export const SAMPLE_NAMINGS = [0, 2, 6] as const;

/**
 * What an accepted attempt says: a V_D / kappa, where the attempt has 1/a of the promise.
 * @example attemptBound(0, 1472, ATTEMPT_WEIGHT.sample) // -> 0.00149951
 */
export function attemptBound(named: number, checks: number, weight: number): number {
  return checks <= 0 ? 1 : Math.min(1, (weight * acceptanceConstant(named)) / checks);
}

/**
 * kappa of a sample that is accepted with up to `tolerated` namings: a V_j / eps.
 * @example sampleChecksNeeded(1e-3, 0, ATTEMPT_WEIGHT.sample) // -> 2207.28
 */
export function sampleChecksNeeded(bound: number, tolerated: number, weight: number): number {
  return (weight * acceptanceConstant(tolerated)) / bound;
}

/**
 * kappa of attempt 0: every answer met a check with at least this chance. The lowest share counts and not the mean, for a coalition
 * lies where it is checked least.
 * @param anchors rows that the trusted side drew and computed
 * @param lowestCheckShare h, the lowest of any volunteer whose answers stand
 * @param answered rows whose coin was answered
 * @example jobChecks(1000, 0.04, 0.5, 1e6) // -> 21000
 */
export function jobChecks(anchors: number, lowestCheckShare: number, colluderShare: number, answered: number): number {
  return anchors + (1 - colluderShare) * lowestCheckShare * answered;
}

/**
 * Route 4, over ended jobs: nothing of them can be taken back, so that D + 1 lies escape for each in 1/c. Averaged over the service.
 * @example serviceBound(0, 999) // -> 0.001
 */
export function serviceBound(named: number, checks: number): number {
  return Math.min(1, (named + 1) / (1 + Math.max(0, checks)));
}
