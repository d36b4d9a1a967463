/** Rules that are not those of docs/how-a-row-becomes-final.md, each built from the product's account: what the programs beside this file must find. */
import { free } from "../../../server/checks/account.ts";
import { allowance, sampleShare } from "../../../server/checks/terms.ts";
import type { Account } from "../../../server/checks/words.ts";
import type { Regime } from "./regime.ts";

/** Each block may take all that is free, as if no other were open. */
export function reservesApart(sound: Regime): Regime {
  return {
    ...sound,
    open(account, asked) {
      const opened = sound.open({ ...account, held: 0 }, asked);
      return { ...opened, account: { ...opened.account, held: account.held + opened.account.held } };
    },
  };
}

/** c follows what is free when the block ends, not when it opened. */
export function settledAtTheEnd(sound: Regime): Regime {
  return {
    ...sound,
    settle(account, block) {
      const released = sound.clean(account, block);
      const { rows, coinCheckShare } = block.terms;
      const mayTake = allowance(free(released), account.answerBound, { rows, othersOpenOrWait: false });
      const checkShare = Math.max(coinCheckShare, 1 / (1 + mayTake));
      const reserve = Math.min(mayTake, (1 - checkShare) / checkShare);
      const terms = { ...block.terms, checkShare, reserve, sampleShare: sampleShare(checkShare, coinCheckShare) };
      return { account: { ...released, held: released.held + reserve }, block: { ...block, terms } };
    },
  };
}

/** What a cancelled job left unanswered leaves M, whatever stands on it. */
export function cancelTakesAllBack(sound: Regime): Regime {
  return {
    ...sound,
    cancel(account, block, unanswered) {
      const closed = sound.clean(account, block);
      return { ...closed, places: closed.places - unanswered };
    },
  };
}

/** A block that is asked again counts its places in M again. */
export function retriesCounted(sound: Regime): Regime {
  return { ...sound, open: (account, asked) => sound.open(account, { ...asked, isRetry: false }) };
}

/** An account of eps `answerBound` that has what rows at another bound earned. */
export function earnedAtAnotherBound(account: Account, answerBound: number): Account {
  return { ...account, answerBound, places: Math.round((account.places * account.answerBound) / answerBound) };
}
