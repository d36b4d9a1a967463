/** What the checks of a job cost the coordinator if nobody lies, told before the job begins and when a naming raises it. */
import { closeBlock, openBlock } from "./account.ts";
import { blockSizes } from "./blocks.ts";
import type { Account, BlockAsked, Refusal } from "./words.ts";

export interface JobPrice {
  readonly rows: number;
  /** Rows that the coordinator computes, on average. */
  readonly coordinatorRows: number;
  /** Rows that tabs answer twice, on average. */
  readonly duplicateRows: number;
  /** The first block that would not be opened; null: all are. */
  readonly refused: Refusal | null;
}

/**
 * The job's blocks one after the other, as they would be opened now.
 * @param asked of the whole job: `rows` are all that it has
 * @example priceOfJob(newAccount(1e-3), { ...asked, rows: 1_200 }).coordinatorRows // -> 545.5
 */
export function priceOfJob(account: Account, asked: BlockAsked): JobPrice {
  let [now, submitterRows, coordinatorRows, duplicateRows] = [account, asked.submitterRows, 0, 0];
  let refused: Refusal | null = null;
  for (const rows of blockSizes(asked.rows, account.answerBound)) {
    const opening = openBlock(now, { ...asked, rows, submitterRows, mayWait: false });
    submitterRows += rows;
    if (!("block" in opening)) {
      refused ??= "refused" in opening ? opening.refused : null;
      now = opening.account;
      continue;
    }
    coordinatorRows += opening.block.terms.priceRows;
    duplicateRows += opening.block.terms.duplicateShare * rows;
    now = closeBlock(opening.account, opening.block).account;
  }
  return { rows: asked.rows, coordinatorRows, duplicateRows, refused };
}

/**
 * The lower cap of submitter and operator on the rows that the coordinator computes.
 * @example [lowerCap(null, 500), lowerCap(100, 500), lowerCap(null, null)] // -> [500, 100, null]
 */
export function lowerCap(ofSubmitter: number | null, ofOperator: number | null): number | null {
  if (ofSubmitter === null || ofOperator === null) return ofSubmitter ?? ofOperator;
  return Math.min(ofSubmitter, ofOperator);
}
