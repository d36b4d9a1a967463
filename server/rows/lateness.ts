/** [AS5] When a claim is late: measured by what its tab usually takes, and by how far answers of the crowd are usually above that. */
import { LatestQuantile } from "../../shared/numbers/latest-quantile.ts";
import { median } from "../../shared/numbers/quantile.ts";

/** A claim is late when it takes this many times what is usual, as in Spark (`spark.speculation.multiplier`). */
const LATE_FACTOR = 1.5;
/** What is usual: slow answers do not move it while fewer than one in four is slow. */
const USUAL_QUANTILE = 0.75;
/**
 * Where claims of one tab take now more and now less, a claim that takes 1.5 times the third quartile is nothing special: it is late at the third quartile
 * times how far that is above the first, which one in fifty exceeds if logarithms are normal, however wide.
 */
const QUICK_QUANTILE = 0.25;
const SPREAD_FACTOR_MAX = 4;
/** [AS6] So many times as long, and the claim is void. */
export const VOID_FACTOR = 10;
const LATE_MS_MIN = 100;
/** While nobody is measured a claim may take so many times what claims are meant to take. */
const PATIENCE_UNKNOWN = 10;
/** A stranger's claim may take so many times what tabs that are known would take for it. */
const STRANGER_FACTOR = 3;
/** Latest claims of the crowd that are remembered, and how many of them come between two looks. */
const CLAIMS_SEEN = 64;
const CLAIMS_PER_LOOK = 8;
/** Fewer claims say nothing of the crowd. */
const CLAIMS_MIN = 8;

/** Of claims that are nearer to each other in size the line through both is mostly noise. */
const ROWS_APART = 1.5;

/** What is known of how long a claim takes. */
export interface UsualTimes {
  readonly ownMs: number | null;
  readonly likelyMs: number | null;
  readonly isMeasured: boolean;
}

/** How long a tab took for a claim of so many rows. */
export interface ClaimTime {
  readonly rows: number;
  readonly ms: number;
}

export class Lateness {
  /** What claims took over what their own tab usually takes. */
  readonly #ratios = new LatestQuantile(USUAL_QUANTILE, CLAIMS_SEEN, CLAIMS_PER_LOOK);
  readonly #quickRatios = new LatestQuantile(QUICK_QUANTILE, CLAIMS_SEEN, CLAIMS_PER_LOOK);
  readonly #msPerRow = new LatestQuantile(USUAL_QUANTILE, CLAIMS_SEEN, CLAIMS_PER_LOOK);
  readonly #claimMs = new LatestQuantile(0.5, CLAIMS_SEEN, CLAIMS_PER_LOOK);
  readonly #besideRowsMs = new LatestQuantile(0.5, CLAIMS_SEEN, CLAIMS_PER_LOOK);
  #told = 1;

  /** The crowd's third quartile as other jobs measured it: in use until this job has measured as many claims as it takes. */
  tell(quartile: number): void {
    this.#told = Math.max(1, quartile);
  }

  /** @param usualMs what the claim's tab would have taken by its claims before; null: this was the first */
  sawClaim(ms: number, rows: number, usualMs: number | null): void {
    this.#claimMs.add(ms);
    this.#msPerRow.add(ms / rows);
    if (usualMs === null || usualMs <= 0) return;
    this.#ratios.add(ms / usualMs);
    this.#quickRatios.add(ms / usualMs);
  }

  /** Two claims of one tab: the line through them says what a claim takes beside its rows. */
  sawTwo(one: ClaimTime, other: ClaimTime): void {
    const [small, large] = one.rows < other.rows ? [one, other] : [other, one];
    if (large.rows < ROWS_APART * small.rows) return;
    const msPerRow = (large.ms - small.ms) / (large.rows - small.rows);
    this.#besideRowsMs.add(Math.min(small.ms, small.ms - small.rows * msPerRow));
  }

  /** What a claim of this crowd takes beside its rows, ms: a median, for a claim may be slow for any reason. 0 until enough of them are seen. */
  get besideRowsMs(): number {
    return this.#besideRowsMs.count < CLAIMS_MIN ? 0 : Math.max(0, this.#besideRowsMs.value!);
  }

  get quartile(): number {
    return this.#ratios.count < CLAIMS_MIN ? this.#told : Math.max(1, this.#ratios.value!);
  }

  /** How many times the third quartile is late. */
  get #lateFactor(): number {
    if (this.#ratios.count < CLAIMS_MIN) return LATE_FACTOR;
    const spread = this.#ratios.value! / this.#quickRatios.value!;
    return Math.min(SPREAD_FACTOR_MAX, Math.max(LATE_FACTOR, spread));
  }

  /** null: nobody has answered a claim */
  get medianClaimMs(): number | null {
    return this.#claimMs.value;
  }

  /**
   * Milliseconds from its beginning after which a claim is late.
   * @param ownMs what its tab usually takes for the rows; null: nothing is known of it
   * @param likelyMs what tabs whose pace is known take for them on average; null: nobody's is
   * @param isMeasured has the tab answered often enough to be measured by itself?
   */
  lateAfterMs(rows: number, { ownMs, likelyMs, isMeasured }: UsualTimes, targetMs: number): number {
    const factor = this.#lateFactor * this.quartile;
    if (ownMs !== null && isMeasured) return Math.max(LATE_MS_MIN, factor * ownMs);
    const perRow = this.#msPerRow.value;
    if (perRow !== null || ownMs !== null) {
      return Math.max(LATE_MS_MIN, factor * Math.max(ownMs ?? 0, (perRow ?? 0) * rows));
    }
    if (likelyMs === null) return PATIENCE_UNKNOWN * targetMs;
    return Math.max(LATE_MS_MIN, STRANGER_FACTOR * this.quartile * likelyMs);
  }
}

/** A tab's usual pace, rows a millisecond. @param claims its latest ones; at least one */
export function usualPace(claims: readonly ClaimTime[]): number {
  return median(claims.map(({ rows, ms }) => rows / ms))!;
}
