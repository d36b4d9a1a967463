/** The price of the checks of an open job, told before it begins: window by window, as its submitter's account would grow. Pure. */
import type { RowsEstimate } from "../../../../../shared/kinds/inference/rows-view.ts";
import { duration } from "../../../../../shared/numbers/duration.ts";
import { openWindow, openWindowRows } from "../../../../checks/open-blocks.ts";
import { priceOfChecksInWords, promiseInWords } from "../../../../checks/promise.ts";
import type { Block, BlockTerms } from "../../../../checks/words.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { colluderShareLately } from "../../core/crowd-lately.ts";
import { rowsMaxLeft, rowsMaxOf } from "../core/price-cap.ts";
import { accountAhead, costTold, hasCrowdAhead, type RowsAhead, UNCHECKED_AHEAD } from "./rows-ahead.ts";

export interface OpenRowsAhead extends RowsAhead {
  /** Does each answer become final by itself, and do volunteers not check each other? */
  readonly isAudited: boolean;
  /** After which a window ends, full or not. */
  readonly finalWithinMs: number;
}

/**
 * As if its rows came one by one: of rows that come together the account counts more before their window begins, and the coordinator computes fewer.
 * @returns what is told, and the same in a sentence or two
 */
export function openRowsAhead(state: CoordinatorState, job: OpenRowsAhead): { rows: RowsEstimate; words: string } {
  const { rows, answerBound, isStrict, isAudited, coordinatorRowsMax } = job;
  const rowsMax = rowsMaxOf({ coordinatorRowsMax }, rows, state.settings);
  const told = (finalBy: RowsEstimate["finalBy"], coordinatorRows: number) =>
    costTold(job, rowsMax, finalBy, coordinatorRows);
  if (!job.isChecked) return { rows: told("nobody", 0), words: UNCHECKED_AHEAD };
  const { coordinatorRows, duplicateRows, cappedRows, terms } = windowsAhead(state, job);
  const cost = priceOfChecksInWords({ rows, coordinatorRows, duplicateRows });
  const capped = cappedRows === 0 ? "" : cappedInWords(rows, cappedRows);
  if (terms === null)
    return { rows: told(capped === "" ? "coordinator" : "nobody", coordinatorRows), words: cost + capped };
  const final = isAudited ? EACH_FINAL : windowsInWords(openWindowRows(0), job.finalWithinMs);
  const promise = promiseInWords(answerBound, isStrict, terms);
  return {
    rows: { ...told("account", coordinatorRows), duplicateRows: Math.round(duplicateRows), promise },
    words: `${cost} ${final}${capped}`,
  };
}

const EACH_FINAL = "Each answer is final as soon as its checks are done.";

function windowsInWords(firstRows: number, finalWithinMs: number): string {
  return `Answers become final together: the first ${firstRows}, later more at once, and all of them within ${duration(finalWithinMs)}. Of queries that come many at once it computes fewer.`;
}

function cappedInWords(rows: number, cappedRows: number): string {
  const which = cappedRows >= rows ? "their" : `the last ${cappedRows.toLocaleString("en")}`;
  return ` Checks would cost more rows than the cap on the price allows: ${which} answers will not be final.`;
}

/** Terms that its windows would be opened with. @returns cappedRows: of these no answer is final; terms: of its last window, null: none is opened */
function windowsAhead(state: CoordinatorState, job: OpenRowsAhead) {
  const { rows, coordinatorRowsMax, isAudited } = job;
  const facts = { hasCrowd: !isAudited && hasCrowdAhead(state, job), colluderShare: colluderShareLately(state) };
  let account = accountAhead(state, job);
  const othersOpenOrWait = account.held > 0;
  let block: Block | null = null;
  let [counted, done, coordinatorRows, duplicateRows, cappedRows] = [0, 0, 0, 0, 0];
  while (done < rows) {
    // A window is asked for when the first of its rows comes.
    const newRows = done + 1 - counted;
    const rowsMax = rowsMaxOf({ coordinatorRowsMax }, done + 1, state.settings);
    const opened = openWindow(account, block, {
      ...{ ...facts, newRows, rowsAgain: 0, submitterRows: account.places, othersOpenOrWait },
      priceMaxRows: rowsMaxLeft(rowsMax, block === null ? [] : [{ block }]),
    });
    const windowRows = Math.min(rows - done, openWindowRows(account.places + newRows));
    if ("block" in opened) {
      ({ account, block } = opened);
      counted += newRows;
    }
    done += windowRows;
    // A block at work goes on by the terms that it has.
    if (block !== null) {
      coordinatorRows += coordinatorRowsOf(block.terms, windowRows, isAudited);
      duplicateRows += block.terms.duplicateShare * windowRows;
    } else if ("refused" in opened && opened.refused.why === "cap") cappedRows += windowRows;
    else coordinatorRows += windowRows;
  }
  return { coordinatorRows, duplicateRows, cappedRows, terms: block?.terms ?? null };
}

/** @param isAudited each row is a window, with a sample of one where there is any */
function coordinatorRowsOf(terms: BlockTerms, rows: number, isAudited: boolean): number {
  const { anchorShare, firstAnchorShare, firstRows, sampleShare } = terms;
  if (isAudited && sampleShare > 0) return rows;
  const anchors = anchorShare * rows + (firstAnchorShare - anchorShare) * Math.min(rows, firstRows);
  return anchors + Math.ceil(sampleShare * (rows - anchors));
}
