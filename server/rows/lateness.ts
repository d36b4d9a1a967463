/** [AS5] When a claim is late: measured by what its tab usually takes, and by how far answers of the crowd are usually above that. */
import { median, quantile } from "../../shared/numbers/quantile.ts";

/** A claim is late when it takes this many times what is usual, as in Spark (`spark.speculation.multiplier`). */
const LATE_FACTOR = 1.5;
/** What is usual: slow answers do not move it while fewer than one in four is slow. */
const USUAL_QUANTILE = 0.75;
/** [AS6] So many times as long, and the claim is void. */
export const VOID_FACTOR = 10;
const LATE_MS_MIN = 100;
/** While nobody is measured a claim may take so many times what claims are meant to take. */
const PATIENCE_UNKNOWN = 10;
/** A stranger's claim may take so many times what tabs that are known would take for it. */
const STRANGER_FACTOR = 3;
/** Latest claims of the crowd that are remembered. */
const CLAIMS_SEEN = 64;
/** Quantiles are computed anew after so many claims. */
const CLAIMS_PER_LOOK = 8;
/** Fewer claims say nothing of the crowd. */
const CLAIMS_MIN = 8;

/** The latest values, and a quantile of them that is at most CLAIMS_PER_LOOK values old. */
class Latest {
  readonly #values: number[] = [];
  readonly #share: number;
  #at = 0;
  #sinceLook = 0;
  #known: number | null = null;

  constructor(share: number) {
    this.#share = share;
  }

  get count(): number {
    return this.#values.length;
  }

  /** null: there are none */
  get quantile(): number | null {
    if (this.#known === null || this.#sinceLook >= CLAIMS_PER_LOOK) {
      this.#known = quantile(this.#values, this.#share);
      this.#sinceLook = 0;
    }
    return this.#known;
  }

  add(value: number): void {
    this.#values[this.#at] = value;
    this.#at = (this.#at + 1) % CLAIMS_SEEN;
    this.#sinceLook++;
  }
}

/** What is known of how long a claim takes. */
export interface UsualTimes {
  readonly ownMs: number | null;
  readonly likelyMs: number | null;
  readonly isMeasured: boolean;
}

export class Lateness {
  /** What claims took over what their own tab usually takes. */
  readonly #ratios = new Latest(USUAL_QUANTILE);
  readonly #msPerRow = new Latest(USUAL_QUANTILE);
  readonly #claimMs = new Latest(0.5);
  #told = 1;

  /** The crowd's third quartile as other jobs measured it: in use until this job has measured as many claims as it takes. */
  tell(quartile: number): void {
    this.#told = Math.max(1, quartile);
  }

  /** @param usualMs what the claim's tab would have taken by its claims before; null: this was the first */
  sawClaim(ms: number, rows: number, usualMs: number | null): void {
    this.#claimMs.add(ms);
    this.#msPerRow.add(ms / rows);
    if (usualMs !== null && usualMs > 0) this.#ratios.add(ms / usualMs);
  }

  get quartile(): number {
    return this.#ratios.count < CLAIMS_MIN ? this.#told : Math.max(1, this.#ratios.quantile!);
  }

  /** null: nobody has answered a claim */
  get medianClaimMs(): number | null {
    return this.#claimMs.quantile;
  }

  /**
   * Milliseconds from its beginning after which a claim is late.
   * @param ownMs what its tab usually takes for the rows; null: nothing is known of it
   * @param likelyMs what tabs whose pace is known take for them on average; null: nobody's is
   * @param isMeasured has the tab answered often enough to be measured by itself?
   */
  lateAfterMs(rows: number, { ownMs, likelyMs, isMeasured }: UsualTimes, targetMs: number): number {
    if (ownMs !== null && isMeasured) return Math.max(LATE_MS_MIN, LATE_FACTOR * this.quartile * ownMs);
    const perRow = this.#msPerRow.quantile;
    if (perRow !== null || ownMs !== null) {
      return Math.max(LATE_MS_MIN, LATE_FACTOR * this.quartile * Math.max(ownMs ?? 0, (perRow ?? 0) * rows));
    }
    if (likelyMs === null) return PATIENCE_UNKNOWN * targetMs;
    return Math.max(LATE_MS_MIN, STRANGER_FACTOR * this.quartile * likelyMs);
  }
}

/** A tab's usual pace. @param paces rows a millisecond, of its latest claims; at least one */
export function usualPace(paces: readonly number[]): number {
  return median(paces)!;
}
