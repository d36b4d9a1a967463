/**
 * The charge that was tried first, and is unsound: what a finding charges follows from all blocks since the last finding (a chain), so that c
 * may be smaller. It stands here to be found out: a coalition that knows c and the room ends chains when that is cheap.
 */
import { valueOfBlock } from "./in-turn.ts";

interface Link {
  readonly checkShare: number;
  readonly rows: number;
}

/** The most that a coalition expects of a chain from its first block on: A = max over b of (1-c)^b (b + what follows). */
function debtOf(chain: readonly Link[]): number {
  return chain.reduceRight((follows, { checkShare, rows }) => {
    let most = follows;
    for (let lies = 1; lies <= rows; lies++) most = Math.max(most, (1 - checkShare) ** lies * (lies + follows));
    return most;
  }, 0);
}

export interface Chains {
  /** eps */
  readonly answerBound: number;
  readonly rows: number;
  readonly blocks: number;
  /** c is never less. */
  readonly checkShareMin: number;
  readonly retries: number;
  /** false: the block with the finding is not charged, only those accepted before it. */
  readonly chargesFound: boolean;
}

/** The largest E[wrong and final] / (eps M) under it, exactly. */
export function ratioOfChains({ answerBound, rows, blocks, checkShareMin, retries, chargesFound }: Chains): number {
  const values = new Map<string, number>();
  const value = (index: number, charged: number, chain: readonly Link[], tries: number): number => {
    if (index === blocks) return 0;
    const key = `${index} ${tries} ${charged.toFixed(6)} ${chain.map(({ checkShare }) => checkShare.toFixed(6)).join()}`;
    const known = values.get(key);
    if (known !== undefined) return known;
    const room = answerBound * rows * (index + 1) - charged;
    const checkShare = checkShareWithin(room, chain, rows, checkShareMin);
    let result: number;
    if (checkShare === null) result = value(index + 1, charged, chain, 0);
    else {
      const longer = [...chain, { checkShare, rows }];
      const then = charged + debtOf(chargesFound ? longer : chain);
      const ifFound = tries < retries ? value(index, then, [], tries + 1) : value(index + 1, then, [], 0);
      const clean = value(index + 1, charged, longer, 0);
      result = valueOfBlock({ rows, coin: checkShare, sample: 0, ifClean: (lies) => lies + clean, ifFound });
    }
    values.set(key, result);
    return result;
  };
  return value(0, 0, [], 0) / (answerBound * rows * blocks);
}

/** The least c with which the chain's debt stays within the room; null above .85. */
function checkShareWithin(room: number, chain: readonly Link[], rows: number, least: number): number | null {
  const fits = (checkShare: number) => debtOf([...chain, { checkShare, rows }]) <= room;
  if (room > 0 && fits(least)) return least;
  if (!fits(0.85)) return null;
  let [low, high] = [least, 0.85];
  for (let halving = 0; halving < 24; halving++) {
    const middle = (low + high) / 2;
    if (fits(middle)) high = middle;
    else low = middle;
  }
  return high;
}
