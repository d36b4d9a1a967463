/**
 * How many wrong final answers a coalition gets for each one that is charged, on average, in one block: 1 where the reserve is exact. What is
 * left out of a rule shows here apart from how full an account is.
 */
import { valueOfBlock } from "./in-turn.ts";

/** What a block's lies meet, and what a finding charges. */
export interface BlockRules {
  readonly rows: number;
  readonly coin: number;
  readonly sample: number;
  readonly reserve: number;
  /** Of the findings so many are excused: the lie is mended and nothing is charged. Sound: 0. */
  readonly excusedShare?: number;
  /** Of the doomed lies so many are known to be doomed in time to cancel the job without a charge. Sound: 0. */
  readonly cancelledShare?: number;
}

/** @example perCharge({ rows: 40, coin: .05, sample: 0, reserve: 19 }) // -> 1 */
export function perCharge({ rows, coin, sample, reserve, excusedShare = 0, cancelledShare = 0 }: BlockRules): number {
  return greatest((price) =>
    valueOfBlock({
      rows,
      coin,
      sample,
      excusedShare,
      ifClean: (lies) => lies,
      ifFound: -price * (1 - cancelledShare) * reserve,
    }),
  );
}

export interface Windows extends BlockRules {
  readonly windows: number;
  /**
   * After the first finding: nothing of the block becomes final any more (the rule); later windows go on; or they go on until the finding is
   * known, which is one window after its coin.
   */
  readonly afterFinding: "ends" | "goes on" | "ends a window late";
}

/** The same of a block that is certified in windows of `rows` rows, one charge for all of them. */
export function perChargeInWindows({ windows, rows, coin, sample, reserve, afterFinding }: Windows): number {
  const block = (ifClean: (lies: number) => number, ifFound: number) =>
    valueOfBlock({ rows, coin, sample, ifClean, ifFound });
  return greatest((price) => {
    let [paid, unpaid] = [0, 0];
    for (let window = 0; window < windows; window++) {
      const later = { ends: 0, "goes on": paid, "ends a window late": window > 0 ? block((lies) => lies, 0) : 0 };
      const [paidNext, unpaidNext] = [paid, unpaid];
      unpaid = block((lies) => lies + unpaidNext, -price * reserve + later[afterFinding]);
      paid = block((lies) => lies + paidNext, paidNext);
    }
    return unpaid;
  });
}

/**
 * The same where an author's rows are taken out once the sample is drawn, and done again by others of the coalition.
 * @param sampleOfLater what a sample of these rows finds of a lie; the rule: as much as of the others
 */
export function perChargeAfterSample({ rows, coin, sample, reserve }: BlockRules, sampleOfLater: number): number {
  return greatest((price) => {
    const ifFound = -price * reserve;
    const later = (lies: number) =>
      valueOfBlock({ rows, coin, sample: sampleOfLater, ifClean: (more) => lies + more, ifFound });
    return valueOfBlock({ rows, coin, sample, ifClean: later, ifFound });
  });
}

/** The largest price at which something is still gained. */
function greatest(gain: (price: number) => number): number {
  let [low, high] = [0, 1];
  while (gain(high) > 1e-9 && high < 1e6) [low, high] = [high, 2 * high];
  while (high - low > 1e-6 * high) {
    const middle = (low + high) / 2;
    if (gain(middle) > 1e-9) low = middle;
    else high = middle;
  }
  return high;
}
