/** An account as a coalition meets it: the product's own, or one that a test builds from it with a rule left out. */
import { chargeBlock, closeBlock, free, leaveUnanswered, openBlock } from "../../../server/checks/account.ts";
import { allowance, sampleShare } from "../../../server/checks/terms.ts";
import { blockAsked } from "../../../server/checks/testing/block-asked.ts";
import type { Account, Block, BlockAsked, BlockTerms } from "../../../server/checks/words.ts";

export interface Regime {
  /** Null: the block was found too dear. */
  open(account: Account, asked: BlockAsked): { readonly account: Account; readonly block: Block | null };
  /** The first finding of an open block. */
  found(account: Account, block: Block): Account;
  /** Every coin and the sample are answered without a finding. */
  clean(account: Account, block: Block): Account;
  /** The job of a block without a finding is cancelled; so many of its rows have no answer. */
  cancel(account: Account, block: Block, unanswered: number): Account;
  /** Terms that are not fixed at the opening: what they come to when a lie is found or the block ends. The product has no such thing. */
  settle?(account: Account, block: Block): { readonly account: Account; readonly block: Block };
  /** What a lie meets in truth: the chance that its coin finds it, and that the sample does if the coin did not. */
  meets(terms: BlockTerms): Met;
}

export interface Met {
  readonly coin: number;
  readonly sample: number;
}

/** The account of server/checks as it is. */
export const PRODUCT: Regime = {
  open(account, asked) {
    const opened = openBlock(account, asked);
    return { account: opened.account, block: "block" in opened ? opened.block : null };
  },
  found: (account, block) => chargeBlock(account, block).account,
  clean: (account, block) => closeBlock(account, block).account,
  cancel: (account, block, unanswered) => leaveUnanswered(closeBlock(account, block).account, block.terms, unanswered),
  meets: ({ coinCheckShare, sampleShare }) => ({ coin: coinCheckShare, sample: sampleShare }),
};

/**
 * The product's account with coins that find a lie with chance `coinCheckShare`, which its own formulas keep between .02 and .05.
 * @param checkShareMax a block above it is not tried: 1 where no price is too high
 */
export function withCoins(coinCheckShare: number, checkShareMax: number): Regime {
  return {
    ...PRODUCT,
    open(account, asked) {
      const places = account.places + (asked.isRetry ? 0 : asked.rows);
      const counted = { ...account, places };
      const mayTake = allowance(free(counted), account.answerBound, asked);
      const checkShare = Math.max(coinCheckShare, 1 / (1 + mayTake));
      if (mayTake === 0 || checkShare > checkShareMax) return { account: counted, block: null };
      const reserve = Math.min(mayTake, (1 - checkShare) / checkShare);
      const terms: BlockTerms = {
        rows: asked.rows,
        anchorShare: coinCheckShare,
        duplicateShare: 0,
        firstAnchorShare: coinCheckShare,
        firstRows: 0,
        colluderShare: asked.colluderShare,
        coinCheckShare,
        checkShare,
        sampleShare: sampleShare(checkShare, coinCheckShare),
        reserve,
        priceRows: checkShare * asked.rows,
        routeOneShare: 0,
      };
      return { account: { ...counted, held: counted.held + reserve }, block: { terms, state: "open" } };
    },
  };
}

/** A block of a new submitter, alone, without a crowd, and what is otherwise. */
export function asked(rows: number, otherwise: Partial<BlockAsked> = {}): BlockAsked {
  return blockAsked({ rows, ...otherwise });
}
