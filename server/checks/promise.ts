/** What a submitter is told of its checks: what the bound says and does not say, what it costs, and why a block has none. */
import { rowPromise } from "../../shared/verify/row-promise.ts";
import { windowsOf } from "./blocks.ts";
import type { JobPrice } from "./price.ts";
import type { SmallBlock } from "./small-blocks.ts";
import type { BlockTerms } from "./words.ts";

/**
 * Without a token a submitter is an address. Where strangers share that, their account would be one, and each of them could be told of a
 * bound that another one's rows had paid for: a job has an account of its own there, unless told otherwise.
 * @example [isStrictByDefault(true, true), isStrictByDefault(false, true), isStrictByDefault(false, false)] // -> [false, true, false]
 */
export function isStrictByDefault(hasToken: boolean, isAddressShared: boolean): boolean {
  return !hasToken && isAddressShared;
}

/** A job of which so much is asked. */
export interface OneJob {
  /** c */
  readonly checkShare: number;
  /** How often its rows are asked for, 1 to 3. */
  readonly tries: number;
  /** In which its block is certified: `windowsOf`. */
  readonly windows: number;
}

/**
 * Wrong final answers that an attacker brings about in one job of one block, on average, however large the job is. In each window all of b lies
 * escape with chance (1-c)^b, and it begins the next one; or it is found, and has what a further try may bring.
 * @example [1, 3].map((tries) => Math.floor(worstOfOneJob({ checkShare: 0.05, tries, windows: 1 }))) // -> [7, 16]
 */
export function worstOfOneJob({ checkShare, tries, windows }: OneJob): number {
  let worst = 0;
  for (let left = tries; left > 0; left--) {
    const ifFound = worst;
    for (let window = 0, follows = 0; window < windows; window++, follows = worst) {
      worst = follows;
      // Beyond that more lies no longer pay.
      for (let lies = 1; lies <= ifFound + 1 / checkShare + 1; lies++) {
        worst = Math.max(worst, ifFound + (1 - checkShare) ** lies * (lies + follows - ifFound));
      }
    }
  }
  return worst;
}

/**
 * What the bound says, and of one job does not.
 * @param terms of the job's first block
 * @example promiseInWords(1e-3, true, terms).startsWith("Of all rows of this job, accepted or not") // -> true
 */
export function promiseInWords(answerBound: number, isStrict: boolean, terms: PromisedTerms): string {
  const promise = rowPromise(answerBound, isStrict);
  const said = `${promise[0]!.toUpperCase()}${promise.slice(1)}.`;
  if (isStrict) return said;
  const { checkShare } = terms;
  const [once, thrice] = [1, 3].map((tries) =>
    inWords(worstOfOneJob({ checkShare, tries, windows: windowsOf(terms) })),
  );
  return `${said} That is averaged over your jobs: in this one alone an attacker can make up to ${once} rows wrong and final on average, ${thrice} where its rows are asked for three times. Ask for strict checks to have it of this job.`;
}

type PromisedTerms = Pick<BlockTerms, "checkShare" | "rows" | "sampleShare">;

/**
 * Told before a job begins.
 * @example
 * priceOfChecksInWords({ rows: 1_000, coordinatorRows: 493.6, duplicateRows: 27.6 })
 * // -> "Of 1,000 rows the coordinator computes about 494 itself, and tabs answer about 28 twice, if nobody lies."
 */
export function priceOfChecksInWords({ rows, coordinatorRows, duplicateRows }: JobPrice): string {
  const twice = duplicateRows < 0.5 ? "" : `, and tabs answer about ${inWords(duplicateRows)} twice`;
  return `Of ${ofRows(rows)} the coordinator computes about ${inWords(coordinatorRows)} itself${twice}, if nobody lies.`;
}

/**
 * Told when somebody is named: what has no bound is asked again, as a block with a price of its own.
 * @param toldBefore rows of the coordinator, as they were told
 * @example
 * raisedInWords({ rows: 400, coordinatorRows: 120 }, 490)
 * // -> "A volunteer was wrong: 400 rows are asked again. The coordinator computes about 610 rows of this job, and not 490."
 */
export function raisedInWords(again: Pick<JobPrice, "rows" | "coordinatorRows">, toldBefore: number): string {
  const now = inWords(toldBefore + again.coordinatorRows);
  return `A volunteer was wrong: ${ofRows(again.rows)} ${again.rows === 1 ? "is" : "are"} asked again. The coordinator computes about ${now} rows of this job, and not ${inWords(toldBefore)}.`;
}

/**
 * Why a block has no bound by its account, and what would bring one.
 * @example
 * refusedInWords(48, { by: "nobody", why: "price", rowsThatSuffice: 177 })
 * // -> "Too little was checked for you so far to bound 48 rows: their answers will not be final. 177 rows in one job would suffice."
 */
export function refusedInWords(rows: number, settled: SmallBlock): string {
  if (settled.by === "coordinator") return `The coordinator computes all of ${ofRows(rows)} itself.`;
  const { why, rowsThatSuffice } = settled;
  if (why === "cap") {
    return `Checks of ${ofRows(rows)} would cost the coordinator more rows than the cap on the price allows: their answers will not be final.`;
  }
  const mend = rowsThatSuffice === null ? "" : ` ${ofRows(rowsThatSuffice)} in one job would suffice.`;
  return `Too little was checked for you so far to bound ${ofRows(rows)}: their answers will not be final.${mend}`;
}

const inWords = (count: number): string => Math.round(count).toLocaleString("en");

const ofRows = (rows: number): string => (rows === 1 ? "1 row" : `${inWords(rows)} rows`);
