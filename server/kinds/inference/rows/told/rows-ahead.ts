/** What the checks of a job on the ledger would cost, told before it begins: by its submitter's account as it stands. Pure. */
import type { RowsEstimate } from "../../../../../shared/kinds/inference/rows-view.ts";
import { addressGroupsNeeded } from "../../../../../shared/verify/cross-checks/partners.ts";
import { accountKey, newAccount, openBlock } from "../../../../checks/account.ts";
import { priceOfChecksInWords, promiseInWords, refusedInWords } from "../../../../checks/promise.ts";
import { settleRefused } from "../../../../checks/small-blocks.ts";
import type { BlockAsked, BlockOpening } from "../../../../checks/words.ts";
import { isMostlyImpartial } from "../../../../coordinator/choice-rules.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { colluderShareLately } from "../../core/cross-checks/crowd-lately.ts";
import { INFERENCE } from "../../core/work.ts";
import { rowsMaxOf } from "../core/price-cap.ts";
import { OWN_MACS_PER_MS } from "../core/row-ms.ts";

export interface RowsAhead {
  /** Whose account it would be booked on. */
  readonly party: string;
  readonly submitter: string;
  readonly rows: number;
  readonly answerBound: number;
  readonly isStrict: boolean;
  /** Does its scheme check answers at all? */
  readonly isChecked: boolean;
  readonly coordinatorRowsMax: number | null;
  readonly macsPerQuery: number;
  /** What a row takes the coordinator, ms; null: it has not tried the model. */
  readonly rowMs: number | null;
}

/** @returns what is told, and the same in a sentence or two */
export function rowsAhead(state: CoordinatorState, job: RowsAhead): { rows: RowsEstimate; words: string } {
  const { rows, answerBound, isStrict, coordinatorRowsMax } = job;
  const rowMs = job.rowMs ?? job.macsPerQuery / OWN_MACS_PER_MS;
  const rowsMax = rowsMaxOf({ coordinatorRowsMax }, rows, state.settings);
  const told = (finalBy: RowsEstimate["finalBy"], coordinatorRows: number, more: Partial<RowsEstimate> = {}) => ({
    ...{ coordinatorRows: Math.round(coordinatorRows), coordinatorMs: Math.round(coordinatorRows * rowMs) },
    ...{ duplicateRows: 0, finalBy, rowsThatSuffice: null, rowsMax, promise: null },
    ...more,
  });
  if (!job.isChecked) return { rows: told("nobody", 0), words: UNCHECKED };
  const { opening, waits } = openingAhead(state, job, rowsMax);
  if ("block" in opening) {
    const { terms } = opening.block;
    const { priceRows, duplicateShare } = terms;
    const price = { rows, coordinatorRows: priceRows, duplicateRows: duplicateShare * rows };
    const promise = promiseInWords(answerBound, isStrict, terms);
    return {
      rows: told("account", priceRows, { duplicateRows: Math.round(price.duplicateRows), promise }),
      words: `${priceOfChecksInWords(price)}${waits ? WAITS : ""}`,
    };
  }
  const settled = settleRefused(opening.refused, rows, rowMs, rowsMax);
  const words = refusedInWords(rows, settled);
  if (settled.by === "coordinator") return { rows: told("coordinator", rows), words };
  return { rows: told("nobody", 0, { rowsThatSuffice: settled.rowsThatSuffice }), words };
}

const UNCHECKED = "Nothing checks its answers: none of them will be final.";
const WAITS =
  " It begins once other jobs of yours have ended: what their checks hold in reserve is needed for its own.";

type Opening = Exclude<BlockOpening, { readonly waits: true }>;

/** What its terms know of the crowd as it is. */
export function factsAhead(
  state: CoordinatorState,
  { submitter, answerBound }: Pick<RowsAhead, "submitter" | "answerBound">,
): Pick<BlockAsked, "hasCrowd" | "colluderShare"> {
  const isOfMany = state.crowd.impartial.addressGroups >= addressGroupsNeeded(answerBound);
  const hasCrowd = isOfMany && isMostlyImpartial(state, { jobId: "", submission: { kind: INFERENCE, submitter } });
  return { hasCrowd, colluderShare: colluderShareLately(state) };
}

/** As the job's block would be opened now. @returns waits: only once what is held comes back */
function openingAhead(
  state: CoordinatorState,
  { party, submitter, rows, answerBound, isStrict }: RowsAhead,
  rowsMax: number | null,
): { readonly opening: Opening; readonly waits: boolean } {
  const known = isStrict ? undefined : state.accounts.get(accountKey(party, answerBound, null));
  const account = known ?? newAccount(answerBound);
  const asked: BlockAsked = {
    rows,
    isOpenJob: false,
    ...factsAhead(state, { submitter, answerBound }),
    submitterRows: account.places,
    othersOpenOrWait: account.held > 0,
    mayWait: true,
    priceMaxRows: rowsMax,
    isRetry: false,
    routeOneShare: 0,
  };
  const now = openBlock(account, asked);
  if (!("waits" in now)) return { opening: now, waits: false };
  const later = openBlock({ ...account, held: 0 }, { ...asked, othersOpenOrWait: false, mayWait: false });
  return { opening: later as Opening, waits: true };
}
