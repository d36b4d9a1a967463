/** What an attacker that wants one job alone gets of it: the table of docs/how-a-row-becomes-final.md. */
import { countComputed } from "../../../server/checks/account.ts";
import type { Account, BlockAsked } from "../../../server/checks/words.ts";
import { valueOfBlock } from "./in-turn.ts";
import type { Regime } from "./regime.ts";

/** More lies than this pay in no block whose c is .02 at least. */
const LIES_MAX = 400;

export interface OneJob {
  /** c */
  readonly checkShare: number;
  /** How often its rows are asked for: once, and after each finding once more. */
  readonly tries: number;
  /** In which its block is certified. */
  readonly windows: number;
}

/**
 * The largest E[wrong and final] of a job of one block, however large it and the account are.
 * @example worstOfOneJob({ checkShare: .05, tries: 1, windows: 1 }) // -> 7.17
 */
export function worstOfOneJob({ checkShare, tries, windows }: OneJob): number {
  let worst = 0;
  for (let left = tries; left > 0; left--) {
    const ifFound = worst;
    worst = 0;
    for (let window = 0; window < windows; window++) {
      const follows = worst;
      worst = valueOfBlock({
        rows: LIES_MAX,
        coin: checkShare,
        sample: 0,
        ifClean: (lies) => lies + follows,
        ifFound,
      });
    }
  }
  return worst;
}

/** E[wrong and final] / (eps M) where so many blocks are opened before one of them ends: each is then a game of its own. */
export function ratioAllOpen(regime: Regime, account: Account, asked: BlockAsked, count: number): number {
  let [now, wrong] = [account, 0];
  for (let n = 0; n < count; n++) {
    const opened = regime.open(now, asked);
    now = opened.account;
    if (opened.block === null) {
      // The coordinator computes it: its places count.
      now = countComputed(now, asked.rows);
      continue;
    }
    const { coin, sample } = regime.meets(opened.block.terms);
    wrong += valueOfBlock({ rows: Math.min(asked.rows, LIES_MAX), coin, sample, ifClean: (lies) => lies, ifFound: 0 });
  }
  return wrong / (now.answerBound * now.places);
}
