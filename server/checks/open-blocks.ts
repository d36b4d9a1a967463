/**
 * The block of an open job. Nobody knows how many rows will come, so it has no end that is settled ahead: it goes on in windows, each with terms of its own, settled
 * before its first coin is tossed, by what the account has then. One reserve is held for all of them, as large as the largest of theirs: it is raised, and never lowered.
 * A window ends with as many answers as `openWindowRows` says, after finalWithinMs, or with the stream; in an audited stream at once.
 *
 * Why that is sound (docs/how-a-row-becomes-final.md, "One block"): of x lies in a window with c all escape with chance (1 - c)^x at most, and
 * (1 - c)^x (x + r) <= r for each reserve r from (1 - c) / c on. So no window is worth anything before it begins, whatever r was raised to, and whatever follows it.
 */
import { free } from "./account.ts";
import { termsOf } from "./terms.ts";
import type { Account, Block, BlockAsked, BlockTerms, Refusal } from "./words.ts";

/** A window has at least so many answers, unless its time is over, */
const WINDOW_ROWS_MIN = 64;
/** and at most these, */
const WINDOW_ROWS_MAX = 4_096;
/** else this part of all that the account was asked for: what its terms cost falls as the account grows. */
const WINDOW_PART = 1 / 8;

/**
 * Answers of a window that begins now.
 * @param places M of the account
 * @example [openWindowRows(0), openWindowRows(8_000), openWindowRows(1e6)] // -> [64, 1_000, 4_096]
 */
export function openWindowRows(places: number): number {
  return Math.min(WINDOW_ROWS_MAX, Math.max(WINDOW_ROWS_MIN, Math.ceil(WINDOW_PART * places)));
}

export interface OpenWindowAsked
  extends Pick<BlockAsked, "hasCrowd" | "submitterRows" | "colluderShare" | "othersOpenOrWait" | "priceMaxRows"> {
  /** Rows that came since the account counted them last: they count from now on. */
  readonly newRows: number;
  /** Rows of an earlier block that are asked again in it, and do not count anew. */
  readonly rowsAgain: number;
}

export type OpenWindow =
  | { readonly account: Account; readonly block: Block }
  | { readonly refused: Omit<Refusal, "rowsThatSuffice"> };

/**
 * Terms of the next window, and the account that holds its reserve. Both are durable, in one step, before the window begins.
 * @param before the block that the window is of; null: it is the first of a new one
 * @returns refused: nothing is booked
 * @example openWindow(newAccount(1e-3), null, { ...asked, newRows: 1_000, rowsAgain: 0 }).block.terms.checkShare // -> 0.5
 */
export function openWindow(account: Account, before: Block | null, asked: OpenWindowAsked): OpenWindow {
  const { newRows, rowsAgain, ...facts } = asked;
  const counted = { ...account, places: account.places + newRows };
  const heldBefore = before?.terms.reserve ?? 0;
  const others = { ...counted, held: counted.held - heldBefore };
  const terms = termsOf(free(others), account.answerBound, {
    ...facts,
    ...{ rows: Math.max(1, openWindowRows(counted.places)), isOpenJob: true },
    ...{ mayWait: false, isRetry: true, routeOneShare: 0 },
  });
  if ("why" in terms) return { refused: terms };
  const reserve = Math.max(heldBefore, terms.reserve);
  const rows = (before?.terms.rows ?? rowsAgain) + newRows;
  const priceRows = (before?.terms.priceRows ?? 0) + terms.priceRows;
  return {
    account: { ...others, held: others.held + reserve },
    block: { terms: { ...terms, rows, priceRows, reserve }, state: "open" },
  };
}

/**
 * The window was never opened: others had booked what it was to take, before that was known here.
 * @example takeWindowBack(opened.account, null, opened.block, 1_000) // -> the account before
 */
export function takeWindowBack(account: Account, before: Block | null, opened: Block, newRows: number): Account {
  const held = account.held - opened.terms.reserve + (before?.terms.reserve ?? 0);
  return { ...account, places: account.places - newRows, held };
}

/** The stricter of two: an answer that met the one has met the other. @example stricterTerms({ ...terms, checkShare: 0.5 }, terms).checkShare // -> 0.5 */
export function stricterTerms(one: BlockTerms, other: BlockTerms): BlockTerms {
  return one.checkShare >= other.checkShare ? one : other;
}
