/** What the checks of a stream would cost, told before it begins: window after window, by its submitter's account as it stands. Pure. SPEC.md CK11, CK14. */
import type { RowsEstimate } from "../../../../../shared/kinds/inference/rows-view.ts";
import { rowPromise } from "../../../../../shared/verify/row-promise.ts";
import { accountKey, newAccount } from "../../../../checks/account.ts";
import { openWindow, openWindowRows } from "../../../../checks/open-blocks.ts";
import { priceOfChecksInWords } from "../../../../checks/promise.ts";
import type { Account, Block, BlockTerms } from "../../../../checks/words.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { rowsMaxOf } from "../core/price-cap.ts";
import { OWN_MACS_PER_MS } from "../core/row-ms.ts";
import { factsAhead, type RowsAhead } from "./rows-ahead.ts";

/** Nobody says how many queries will come: so many are priced. */
export const STREAM_ROWS_UNSAID = 10_000;

/** @returns what is told, as if its queries came one after the other, and the same in a sentence or two */
export function streamAhead(state: CoordinatorState, job: RowsAhead): { rows: RowsEstimate; words: string } {
  const { party, rows, answerBound, isStrict, coordinatorRowsMax } = job;
  const rowsMax = rowsMaxOf({ coordinatorRowsMax }, rows, state.settings);
  const known = isStrict ? undefined : state.accounts.get(accountKey(party, answerBound, null));
  const price = { rows, coordinatorRows: 0, duplicateRows: 0 };
  const rowMs = job.rowMs ?? job.macsPerQuery / OWN_MACS_PER_MS;
  const told = (finalBy: RowsEstimate["finalBy"], promise: string | null) => ({
    ...{ coordinatorRows: Math.round(price.coordinatorRows), duplicateRows: Math.round(price.duplicateRows) },
    ...{ coordinatorMs: Math.round(price.coordinatorRows * rowMs), finalBy, rowsThatSuffice: null, rowsMax, promise },
  });
  if (!job.isChecked)
    return { rows: told("nobody", null), words: "Nothing checks its answers: none of them will be final." };
  let account: Account = known ?? newAccount(answerBound);
  let block: Block | null = null;
  for (let done = 0; done < rows; ) {
    const newRows = Math.min(rows - done, openWindowRows(account.places));
    const opened = openWindow(account, block, {
      ...factsAhead(state, job),
      ...{ newRows, rowsAgain: 0, submitterRows: account.places },
      othersOpenOrWait: account.held > (block?.terms.reserve ?? 0),
      priceMaxRows: rowsMax === null ? null : rowsMax - price.coordinatorRows,
    });
    if ("refused" in opened) return { rows: told("nobody", null), words: carriedInWords(done) };
    ({ account, block } = opened);
    const { terms }: { terms: BlockTerms } = block;
    const anchors = terms.anchorShare * newRows + extraAnchors(terms, newRows);
    price.coordinatorRows += anchors + terms.sampleShare * (newRows - anchors);
    price.duplicateRows += terms.duplicateShare * newRows;
    done += newRows;
  }
  const promise = `${capital(rowPromise(answerBound, isStrict))}.${isStrict ? "" : AVERAGED}`;
  const words = `Its answers are final window by window. ${priceOfChecksInWords(price)} That is fewer where many queries come at once.`;
  return { rows: told("account", promise), words };
}

/** Of the submitter's first rows. */
function extraAnchors({ anchorShare, firstAnchorShare, firstRows }: BlockTerms, newRows: number): number {
  return (firstAnchorShare - anchorShare) * Math.min(firstRows, newRows);
}

const AVERAGED = " That is averaged over your jobs: in one stream alone more may be, in each of its windows anew.";

function capital(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}`;
}

function carriedInWords(rows: number): string {
  return `Its account carries the checks of ${rows.toLocaleString("en")} of its rows; what follows will not be final.`;
}
