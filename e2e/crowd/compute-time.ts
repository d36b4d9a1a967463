/** How long a simulated tab takes for a batch or a product, as data: a pure function of (seed, tab, count of its assignments). */
import { normal, randomAt } from "../../shared/random/simulation-random.ts";

export interface ComputeTime {
  readonly fixedMs: number;
  /** For each row beside that. */
  readonly rowMs: number;
  /** Each multiplies the time; they draw in this order. */
  readonly factors: readonly TimeFactor[];
  /** Tells these draws from others of the same seed and tab. */
  readonly draw: number;
}

export type TimeFactor =
  /** Evenly from 1 - spread to 1 + spread. */
  | { readonly kind: "even"; readonly spread: number }
  /** Its logarithm is normal around 0. */
  | { readonly kind: "log-normal"; readonly deviation: number }
  /** In this share of all assignments evenly from least to most; else 1. */
  | { readonly kind: "slow"; readonly share: number; readonly least: number; readonly most: number };

/** @param count assignments that the tab has computed before */
export function computeMsOf(time: ComputeTime, seed: number, tab: number, count: number, rowCount: number): number {
  const random = randomAt(seed, time.draw, tab, count);
  const factorOf = (factor: TimeFactor): number => {
    switch (factor.kind) {
      case "even":
        return 1 - factor.spread + 2 * factor.spread * random.uniform();
      case "log-normal":
        return Math.exp(factor.deviation * normal(random));
      case "slow": {
        const { share, least, most } = factor;
        if (random.uniform() >= share) return 1;
        return most === least ? least : least + (most - least) * random.uniform();
      }
    }
  };
  return time.factors.reduce((ms, factor) => ms * factorOf(factor), time.fixedMs + time.rowMs * rowCount);
}

/** A tab that computes a batch looks so often whether it was told to drop it. */
const SLICE_MS = 1_000;

/**
 * [PR98] Parts of a batch, between which a tab looks whether anybody still waits for it.
 * @example slicesOf(16_000) // -> 16
 */
export function slicesOf(computeMs: number): number {
  return computeMs <= 2 * SLICE_MS ? 1 : Math.ceil(computeMs / SLICE_MS);
}
