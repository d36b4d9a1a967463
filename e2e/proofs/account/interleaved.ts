/**
 * The most that a coalition gets through when blocks of one account are open at once, exactly, and the submitter is part of the coalition: it
 * chooses when each block opens and ends, cancels jobs, asks again, and stops when it likes. One move at a time; each lie's coin is known at once.
 */
import { newAccount } from "../../../server/checks/account.ts";
import type { Account, Block } from "../../../server/checks/words.ts";
import { asked, type Regime } from "./regime.ts";

export interface Interleaved {
  readonly regime: Regime;
  /** eps */
  readonly answerBound: number;
  /** Rows of each block; they open in this order. */
  readonly sizes: readonly number[];
  /** How often a block with a finding may be asked again. */
  readonly retries?: number;
  readonly mayCancel?: boolean;
  /** What one row that was asked for costs the coalition, as a multiple of eps: at 1 nothing may be gained. */
  readonly price: number;
}

interface Slot {
  readonly state: "waits" | "open" | "over";
  readonly block: Block | null;
  /** Lies that stand and that no coin found. */
  readonly lies: number;
  readonly tries: number;
}

const GRAIN = 2 ** -26;

/** The largest E[wrong and final] - price eps E[M] over all strategies; nothing done is worth 0. */
export function gainInterleaved({ regime, answerBound, sizes, retries = 0, mayCancel = false, price }: Interleaved): {
  readonly gain: number;
  readonly states: number;
} {
  const values = new Map<string, number>();
  const value = (account: Account, slots: readonly Slot[]): number => {
    const key = keyOf(account, slots, sizes);
    const known = values.get(key);
    if (known !== undefined) return known;
    // To stop here: what is final is counted already.
    let best = -price * answerBound * account.places;
    slots.forEach((slot, index) => {
      const rows = sizes[index]!;
      const put = (changed: Partial<Slot>) => slots.map((old, i) => (i === index ? { ...slot, ...changed } : old));
      if (slot.state === "waits") {
        const isNext =
          slot.tries > 0 || slots.slice(0, index).every(({ state, tries }) => state !== "waits" || tries > 0);
        if (!isNext) return;
        const othersOpenOrWait = slots.some(({ state }, other) => other !== index && state !== "over");
        const opened = regime.open(account, asked(rows, { isRetry: slot.tries > 0, othersOpenOrWait }));
        const state = opened.block === null ? "over" : "open";
        best = Math.max(best, value(opened.account, put({ state, block: opened.block })));
        return;
      }
      if (slot.state === "over" || slot.block === null) return;
      const { lies, tries } = slot;
      const { account: now, block } = regime.settle?.(account, slot.block) ?? { account, block: slot.block };
      const { coin, sample } = regime.meets(block.terms);
      const again = tries < retries;
      const found = () =>
        value(
          regime.found(now, block),
          put({ state: again ? "waits" : "over", block: null, lies: 0, tries: again ? tries + 1 : tries }),
        );
      const over = put({ state: "over", block: null, lies: 0 });
      if (lies < rows) best = Math.max(best, (1 - coin) * value(account, put({ lies: lies + 1 })) + coin * found());
      const escapes = (1 - sample) ** lies;
      const clean = lies + value(regime.clean(now, block), over);
      best = Math.max(best, escapes * clean + (escapes < 1 ? (1 - escapes) * found() : 0));
      const unanswered = tries > 0 ? 0 : rows - lies;
      if (mayCancel) best = Math.max(best, value(regime.cancel(now, block, unanswered), over));
    });
    values.set(key, best);
    return best;
  };
  const slots = sizes.map((): Slot => ({ state: "waits", block: null, lies: 0, tries: 0 }));
  return { gain: value(newAccount(answerBound), slots), states: values.size };
}

/** The largest E[wrong and final] / (eps E[M]), to a thousandth: where the price is that high nothing is gained any more. */
export function ratioInterleaved(game: Omit<Interleaved, "price">): number {
  let [low, high] = [0, 1];
  const gains = (price: number) => gainInterleaved({ ...game, price }).gain > 1e-9;
  while (gains(high) && high < 1_024) [low, high] = [high, 2 * high];
  while (high - low > 1e-3) {
    const middle = (low + high) / 2;
    if (gains(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** Slots of equal size are exchangeable: those that never opened are the last ones, in order. */
function keyOf({ places, charged, held }: Account, slots: readonly Slot[], sizes: readonly number[]): string {
  const ofSlots = slots.map(({ state, block, lies, tries }, index) =>
    state === "over"
      ? "over"
      : `${sizes[index]} ${state} ${tries} ${lies} ${block === null ? "" : Math.round(block.terms.reserve / GRAIN)}`,
  );
  return `${places} ${Math.round(charged / GRAIN)} ${Math.round(held / GRAIN)} ${ofSlots.sort().join("/")}`;
}
