/**
 * The account of a submitter: charged + held <= eps M less route 1's part, whatever happens. Wrong final answers less charges never
 * rise on average, so that at most eps of the rows asked for are wrong and final: docs/how-a-row-becomes-final.md, "Theorem".
 */
import { SMALL_ROWS, termsOf } from "./terms.ts";
import type { Account, Block, BlockAsked, BlockOpening, BlockTerms, Refusal } from "./words.ts";

/** A block that had a finding is asked again so often, each time as a block with a reserve of its own. */
export const RETRIES_MAX = 2;

/** In wrong answers: sums of an account are exact to less than that. */
const ROUNDING = 1e-9;

/** Larger blocks are not thought of where rows that suffice are looked for. */
const ROWS_MAX = 2 ** 31;

/**
 * @param answerBound eps, above 0 and at most 1
 * @throws RangeError where it is not
 * @example newAccount(1e-3) // -> { answerBound: 1e-3, places: 0, routeOne: 0, charged: 0, held: 0 }
 */
export function newAccount(answerBound: number): Account {
  if (!(answerBound > 0 && answerBound <= 1)) {
    throw new RangeError(`newAccount: expected a bound above 0 and at most 1, got ${answerBound}`);
  }
  return { answerBound, places: 0, routeOne: 0, charged: 0, held: 0 };
}

/**
 * Which account a job is booked on. One a submitter and bound, for all cells; without tokens one an address. A strict job has one of its own.
 * @param submitter the submitter's identity, or the address that submitters without tokens have
 * @param strictJobId of a strict job, otherwise null
 * @example [accountKey("ann", 1e-3, null), accountKey("ann", 1e-3, "job-7")] // -> ["0.001 of ann", "0.001 of job job-7"]
 */
export function accountKey(submitter: string, answerBound: number, strictJobId: string | null): string {
  return `${answerBound} of ${strictJobId === null ? submitter : `job ${strictJobId}`}`;
}

/**
 * Wrong answers that no charge, no open block and no part of route 1 stands on: eps M - charged - held.
 * @example free({ answerBound: 1e-2, places: 1_000, routeOne: 0, charged: 3, held: 2 }) // -> 5
 */
export function free({ answerBound, places, routeOne, charged, held }: Account): number {
  return answerBound * places - routeOne - charged - held;
}

/**
 * Opens a block within what is free: its places count, but for those of a retry. A block that is too dear changes nothing: asking costs nothing, and
 * a submitter that asked again and again would have an old account at once. The account and the block that come back are durable, in one step, before
 * the first row goes out. Where reserves of other blocks are in the way the block may wait for them.
 * @throws RangeError where N is no whole number from 1 on
 * @example openBlock(newAccount(1e-3), { ...asked, rows: 1_000 }).block.terms.checkShare // -> 0.5
 */
export function openBlock(account: Account, asked: BlockAsked): BlockOpening {
  if (!(Number.isSafeInteger(asked.rows) && asked.rows >= 1)) {
    throw new RangeError(`openBlock: expected rows from 1 on, got ${asked.rows}`);
  }
  const counted = withPlaces(account, asked);
  const terms = termsOf(free(counted), account.answerBound, asked);
  if ("why" in terms) {
    if (asked.mayWait && isCarriedLater(counted, asked)) return { account, waits: true };
    return { account, refused: { ...terms, rowsThatSuffice: rowsThatSuffice(account, asked, terms.why) } };
  }
  return { account: { ...counted, held: counted.held + terms.reserve }, block: { terms, state: "open" } };
}

/**
 * The coordinator has computed these rows of a job whose block was too dear: they were asked for, are final, and count, so that small jobs carry
 * later ones. One step with the job's end.
 * @param rows of places that no block of the job has counted
 * @example countComputed(newAccount(1e-3), 48).places // -> 48
 */
export function countComputed(account: Account, rows: number): Account {
  return { ...account, places: account.places + rows };
}

/**
 * The first finding of a block, whatever becomes of its author: its reserve is charged, for good. A second finding changes nothing.
 * @returns what becomes durable before anybody is told
 * @example chargeBlock(account, block) // -> { account, block: { ...block, state: "charged" } }
 */
export function chargeBlock(account: Account, block: Block): { account: Account; block: Block } {
  if (block.state !== "open") return { account, block };
  const { reserve } = block.terms;
  return {
    account: { ...account, held: account.held - reserve, charged: account.charged + reserve },
    block: { ...block, state: "charged" },
  };
}

/**
 * All coins of the block and its sample are answered without a finding: its reserve is free again. A crash or a cancel does not close a
 * block: its reserve stays held until then, or is charged.
 * @example closeBlock(account, block) // -> { account, block: { ...block, state: "closed" } }
 */
export function closeBlock(account: Account, block: Block): { account: Account; block: Block } {
  if (block.state !== "open") return { account, block };
  return {
    account: { ...account, held: account.held - block.terms.reserve },
    block: { ...block, state: "closed" },
  };
}

/**
 * The block was never opened: other coordinators had booked what it was to take, before that was known here.
 * @param opened as openBlock gave it, not durable
 * @example takeBack(opening.account, opening.block, asked) // -> the account before
 */
export function takeBack(account: Account, opened: Block, { isRetry }: Pick<BlockAsked, "isRetry">): Account {
  const { rows, routeOneShare } = opened.terms;
  const closed = closeBlock(account, opened).account;
  const places = isRetry ? 0 : rows;
  return { ...closed, places: closed.places - places, routeOne: routeOnePart(closed, routeOneShare, -places) };
}

/**
 * What a cancelled job left unanswered leaves M again, as far as no charge and no open block stands on it: volunteers can make a job fail, and
 * blocks were opened on its places. One step with the block's end.
 * @param rows of the block, without an answer; 0 of a retry, whose places were counted before
 * @example leaveUnanswered({ answerBound: 1e-2, places: 1_000, routeOne: 0, charged: 3, held: 0 }, terms, 900).places // -> 300
 */
export function leaveUnanswered(account: Account, { routeOneShare }: BlockTerms, rows: number): Account {
  const own = account.answerBound * (1 - routeOneShare);
  const left = Math.max(0, Math.min(rows, Math.floor((free(account) - ROUNDING) / own)));
  return { ...account, places: account.places - left, routeOne: routeOnePart(account, routeOneShare, -left) };
}

/**
 * The least block larger than the one asked for that would be opened.
 * @returns null where a cap of submitter or operator is too low. Of a retry, whose account does not grow by it: of a new job
 * @example openBlock(newAccount(1e-3), { ...asked, rows: 48 }).refused.rowsThatSuffice // -> 177
 */
function rowsThatSuffice(account: Account, asked: BlockAsked, why: Refusal["why"]): number | null {
  if (why === "cap") return null;
  const wouldOpen = (rows: number) => {
    const larger = { ...asked, rows, priceMaxRows: null, isRetry: false };
    return !("why" in termsOf(free(withPlaces(account, larger)), account.answerBound, larger));
  };
  // Up to SMALL_ROWS, and from there on, a block of more rows is easier to carry; between the two shares of the price it may not be.
  const first = asked.rows < SMALL_ROWS && wouldOpen(SMALL_ROWS) ? SMALL_ROWS : 2 * asked.rows;
  let [low, high] = asked.isRetry ? [0, asked.rows] : [asked.rows, first];
  while (!wouldOpen(high)) {
    if (high >= ROWS_MAX) return null;
    [low, high] = [high, 2 * high];
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (wouldOpen(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Would the block open if all that is held came back? */
function isCarriedLater(counted: Account, asked: BlockAsked): boolean {
  if (counted.held === 0) return false;
  const alone = { ...asked, othersOpenOrWait: false };
  return !("why" in termsOf(free({ ...counted, held: 0 }), counted.answerBound, alone));
}

function withPlaces(account: Account, { rows, isRetry, routeOneShare }: BlockAsked): Account {
  if (isRetry) return account;
  return { ...account, places: account.places + rows, routeOne: routeOnePart(account, routeOneShare, rows) };
}

/** Route 1's part of eps M once so many places were added to it. */
function routeOnePart({ answerBound, routeOne }: Account, routeOneShare: number, places: number): number {
  return Math.max(0, routeOne + routeOneShare * answerBound * places);
}
