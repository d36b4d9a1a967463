/**
 * The most that a coalition gets through when blocks come one after the other, exactly: a dynamic program over all that it can do. It knows
 * the account and its terms, decides row by row whether to lie, hears of each lie's coin at once, and may stop at the first naming.
 */
import { newAccount } from "../../../server/checks/account.ts";
import type { Account, BlockAsked } from "../../../server/checks/words.ts";
import type { Regime } from "./regime.ts";

export interface InTurn {
  readonly regime: Regime;
  /** eps */
  readonly answerBound: number;
  /** What each block asks, in order; M grows by each. */
  readonly blocks: readonly BlockAsked[];
  /** How often a block with a finding is asked again. */
  readonly retries?: number;
  /** Each finding costs one; without a key nobody lies. */
  readonly keys?: number;
  /** What the account has before the first block; otherwise nothing. */
  readonly from?: Account;
  /** Of the findings so many are excused: the lie is mended, nothing is charged, and the block goes on. Sound: 0. */
  readonly excusedShare?: number;
}

export interface Worst {
  /** E[wrong and final] */
  readonly wrong: number;
  /** The same of what eps allows. */
  readonly ratio: number;
  /** What was looked at. */
  readonly states: number;
}

/** In wrong answers: charges that are closer are the same state. */
const GRAIN = 2 ** -26;

/** @example worstInTurn({ regime: PRODUCT, answerBound: .05, blocks: [asked(40)] }).ratio // at most 1 */
export function worstInTurn({
  regime,
  answerBound,
  blocks,
  retries = 0,
  keys = Number.POSITIVE_INFINITY,
  from = newAccount(answerBound),
  excusedShare = 0,
}: InTurn): Worst {
  const values = new Map<string, number>();
  const valueFrom = (index: number, account: Account, keysLeft: number, tries: number): number => {
    if (keysLeft <= 0 || index === blocks.length) return 0;
    const key = `${index} ${tries} ${keysLeft} ${Math.round(account.charged / GRAIN)} ${Math.round(account.held / GRAIN)}`;
    const known = values.get(key);
    if (known !== undefined) return known;
    const opened = regime.open(account, { ...blocks[index]!, isRetry: tries > 0 });
    const { block } = opened;
    let value: number;
    if (block === null) value = valueFrom(index + 1, opened.account, keysLeft, 0);
    else {
      const charged = regime.found(opened.account, block);
      const after =
        tries < retries
          ? valueFrom(index, charged, keysLeft - 1, tries + 1)
          : valueFrom(index + 1, charged, keysLeft - 1, 0);
      const clean = valueFrom(index + 1, regime.clean(opened.account, block), keysLeft, 0);
      const { coin, sample } = regime.meets(block.terms);
      value = valueOfBlock({
        rows: block.terms.rows,
        coin,
        sample,
        excusedShare,
        ifClean: (lies) => lies + clean,
        ifFound: after,
      });
    }
    values.set(key, value);
    return value;
  };
  const wrong = valueFrom(0, from, keys, 0);
  const places = blocks.reduce((sum, { rows }) => sum + rows, 0);
  return { wrong, ratio: wrong / (answerBound * places), states: values.size };
}

export interface BlockGame {
  readonly rows: number;
  readonly coin: number;
  readonly sample: number;
  readonly excusedShare?: number;
  /** What so many lies are worth once the block is certified. */
  readonly ifClean: (lies: number) => number;
  /** What everything from the first finding on is worth. */
  readonly ifFound: number;
}

/** One block, row by row: values[x] is what x lies are worth that no coin found, from the present row on. */
export function valueOfBlock({ rows, coin, sample, excusedShare = 0, ifClean, ifFound }: BlockGame): number {
  const values = new Float64Array(rows + 1);
  for (let lies = 0; lies <= rows; lies++) {
    const escapes = (1 - sample) ** lies;
    values[lies] = escapes * ifClean(lies) + (1 - escapes) * ifFound;
  }
  for (let row = rows - 1; row >= 0; row--) {
    for (let lies = 0; lies <= row; lies++) {
      const found = excusedShare * values[lies]! + (1 - excusedShare) * ifFound;
      values[lies] = Math.max(values[lies]!, (1 - coin) * values[lies + 1]! + coin * found);
    }
  }
  return values[0]!;
}
