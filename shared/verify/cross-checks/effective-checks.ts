/** What one volunteer's checks are worth together: docs/verification.md, "What a check is worth". */

/**
 * The chance that a liar of constant rate r meets no honest check: (1-r)^t prod_p [beta + (1-beta) (1-r)^x_p].
 * A partner colludes with chance beta, and then none of its checks finds anything.
 * @param lieRate r, 0..1
 * @param trustedChecks t: rows that the trusted side computed
 * @param partnerChecks x_p: rows that were compared with partner p
 * @param colluderShare beta, 0..1
 * @example escapeRate(0.5, 1, [1], 0.3) // -> 0.325
 */
export function escapeRate(
  lieRate: number,
  trustedChecks: number,
  partnerChecks: readonly number[],
  colluderShare: number,
): number {
  return escapeAt(Math.log1p(-lieRate), trustedChecks, partnerChecks, colluderShare);
}

/** @param logHonest the logarithm of 1 - r */
function escapeAt(
  logHonest: number,
  trustedChecks: number,
  partnerChecks: readonly number[],
  colluderShare: number,
): number {
  // By logarithms: with hundreds of partners the product leaves the range of floats.
  let logEscape = trustedChecks === 0 ? 0 : trustedChecks * logHonest;
  let [lastChecks, lastLog] = [Number.NaN, 0];
  for (const checks of partnerChecks) {
    // Most partners have as many as the one before: a logarithm and a power fewer.
    if (checks !== lastChecks) {
      lastChecks = checks;
      lastLog = Math.log(colluderShare + (1 - colluderShare) * Math.exp(checks * logHonest));
    }
    logEscape += lastLog;
  }
  return Math.exp(logEscape);
}

/** From so many partners on the sum and the exact form differ by less than 1 % (a test holds it). */
const MANY_PARTNERS = 12;
/** Rates below have no part in the maximum: so many checks would be needed to see them. */
const LIE_RATE_MIN = 1e-9;
const GRID_POINTS = 400;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const LOG_RATE_LOWEST = Math.log(LIE_RATE_MIN);
/** Just below r = 1, where the logarithm of 1 - r is still a number. */
const LOG_RATE_HIGHEST = -1e-15;
/** Of the same rates for everybody: their logarithms, and those of 1 - r. The last is the highest. */
const GRID = Array.from({ length: GRID_POINTS + 1 }, (_, point) => {
  const logRate = point === GRID_POINTS ? LOG_RATE_HIGHEST : logRateAt(point);
  return { logRate, rate: Math.exp(logRate), logHonest: Math.log1p(-Math.exp(logRate)) };
});

function logRateAt(point: number): number {
  return Math.min(LOG_RATE_HIGHEST, LOG_RATE_LOWEST * (1 - point / GRID_POINTS));
}

/**
 * kappa = 1 / (e max_r r escape(r)): as many trusted checks leave the same share of wrong rows, whatever the rate of lying. For
 * t trusted checks and no others that is about t + 1/2; two partners with 69 checks each are worth 3.3, as both may collude.
 * @returns 0 without any check
 * @example effectiveChecks(41, [], 1 / 3) // -> 41.499
 */
export function effectiveChecks(
  trustedChecks: number,
  partnerChecks: readonly number[],
  colluderShare: number,
): number {
  const total = partnerChecks.reduce((sum, checks) => sum + checks, trustedChecks);
  if (total === 0) return 0;
  const through = (logRate: number) =>
    Math.exp(logRate) * escapeRate(Math.exp(logRate), trustedChecks, partnerChecks, colluderShare);
  const onGrid = ({ rate, logHonest }: (typeof GRID)[number]) =>
    rate * escapeAt(logHonest, trustedChecks, partnerChecks, colluderShare);
  let [best, mostThrough] = [GRID_POINTS, onGrid(GRID[GRID_POINTS]!)];
  for (let point = 0; point < GRID_POINTS; point++) {
    const value = onGrid(GRID[point]!);
    if (value > mostThrough) [best, mostThrough] = [point, value];
  }
  let [low, high] = [GRID[Math.max(0, best - 1)]!.logRate, GRID[Math.min(GRID_POINTS, best + 1)]!.logRate];
  // Golden section between the neighbours of the best point.
  for (let i = 0; i < 80; i++) {
    const [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
    if (through(left) > through(right)) high = right;
    else low = left;
  }
  return 1 / (Math.E * Math.max(mostThrough, through((low + high) / 2)));
}

/**
 * The same by its quick form t + (1-beta) sum_p x_p where there are many partners with few checks each, exactly elsewhere.
 * @example checksOf(2, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 1 / 3) // -> 10
 */
export function checksOf(trustedChecks: number, partnerChecks: readonly number[], colluderShare: number): number {
  const most = partnerChecks.reduce((largest, checks) => Math.max(largest, checks), 0);
  const sum = partnerChecks.reduce((total, checks) => total + checks, 0);
  // Unequal counts count as fewer partners: those that share all checks with the largest count.
  if (sum > 0 && sum / most < MANY_PARTNERS) return knownChecks(trustedChecks, partnerChecks, colluderShare);
  return trustedChecks + (1 - colluderShare) * sum;
}

/** At the end of a job it is asked of a thousand volunteers, most of whom were checked as often as others. */
const KNOWN_MAX = 4_096;
/** With more hardly two are alike. */
const KNOWN_PARTNERS_MAX = 64;
const known = new Map<string, number>();

function knownChecks(trustedChecks: number, partnerChecks: readonly number[], colluderShare: number): number {
  if (partnerChecks.length > KNOWN_PARTNERS_MAX) return effectiveChecks(trustedChecks, partnerChecks, colluderShare);
  const asked = `${colluderShare} ${trustedChecks} ${partnerChecks.join(" ")}`;
  const found = known.get(asked);
  if (found !== undefined) return found;
  if (known.size === KNOWN_MAX) known.clear();
  const checks = effectiveChecks(trustedChecks, partnerChecks, colluderShare);
  known.set(asked, checks);
  return checks;
}
