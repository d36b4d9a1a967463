/** The most wrong final answers that are to be expected of one job, whose rows need not be many: the account averages over jobs, not within one. */
import { newAccount, openBlock } from "../../../server/checks/account.ts";
import { ANSWER_BOUND_DEFAULT } from "../../../shared/protocol/limits.ts";
import type { FurtherTable } from "../measurement.ts";

/** Rows of the account before the job. */
const ACCOUNTS = [0, 5_000, 19_000, 60_000, 1_000_000] as const;
const JOB_ROWS = 16_000;
const TRIES = 3;
const LIES_MAX = 400;

/**
 * max over b of (1-c)^b b + (1 - (1-c)^b) next: all b lies escape, or the job is asked again.
 * @param checkShares c of each try, in their order
 * @example worstWrong([0.05]) // -> 7.169...
 */
export function worstWrong(checkShares: readonly number[]): number {
  return checkShares.reduceRight((next, checkShare) => {
    let worst = next;
    for (let lies = 1; lies <= LIES_MAX; lies++) {
      const escapes = (1 - checkShare) ** lies;
      worst = Math.max(worst, escapes * lies + (1 - escapes) * next);
    }
    return worst;
  }, 0);
}

/** c of a job's blocks, each asked again after a finding in the one before, while the account opens them. */
export function checkSharesOf(placesBefore: number, rows: number, answerBound: number): number[] {
  let account = { ...newAccount(answerBound), places: placesBefore };
  const shares: number[] = [];
  for (let tries = 0; tries < TRIES; tries++) {
    const opening = openBlock(account, {
      ...{ rows, isOpenJob: false, hasCrowd: true, submitterRows: placesBefore, colluderShare: 1 / 3 },
      ...{ othersOpenOrWait: false, mayWait: false, priceMaxRows: null, isRetry: tries > 0, routeOneShare: 0 },
    });
    if (!("block" in opening)) break;
    const { reserve, checkShare } = opening.block.terms;
    shares.push(checkShare);
    account = { ...opening.account, held: 0, charged: opening.account.charged + reserve };
  }
  return shares;
}

export function worstOfOneJob(): FurtherTable {
  return {
    name: "worstOfOneJob",
    title: `The most wrong final answers to be expected of one job of ${JOB_ROWS} rows, by what its account has behind it`,
    columns: [
      { key: "rowsBefore", title: "rows before" },
      { key: "checkShare", title: "c", digits: 4 },
      { key: "oneTry", title: "one try", digits: 1 },
      { key: "threeTries", title: "three tries", digits: 1 },
      { key: "allowed", title: "eps N", digits: 1 },
    ],
    rows: ACCOUNTS.map((rowsBefore) => {
      const shares = checkSharesOf(rowsBefore, JOB_ROWS, ANSWER_BOUND_DEFAULT);
      const [checkShare = null] = shares;
      const allowed = ANSWER_BOUND_DEFAULT * JOB_ROWS;
      return {
        rowsBefore,
        checkShare,
        oneTry: worstWrong(shares.slice(0, 1)),
        threeTries: worstWrong(shares),
        allowed,
      };
    }),
    notes: ["Exact, over all numbers of lies: strict jobs have an account of their own, and eps N is their limit."],
  };
}
