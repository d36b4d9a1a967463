/**
 * The answers of a job on the ledger of rows, place by place, and what of them is durable: each append is made of what stands when it is made, and an
 * answer counts as stored once the store has said so.
 */
import { ANSWER_MARKS } from "../../../../../shared/kinds/inference/answers.ts";
import type { SignedResult } from "../../../../../shared/receipts/signature-lines.ts";
import type { BackendClass } from "../../../../../shared/verify/compare-rows.ts";
import type { AppendRecord } from "../../../../store/store.ts";
import { COORDINATOR } from "../../core/job.ts";
import type { Taking } from "../../core/taken-back.ts";
import type { AnswerKind, AnswerSource } from "../../engine/answer-kinds.ts";
import { answerRuleOf } from "../../engine/answer-rule.ts";
import { NO_ESTIMATE } from "../../engine/estimate-codes.ts";
import { JobAnswers, MARK } from "../../engine/job-answers.ts";
import type { StoredJob } from "../../records.ts";
import { areRowsChecked } from "../core/rows-job.ts";
import {
  DEVICE_CLASSES,
  decodeAppend,
  encodeAppend,
  NO_AUTHOR,
  type RowsAppend,
  type RowsOnRecord,
} from "../records.ts";
import type { RestoredRows, RowAsStored, RowEntry, RowMark } from "../work.ts";
import { isInDoubt } from "./doubts.ts";
import { Names } from "./names.ts";
import { type RowSaid, RowWords } from "./row-words.ts";

/** [TB1] What takes back the `final` of the answer at a place, as it stands until now; null: it was not final. */
export type TakingAt = (place: number, kind?: AnswerKind) => Taking | null;

type OpenCoin = NonNullable<RestoredRows["openCoins"]>[number];

/** What a decode says of a row. */
export interface DecodedAnswer {
  /** C */
  readonly output: Float32Array;
  readonly mark: Extract<RowMark, "checked" | "unchecked" | "estimated">;
  /** Whose answer it is; null: nobody's alone. */
  readonly by: Pick<RowSaid, "volunteerId" | "precision"> | null;
  /** See estimate-codes.ts. */
  readonly estimateCode: number;
}

export class RowAnswers {
  readonly answers: JobAnswers;
  readonly words = new RowWords();
  readonly #job: StoredJob;
  /** By place: how often its answer was taken out, and by number (Names) who agreed with the one that stands. */
  #attempts: Uint16Array;
  #partners: Uint16Array;
  readonly #names = new Names();
  /** Of what is read: answers that no longer stand, and of which nobody has said whether they are right. By place and attempt. */
  readonly #openCoins = new Map<string, OpenCoin>();
  /** The latest block that was opened, and the latest of which an append says so. */
  #openedBlock = 0;
  #latestBlock = 0;
  #nextSeq = 0;
  /** What was said of rows that the coordinator found wrong, by place: their authors may be named yet. */
  readonly #corrected = new Map<number, AnswerKind>();
  /** Appends that the store has not confirmed. */
  readonly #unstored = new Map<number, RowsOnRecord>();

  /** @param truth the labels that the submitter knows; null: none */
  constructor(job: StoredJob, truth: Int32Array | null) {
    this.#job = job;
    const known = { isUnchecked: job.unchecked !== null, truth, isOnRows: true };
    this.answers = new JobAnswers(job.queryCount, job.outputSize, answerRuleOf(job), known);
    this.#attempts = new Uint16Array(job.queryCount);
    this.#partners = new Uint16Array(job.queryCount);
  }

  /** An open job has more rows; or fewer, where the last ones could not be made durable. */
  resize(rows: number): void {
    this.answers.resize(rows);
    this.#attempts = lengthened(this.#attempts, rows);
    this.#partners = lengthened(this.#partners, rows);
  }

  attemptOf(place: number): number {
    return this.#attempts[place]!;
  }

  /** It is the job's answer from now on. @param precision what the device is taken for; output: C numbers, copied */
  take(place: number, attempt: number, volunteerId: string, precision: BackendClass, output: Float32Array): void {
    this.#keepAsWord(place);
    this.#attempts[place] = attempt;
    this.#partners[place] = NO_AUTHOR;
    // [SC1] Nothing is called checked of a job that nothing checks.
    const isChecked = areRowsChecked({ stored: this.#job });
    const source = sourceOf(volunteerId, precision, isChecked);
    this.answers.set(place, { output, mark: isChecked ? "audited" : "unchecked", source });
  }

  /** The code, or a majority, answers the row, which has no answer of its own. */
  takeDecoded(place: number, attempt: number, { output, mark, by, estimateCode }: DecodedAnswer): void {
    const { answers } = this;
    if (answers.marks[place] !== MARK.missing && answers.marks[place] !== MARK.estimated) return;
    this.#attempts[place] = attempt;
    this.#partners[place] = NO_AUTHOR;
    const source = by === null ? null : sourceOf(by.volunteerId, by.precision, false);
    answers.set(place, { output, mark: mark === "checked" ? "audited" : mark, source, estimateCode });
  }

  /** The coordinator computed it. Whose answer was right stays its author. */
  takeOwn(place: number, output: Float32Array, isAuthorRight: boolean): void {
    const { answers } = this;
    if (answers.marks[place] === MARK.missing || answers.marks[place] === MARK.estimated) {
      answers.set(place, { output, mark: "exact", source: null });
      return this.#isExact(place, output);
    }
    // It did so before: whose answer was right then is its author still.
    if (answers.marks[place] === MARK.exact) return;
    if (!isAuthorRight) {
      this.#keepAsWord(place);
      this.#corrected.set(place, answers.kinds.kindOf(place));
      answers.setSource(place, null);
    }
    answers.markExact(place, output);
  }

  /** Of a job that nothing checks too: the coordinator's own answers are exact. */
  #isExact(place: number, output: Float32Array): void {
    const { answers } = this;
    if (answers.marks[place] === MARK.exact) answers.trusted.push(place);
    else answers.markExact(place, output);
  }

  /** No answer stands there any more, until the next attempt. What the coordinator computed itself stays. */
  takeOut(place: number, attempt: number, takingAt: TakingAt): void {
    const { answers } = this;
    this.#attempts[place] = attempt;
    answers.takenOut.add(place);
    if (answers.marks[place] === MARK.exact) return answers.setSource(place, null);
    const taking = takingAt(place);
    this.#keepAsWord(place, attempt - 1);
    this.#partners[place] = NO_AUTHOR;
    answers.withdraw(place);
    if (taking !== null) answers.takeBack(place, taking);
  }

  /** [TB1] Of answers that the coordinator's own stand for, and that were final until their author was named: that is told too. */
  takeBackCorrected(takingAt: TakingAt): void {
    for (const [place, kind] of this.#corrected) {
      const taking = takingAt(place, kind);
      if (taking === null) continue;
      this.answers.takeBack(place, taking);
      this.#corrected.delete(place);
    }
  }

  #keepAsWord(place: number, attempt: number = this.attemptOf(place)): void {
    const { answers } = this;
    const volunteerId = answers.sources.volunteerOf(place);
    if (volunteerId === null || answers.marks[place] === MARK.missing) return;
    const precision = answers.sources.classOf(place);
    this.words.keep(place, { volunteerId, attempt, precision, said: this.outputAt(place).slice() });
  }

  /** C numbers, a view. */
  outputAt(place: number): Float32Array {
    const { outputSize, outputs } = this.answers;
    return outputs.subarray(place * outputSize, (place + 1) * outputSize);
  }

  /** What is held of that volunteer's word about the row: its answer that stands, and others beside. */
  saidBy(volunteerId: string, place: number): RowSaid[] {
    return this.saidAt(place).filter((word) => word.volunteerId === volunteerId);
  }

  /** All that volunteers said of the row, the answer that stands first. */
  saidAt(place: number): RowSaid[] {
    const { answers } = this;
    const author = answers.sources.volunteerOf(place);
    const beside = [...this.words.at(place)];
    // Of an answer that the coordinator computed too its own numbers stand.
    if (author === null || answers.marks[place] === MARK.missing || answers.marks[place] === MARK.exact) return beside;
    const [attempt, precision] = [this.attemptOf(place), answers.sources.classOf(place)];
    return [{ volunteerId: author, attempt, precision, said: this.outputAt(place) }, ...beside];
  }

  // --- what is stored -----------------------------------------------------------------------------------------------

  /** The answers of these rows as they stand. @param signed what came with them */
  append(entries: readonly RowEntry[], signed: readonly SignedResult[]): AppendRecord {
    const { answers } = this;
    const { outputSize } = answers;
    const n = entries.length;
    const rows = {
      places: Uint32Array.from(entries, ({ place }) => place),
      attempts: Uint16Array.from(entries, ({ attempt }) => attempt),
      authors: Uint16Array.from(entries, (entry) => this.#names.numberOf(this.#authorOf(entry))),
      partners: Uint16Array.from(entries, ({ partner = null }) => this.#names.partnerNumberOf(partner)),
      marks: new Uint8Array(n),
      devices: Uint8Array.from(entries, ({ place }) => DEVICE_CLASSES.indexOf(answers.sources.classOf(place))),
    };
    const outputs = new Float32Array(n * outputSize);
    let answered = 0;
    entries.forEach(({ place, author, mark }, row) => {
      rows.marks[row] = author === null ? MARK.missing : answerMarkOf(mark, answers.marks[place]!);
      this.#partners[place] = rows.partners[row]!;
      if (author === COORDINATOR) answers.setSource(place, null);
      if (rows.marks[row] !== MARK.missing) outputs.set(this.outputAt(place), answered++ * outputSize);
    });
    const names = this.#names.untold();
    const written = { ...rows, outputs: outputs.subarray(0, answered * outputSize) };
    const takings = answers.takingsIn(rows.places);
    return this.#written({ type: "rows", rows: written, names, signed, takings, ...this.#estimatesOf(entries) });
  }

  #estimatesOf(entries: readonly RowEntry[]): Pick<RowsAppend, "estimates"> {
    const { estimateCodes, heldOut } = this.answers;
    const codes = entries.flatMap(({ place, author }, row) => {
      const code = author === null ? NO_ESTIMATE : estimateCodes[place]!;
      return code === NO_ESTIMATE ? [] : [[row, code] as const];
    });
    return codes.length === 0 ? {} : { estimates: { codes, heldOut } };
  }

  /** [VF16] Of what the coordinator found to be no numbers it is the author, whoever said so before. */
  #authorOf({ place, author }: RowEntry): string | null {
    const { marks, sources } = this.answers;
    const isOwn = marks[place] === MARK["non-finite"] && sources.volunteerOf(place) === null;
    return author !== null && isOwn ? COORDINATOR : author;
  }

  /** That these are final; nobody is told before it is stored. */
  appendFinal(blockId: number, places: readonly number[] | "all"): AppendRecord {
    return this.#written({ type: "final", blockId, places: places === "all" ? "all" : Uint32Array.from(places) });
  }

  /** Rows are asked again, as a block of their own: coins of those before it are settled. */
  opened(blockId: number): void {
    if (blockId <= this.#latestBlock) return;
    this.#openedBlock = blockId;
    this.#openCoins.clear();
  }

  /**
   * With the first rows of a block that was opened again, and not with the block: one that an account does not carry is not written, and the appends of
   * a job have numbers without a gap. @returns null: it was said before
   */
  appendOpened(): AppendRecord | null {
    if (this.#openedBlock <= this.#latestBlock) return null;
    this.#latestBlock = this.#openedBlock;
    return this.#written({ type: "opened", blockId: this.#latestBlock });
  }

  #written(append: RowsOnRecord): AppendRecord {
    const seq = this.#nextSeq++;
    this.#unstored.set(seq, append);
    return { jobId: this.#job.jobId, seq, body: encodeAppend(append) };
  }

  /** The store has it. What was taken out, or answered anew, while it was being stored is not what lies there. */
  isStored({ seq }: AppendRecord): void {
    const append = this.#unstored.get(seq);
    this.#unstored.delete(seq);
    if (append === undefined) return;
    if (append.type === "opened") return;
    if (append.type === "final") return this.#certify(append.blockId, append.places);
    const { places, marks, outputs } = append.rows;
    const queryIndices = places.filter((_, row) => marks[row] !== MARK.missing);
    this.answers.isStored({ queryIndices, outputs, marks: marks.filter((mark) => mark !== MARK.missing) });
  }

  #certify(blockId: number, places: Uint32Array | "all"): void {
    const { answers } = this;
    answers.ledgers = withBlock(answers.ledgers, blockId, this.#job.submission.answerBound);
    const all = places === "all" ? answers.marks.keys() : places;
    const standing = [...all].filter((place) => answers.sources.volunteerOf(place) !== null);
    answers.certifyRows(standing, blockId);
  }

  // --- what was stored ----------------------------------------------------------------------------------------------

  /**
   * Puts what was stored back in its place, append by append in their order.
   * @throws RangeError where one is missing, or cannot be read
   */
  read({ jobId, seq, body }: AppendRecord): void {
    if (seq !== this.#nextSeq)
      throw new RangeError(`rows of job ${jobId}: expected append ${this.#nextSeq}, got ${seq}`);
    this.#nextSeq++;
    const append = decodeAppend(body);
    if (append.type === "final") this.#certify(append.blockId, append.places);
    else if (append.type === "rows") this.#readRows(append);
    else {
      this.#latestBlock = append.blockId;
      this.#openCoins.clear();
    }
  }

  #readRows({ rows, names, signed, takings, estimates }: RowsAppend): void {
    const codes = new Map(estimates?.codes);
    if (estimates !== undefined) this.answers.heldOut = estimates.heldOut;
    for (const one of signed) {
      const before = this.signed.get(one.assignmentId)?.rowHashes ?? "";
      const rowHashes = Buffer.concat([before, one.rowHashes].map((hashes) => Buffer.from(hashes, "base64")));
      this.signed.set(one.assignmentId, { ...one, rowHashes: rowHashes.toString("base64") });
    }
    this.#names.read(names);
    const { places, attempts, authors, partners, marks, devices, outputs } = rows;
    const { answers } = this;
    const { outputSize } = answers;
    let answered = 0;
    places.forEach((place, row) => {
      if (place >= answers.queryCount)
        throw new RangeError(`rows: expected a place below ${answers.queryCount}, got ${place}`);
      if (marks[row] === MARK.missing) {
        this.#noteOpenCoin(place);
        this.takeOut(place, attempts[row]!, NOT_FINAL);
        return;
      }
      const author = this.#names.nameOf(authors[row]!);
      const isSame = attempts[row] === this.attemptOf(place) && author === answers.sources.volunteerOf(place);
      if (!isSame) {
        this.#noteOpenCoin(place);
        this.#keepAsWord(place);
      }
      const mark = ANSWER_MARKS[marks[row]!]!;
      const source =
        author === null || author === COORDINATOR
          ? null
          : sourceOf(author, DEVICE_CLASSES[devices[row]!]!, mark !== "unchecked");
      const output = outputs.subarray(answered * outputSize, ++answered * outputSize);
      answers.set(place, { output, mark, source, estimateCode: codes.get(row) ?? NO_ESTIMATE });
      this.#attempts[place] = attempts[row]!;
      // What was taken out and answered again within one append is stored once.
      if (attempts[row]! > 0) answers.takenOut.add(place);
      this.#partners[place] = partners[row]!;
      if (mark === "exact") this.#isExact(place, output);
    });
    const isAnswered = marks.map((mark) => (mark === MARK.missing ? 0 : 1));
    const queryIndices = places.filter((_, row) => isAnswered[row] === 1);
    answers.isStored({ queryIndices, outputs, marks: marks.filter((_, row) => isAnswered[row] === 1) });
    for (const { rows: taken, ...taking } of takings) for (const row of taken) answers.takeBack(places[row]!, taking);
  }

  /** The answer that stands there is about to be none, and nobody has agreed with it. */
  #noteOpenCoin(place: number): void {
    const { marks, sources } = this.answers;
    const author = sources.volunteerOf(place);
    const isSettled = marks[place] === MARK.exact || this.#partners[place] !== NO_AUTHOR;
    if (author === null || marks[place] === MARK.missing || isSettled) return;
    const attempt = this.attemptOf(place);
    this.#openCoins.set(`${place} ${attempt}`, { place, attempt, author });
  }

  /** Coins that nobody had answered. A row that the coordinator computed since has answered all of its place. */
  openCoins(): OpenCoin[] {
    const { marks } = this.answers;
    return [...this.#openCoins.values()].filter(({ place }) => marks[place] !== MARK.exact);
  }

  /** [RC9] By assignment what its volunteer signed of it last, of what was read. */
  readonly signed = new Map<string, SignedResult>();

  /** Who gave the answer, and who agreed with it; names as the core has them. */
  saidOf(place: number): {
    readonly author: string | null;
    readonly partner: string | null;
    readonly blockId: number | null;
  } {
    const { answers } = this;
    const isMissing = answers.marks[place] === MARK.missing;
    return {
      author: isMissing ? null : answers.sources.volunteerOf(place),
      partner: this.#names.nameOf(this.#partners[place]!),
      blockId: isMissing ? null : answers.kinds.kindOf(place).ledger,
    };
  }

  /** Of every place that was ever answered, what the core goes on from. */
  restored(): RowAsStored[] {
    const { answers } = this;
    const rows: RowAsStored[] = [];
    for (let place = 0; place < answers.queryCount; place++) {
      const entry = this.entryAt(place);
      if (entry.author === null && entry.attempt === 0) continue;
      const isCertified = entry.author !== null && answers.sources.windowOf(place) !== null;
      const isOwn = entry.author === COORDINATOR;
      // What the code, or a majority, says is nobody's own, and not final.
      const isFinal = isCertified || entry.mark === "exact" || (isOwn && entry.mark === "non-finite");
      const isDoubtful = !isFinal && !isOwn && this.#isInDoubt(place);
      rows.push({ ...entry, isFinal, ...(isDoubtful && { isDoubtful }) });
    }
    return rows;
  }

  #isInDoubt(place: number): boolean {
    const { answers } = this;
    if (answers.marks[place] === MARK.missing) return false;
    return isInDoubt(answerRuleOf(this.#job), this.outputAt(place), answers.sources.classOf(place));
  }

  /** The row as it stands. */
  entryAt(place: number): RowEntry {
    const { marks, sources } = this.answers;
    const isMissing = marks[place] === MARK.missing;
    const partner = this.#names.nameOf(this.#partners[place]!);
    return {
      ...{ place, attempt: this.attemptOf(place), mark: rowMarkOf(marks[place]!) },
      author: isMissing ? null : (sources.volunteerOf(place) ?? COORDINATOR),
      ...(partner === null ? {} : { partner }),
    };
  }
}

/** With room for as many again, so that rows that come one by one are copied some times and not each time. */
function lengthened(column: Uint16Array, rows: number): Uint16Array {
  if (rows <= column.length) return column;
  const longer = new Uint16Array(2 * rows);
  longer.set(column);
  return longer;
}

function sourceOf(volunteerId: string, precision: BackendClass, isChecked: boolean): AnswerSource {
  const coins = isChecked ? { coins: { attempt: 0, duplicates: 0 } } : {};
  return { volunteerId, precision, auditedRows: 0, opinionBy: null, batchRows: 1, ...coins };
}

/** [VF16] What is not all numbers says so, whatever the core calls it. */
function answerMarkOf(mark: RowMark, standing: number): number {
  if (standing === MARK["non-finite"]) return standing;
  return mark === "checked" ? MARK.audited : MARK[mark];
}

function rowMarkOf(mark: number): RowMark {
  const name = ANSWER_MARKS[mark]!;
  return name === "audited" ? "checked" : name === "missing" ? "unchecked" : name;
}

/** Answers that a block certifies are within the job's bound. */
function withBlock(ledgers: JobAnswers["ledgers"], blockId: number, bound: number): JobAnswers["ledgers"] {
  const length = Math.max(ledgers.length, blockId + 1);
  const certified = { openedMs: 0, below: 0, bound };
  return Array.from({ length }, (_, place) => (place === blockId ? certified : (ledgers[place] ?? UNCERTIFIED)));
}
const NOT_FINAL: TakingAt = () => null;
const UNCERTIFIED = { openedMs: 0, below: 0, bound: 1 };
