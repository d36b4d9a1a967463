/** What the simulated disk has of rows, their blocks and their accounts: what the ledger of rows promises of durability is held against it. */
import { blockOf } from "../../../server/kinds/inference/rows/engine/blocks.ts";
import { decodeAppend, type FinalAppend, OWN, type RowsAppend } from "../../../server/kinds/inference/rows/records.ts";
import type { StoredBlock } from "../../../server/kinds/inference/rows/work.ts";
import type { AccountRecord, AppendRecord, BlockRecord, StoreRecord } from "../../../server/store/store.ts";
import { ANSWER_MARKS } from "../../../shared/kinds/inference/answers.ts";

export interface DiskRow {
  readonly attempt: number;
  /** As the append has it: OWN, a volunteer's number, or nobody's. */
  readonly author: number;
  readonly mark: (typeof ANSWER_MARKS)[number];
  readonly isFinal: boolean;
}

/** Sums of reserves are exact to less than that. */
const ROUNDING = 1e-6;

export class DiskRows {
  /** By job and place. */
  readonly #rows = new Map<string, Map<number, DiskRow>>();
  /** By job and number. */
  readonly #blocks = new Map<string, Map<number, StoredBlock>>();
  readonly #accounts = new Map<string, AccountRecord>();
  readonly #broken: string[];

  /** @param broken what is wrong is told there */
  constructor(broken: string[]) {
    this.#broken = broken;
  }

  written(record: StoreRecord): void {
    if (record.kind === "append") this.#appended(record.append);
    if (record.kind === "block") this.#blockWritten(record.block);
    if (record.kind === "account") this.#accountWritten(record.account);
  }

  /** Places of the job that have an answer. */
  *answered(jobId: string): Generator<readonly [number, DiskRow], undefined> {
    for (const [place, row] of this.#rows.get(jobId) ?? []) if (row.mark !== "missing") yield [place, row];
  }

  answeredCount(jobId: string): number {
    return [...this.answered(jobId)].length;
  }

  finalCount(jobId: string): number {
    return [...this.answered(jobId)].filter(([, { isFinal }]) => isFinal).length;
  }

  #appended({ jobId, body }: AppendRecord): void {
    const append = decodeAppend(body);
    const rows = this.#rows.get(jobId) ?? new Map<number, DiskRow>();
    this.#rows.set(jobId, rows);
    if (append.type === "rows") this.#rowsWritten(jobId, rows, append);
    if (append.type === "final") this.#certified(jobId, rows, append);
  }

  #rowsWritten(jobId: string, rows: Map<number, DiskRow>, { rows: columns }: RowsAppend): void {
    for (const [i, place] of columns.places.entries()) {
      const [attempt, author] = [columns.attempts[i]!, columns.authors[i]!];
      const mark = ANSWER_MARKS[columns.marks[i]!]!;
      const before = rows.get(place);
      if (before !== undefined && attempt < before.attempt)
        this.#broken.push(`[RW8] row ${place} of ${jobId} goes back from attempt ${before.attempt} to ${attempt}`);
      const isSame = before?.attempt === attempt && before.author === author;
      const wasAnswered = before?.attempt === attempt && before.mark !== "missing" && before.mark !== "estimated";
      // A row that the coordinator computed too becomes the answer of the one volunteer who had it right, whichever came first.
      const isSettled = mark === "exact" && (before?.mark !== "exact" || before.author === OWN);
      if (wasAnswered && !isSame && author !== OWN && mark !== "missing" && !isSettled)
        this.#broken.push(`[RW7] row ${place} of ${jobId} has two answers of one attempt`);
      const isFinal = mark === "exact" || mark === "non-finite" || (isSame && before.isFinal);
      rows.set(place, { attempt, author, mark, isFinal });
    }
  }

  #certified(jobId: string, rows: Map<number, DiskRow>, { places }: FinalAppend): void {
    for (const place of places === "all" ? [...rows.keys()] : places) {
      const row = rows.get(place);
      if (row === undefined || row.mark === "missing")
        this.#broken.push(`[CK5] row ${place} of ${jobId} is certified, and has no answer`);
      else rows.set(place, { ...row, isFinal: true });
    }
  }

  #blockWritten(record: BlockRecord): void {
    const { jobId, blockId } = record;
    const blocks = this.#blocks.get(jobId) ?? new Map<number, StoredBlock>();
    this.#blocks.set(jobId, blocks);
    const [before, now] = [blocks.get(blockId), blockOf(record)];
    blocks.set(blockId, now);
    if (before === undefined) return;
    // [CK14] In an open job each window has terms of its own, and what is held for all of them is never lowered.
    const [first, last] = [before.block.terms, now.block.terms];
    const isSame =
      now.counted === undefined ? JSON.stringify(first) === JSON.stringify(last) : last.reserve >= first.reserve;
    if (!isSame) this.#broken.push(`[CK1] terms of block ${blockId} of ${jobId} changed after it was opened`);
    if (before.block.state !== "open" && now.block.state !== before.block.state)
      this.#broken.push(`[CK3] block ${blockId} of ${jobId} was ${before.block.state}, and is ${now.block.state}`);
  }

  #accountWritten(account: AccountRecord): void {
    const { accountKey, answerBound, places, routeOne, charged, held } = account;
    const before = this.#accounts.get(accountKey);
    this.#accounts.set(accountKey, account);
    if (before !== undefined && charged < before.charged)
      this.#broken.push(`[CK3] of account ${accountKey} ${before.charged} was charged, and ${charged} is`);
    if (charged + held + routeOne > answerBound * places + ROUNDING)
      this.#broken.push(
        `[CK2] account ${accountKey} bears ${answerBound * places}, and ${charged + held + routeOne} is booked on it`,
      );
  }
}
