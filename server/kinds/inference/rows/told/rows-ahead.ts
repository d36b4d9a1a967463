/** What the checks of a job on the ledger would cost, told before it begins: by its submitter's account as it stands. Pure. */
import type { RowsEstimate } from "../../../../../shared/kinds/inference/rows-view.ts";
import { addressGroupsNeeded } from "../../../../../shared/verify/cross-checks/partners.ts";
import { accountKey, newAccount, openBlock } from "../../../../checks/account.ts";
import { priceOfChecksInWords, promiseInWords, refusedInWords } from "../../../../checks/promise.ts";
import { type SmallBlock, settleRefused } from "../../../../checks/small-blocks.ts";
import type { Account, BlockAsked, BlockOpening, Refusal } from "../../../../checks/words.ts";
import { isMostlyImpartial } from "../../../../coordinator/choice-rules.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { colluderShareLately } from "../../core/crowd-lately.ts";
import { INFERENCE } from "../../core/work.ts";
import { rowsMaxOf } from "../core/price-cap.ts";
import { ownRowMs } from "../core/row-ms.ts";

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

type Settled<T extends SmallBlock["by"]> = Extract<SmallBlock, { readonly by: T }>;

/** How the answers of a job become final, as its account would open its block now. Plain data. */
export type ChecksAhead =
  | { readonly by: "account"; readonly opening: Extract<BlockOpening, { readonly block: unknown }> }
  | { readonly by: "coordinator"; readonly refused: Refusal; readonly settled: Settled<"coordinator"> }
  | { readonly by: "nobody"; readonly settled: Settled<"nobody"> | null };

/** @returns what the dial runs the job with: its price is the one that is told */
export function checksAhead(state: CoordinatorState, job: RowsAhead): ChecksAhead {
  if (!job.isChecked) return { by: "nobody", settled: null };
  return asOpened(state, job, rowsMaxOf(job, job.rows, state.settings)).checks;
}

function asOpened(state: CoordinatorState, job: RowsAhead, rowsMax: number | null) {
  const { opening, waits } = openingAhead(state, job, rowsMax);
  if ("block" in opening) return { checks: { by: "account", opening } as const, waits };
  const { refused } = opening;
  const settled = settleRefused(refused, job.rows, ownRowMs(job.rowMs, job.macsPerQuery), rowsMax);
  if (settled.by === "coordinator") return { checks: { by: settled.by, refused, settled } as const, waits };
  return { checks: { by: settled.by, settled } as const, waits };
}

/** @returns what is told, and the same in a sentence or two */
export function rowsAhead(state: CoordinatorState, job: RowsAhead): { rows: RowsEstimate; words: string } {
  const { rows, answerBound, isStrict, coordinatorRowsMax } = job;
  const rowsMax = rowsMaxOf({ coordinatorRowsMax }, rows, state.settings);
  const told = (finalBy: RowsEstimate["finalBy"], coordinatorRows: number) =>
    costTold(job, rowsMax, finalBy, coordinatorRows);
  if (!job.isChecked) return { rows: told("nobody", 0), words: UNCHECKED_AHEAD };
  const { checks, waits } = asOpened(state, job, rowsMax);
  if (checks.by === "account") {
    const { terms } = checks.opening.block;
    const { priceRows, duplicateShare } = terms;
    const price = { rows, coordinatorRows: priceRows, duplicateRows: duplicateShare * rows };
    const promise = promiseInWords(answerBound, isStrict, terms);
    return {
      rows: { ...told("account", priceRows), duplicateRows: Math.round(price.duplicateRows), promise },
      words: `${priceOfChecksInWords(price)}${waits ? WAITS : ""}`,
    };
  }
  const words = refusedInWords(rows, checks.settled);
  if (checks.by === "coordinator") return { rows: told("coordinator", rows), words };
  return { rows: { ...told("nobody", 0), rowsThatSuffice: checks.settled.rowsThatSuffice }, words };
}

export const UNCHECKED_AHEAD = "Nothing checks its answers: none of them will be final.";
const WAITS =
  " It begins once other jobs of yours have ended: what their checks hold in reserve is needed for its own.";

type Opening = Exclude<BlockOpening, { readonly waits: true }>;

/**
 * Numbers of an estimate that every answer to "what will it cost" has.
 * @param finalBy who makes its answers final
 * @param coordinatorRows that it computes itself, on average
 */
export function costTold(
  { rowMs, macsPerQuery }: Pick<RowsAhead, "rowMs" | "macsPerQuery">,
  rowsMax: number | null,
  finalBy: RowsEstimate["finalBy"],
  coordinatorRows: number,
): RowsEstimate {
  const coordinatorMs = Math.round(coordinatorRows * ownRowMs(rowMs, macsPerQuery));
  return {
    ...{ coordinatorRows: Math.round(coordinatorRows), coordinatorMs, duplicateRows: 0 },
    ...{ finalBy, rowsThatSuffice: null, rowsMax, promise: null },
  };
}

/** On which the job would be booked, as it stands. */
export function accountAhead(
  { accounts }: CoordinatorState,
  { party, answerBound, isStrict }: Pick<RowsAhead, "party" | "answerBound" | "isStrict">,
): Account {
  const known = isStrict ? undefined : accounts.get(accountKey(party, answerBound, null));
  return known ?? newAccount(answerBound);
}

/** Are volunteers there that would check each other? */
export function hasCrowdAhead(
  state: CoordinatorState,
  { answerBound, submitter }: Pick<RowsAhead, "answerBound" | "submitter">,
): boolean {
  const isOfMany = state.crowd.impartial.addressGroups >= addressGroupsNeeded(answerBound);
  return isOfMany && isMostlyImpartial(state, { jobId: "", submission: { kind: INFERENCE, submitter } });
}

/** As the job's block would be opened now. @returns waits: only once what is held comes back */
function openingAhead(
  state: CoordinatorState,
  job: RowsAhead,
  rowsMax: number | null,
): { readonly opening: Opening; readonly waits: boolean } {
  const { rows } = job;
  const account = accountAhead(state, job);
  const asked: BlockAsked = {
    rows,
    isOpenJob: false,
    hasCrowd: hasCrowdAhead(state, job),
    submitterRows: account.places,
    colluderShare: colluderShareLately(state),
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
