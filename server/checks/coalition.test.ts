/** Coalitions that read the account, on the product's own accounts and terms. The exact proof stands in e2e/proofs/account. */
import { expect, test } from "vitest";
import type { RandomSource } from "../../shared/random/random.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { chargeBlock, closeBlock, leaveUnanswered, newAccount, openBlock } from "./account.ts";
import { blockAsked } from "./testing/block-asked.ts";
import type { Account, Block } from "./words.ts";

interface Attack {
  /** Blocks that are open at once. */
  readonly open: number;
  /** Lies told in a block. */
  lies(block: Block): number;
  /** Share of blocks that are cancelled when half of their rows are in. */
  readonly cancelled: number;
  /** Blocks with a finding are asked again so often. */
  readonly retries: number;
}

const BLOCKS = 60;
const ROWS = 500;

/** @returns wrong final answers, of what eps M allows */
function wrongShare({ open, lies, cancelled, retries }: Attack, random: RandomSource): number {
  let account: Account = newAccount(1e-3);
  let wrong = 0;
  const atWork: { block: Block; asked: number }[] = [];
  const ask = (asked: number): void => {
    const facts = { rows: ROWS, isRetry: asked > 0, submitterRows: account.places, othersOpenOrWait: open > 1 };
    const opening = openBlock(account, blockAsked(facts));
    account = opening.account;
    if ("block" in opening) atWork.push({ block: opening.block, asked });
  };
  const end = (): void => {
    const { block, asked } = atWork.splice(random.integer(atWork.length), 1)[0]!;
    const isFound = random.uniform() >= (1 - block.terms.checkShare) ** lies(block);
    const isCancelled = random.uniform() < cancelled;
    if (!isFound) wrong += lies(block);
    account = (isFound ? chargeBlock : closeBlock)(account, block).account;
    if (isCancelled && asked === 0) account = leaveUnanswered(account, block.terms, ROWS / 2);
    else if (isFound && asked < retries) ask(asked + 1);
  };
  for (let n = 0; n < BLOCKS; n++) {
    ask(0);
    while (atWork.length >= open) end();
  }
  while (atWork.length > 0) end();
  expect(account.charged).toBeLessThanOrEqual(1e-3 * account.places);
  return wrong / (1e-3 * account.places);
}

const ATTACKS = [1, 4, 8, 20].flatMap((open) =>
  [0, 0.3].flatMap((cancelled) =>
    [0, 2].flatMap((retries) => [
      {
        name: `one lie a block, ${open} open, ${cancelled} cancelled, ${retries} retries`,
        open,
        cancelled,
        retries,
        lies: () => 1,
      },
      {
        name: `1 / c lies a block, ${open} open, ${cancelled} cancelled, ${retries} retries`,
        ...{ open, cancelled, retries, lies: (block: Block) => Math.round(1 / block.terms.checkShare) },
      },
    ]),
  ),
);

test.each(ATTACKS)("$name: at most eps M is wrong and final", (attack) => {
  const shares = Array.from({ length: 200 }, (_, seed) => wrongShare(attack, simulationRandom(seed)));
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const spread = Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length);
  expect(mean).toBeLessThan(1 + (3 * spread) / Math.sqrt(shares.length));
});
