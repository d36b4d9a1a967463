/** The answers of one job as they stand, in the order of its queries, each with its mark and where it came from. */
import { ANSWER_MARKS, type AnswerMark } from "../../../../shared/kinds/inference/answers.ts";
import { type BackendClass, type Tolerances, UNMEASURED_TOLERANCES } from "../../../../shared/verify/compare-rows.ts";
import { type LedgerTerms, ledgerOf } from "../../../../shared/verify/cross-checks/ledger.ts";
import { type EstimateTally, emptyTally, sumOfTallies } from "../../../../shared/verify/estimate-confidence.ts";
import { labelTolerance } from "../../../../shared/verify/label-tolerance.ts";
import { coarserOf } from "../../../../shared/verify/model-class.ts";
import type { StoredRound } from "../../../store/store.ts";
import type { BatchSource, Coins } from "../core/batch-source.ts";
import { type Taking, takingKey } from "../core/taken-back.ts";
import type { Ledger, StoredCrossChecks } from "../records.ts";
import { type AnswerKind, AnswerKinds, type AnswerSource } from "./answer-kinds.ts";
import { type AnswerRule, isNonFinite } from "./answer-rule.ts";
import { argmax } from "./argmax.ts";
import { confidenceOfCode, NO_ESTIMATE } from "./estimate-codes.ts";
import { decodePlan, type StoredPlan, type StoredTaking } from "./stored-plan.ts";

export const MARK = Object.fromEntries(ANSWER_MARKS.map((mark, index) => [mark, index])) as Record<AnswerMark, number>;

/** In `sources`: no single volunteer answers for the row. */
const NO_SOURCE = 0xffff;
/** As stored, one byte a row. */
const NO_SOURCE_STORED = 255;
/** In `windows`: none, or one that no ledger reaches. */
const NO_WINDOW = 0xffff;

export interface HeldAnswer {
  readonly output: Float32Array;
  readonly mark: AnswerMark;
  readonly source: AnswerSource | null;
  /** Of an estimate: where its confidence is looked up. */
  readonly estimateCode?: number;
}

export class JobAnswers {
  queryCount = 0;
  readonly outputSize: number;
  /** queryCount x outputSize; in shared memory, as are the marks: threads that decode look at answers of other rounds. */
  outputs: Float32Array = new Float32Array(new SharedArrayBuffer(0));
  marks: Uint8Array = new Uint8Array(new SharedArrayBuffer(0));
  labels = new Int32Array();
  sources = new Uint16Array();
  precisions = new Uint8Array();
  /** Of the row's batch: how many rows it had, how many were recomputed at random, and who agreed with it (NO_SOURCE: nobody). */
  batchRows = new Uint16Array();
  auditedRows = new Uint16Array();
  opinions = new Uint16Array();
  /** 1: the row's batch is cross-checked [CC3]. */
  crossChecked = new Uint8Array();
  /** [CC12] The window of its job in which the row's batch was taken in, where it has such. */
  windows = new Uint16Array();
  estimateCodes = new Uint8Array();
  /** Below which tolerance the label of the row is certain (labelTolerance). */
  labelTolerances = new Float64Array();
  /** The mark under which each answer, as it stands, is durable; missing: a crash would take it. */
  durableMarks = new Uint8Array();
  /** What was compared to know what estimates are worth, in all rounds that have answers. */
  heldOut: EstimateTally = emptyTally();
  /** First delivery: what a submitter who did not wait was told. Marked `missing`: nothing yet. */
  firstLabels = new Int32Array();
  firstMarks = new Uint8Array();
  /** [TB1] Of each answer the taking that took back its `final`, by its place in `takings`, counted from 1; 0: none. */
  takenBack = new Uint16Array();
  /** Queries that the coordinator answered itself, in the order in which it did. */
  readonly trusted: number[] = [];
  readonly volunteers: string[] = [];
  /** What has taken back answers that were final. */
  readonly takings: Taking[] = [];
  /** What the answers are, counted. */
  readonly kinds = new AnswerKinds();
  /** [CC9] Of a job that has ended: the bounds of answers that are cross-checked, by volunteer. */
  boundsAtEnd: ReadonlyMap<string, number> = new Map();
  /** [CC12] As far as they are durable. */
  ledgers: readonly Ledger[] = [];
  #cut: LedgerTerms | null = null;
  #isUnchecked: boolean;
  /** By the place of the volunteer whose row it was. */
  readonly #lastKeys: (KindKey | undefined)[] = Array.from({ length: LAST_KEYS });
  readonly #volunteerIndex = new Map<string, number>();
  /** Of a regression there are none: every label stays -1. */
  readonly hasLabels: boolean;

  /** Within which rows of volunteers stand for the model's own. */
  readonly tolerance: Tolerances;
  /** The labels that the submitter knows; null: none. */
  readonly #truth: Int32Array | null;

  constructor(
    queryCount: number,
    outputSize: number,
    { task, tolerance = UNMEASURED_TOLERANCES }: Pick<AnswerRule, "task"> & Partial<Pick<AnswerRule, "tolerance">>,
    { isUnchecked = false, truth = null }: { readonly isUnchecked?: boolean; readonly truth?: Int32Array | null } = {},
  ) {
    this.tolerance = tolerance;
    this.#truth = truth;
    this.#isUnchecked = isUnchecked;
    this.outputSize = outputSize;
    this.hasLabels = task === "classification";
    this.resize(queryCount);
  }

  /** A stream has more queries, without answers yet; or fewer, where the last ones were taken back before they had any. */
  resize(queryCount: number): void {
    this.queryCount = queryCount;
    this.outputs = resized(this.outputs, queryCount * this.outputSize, 0);
    this.marks = resized(this.marks, queryCount, 0);
    this.labels = resized(this.labels, queryCount, -1);
    this.sources = resized(this.sources, queryCount, NO_SOURCE);
    this.precisions = resized(this.precisions, queryCount, 0);
    this.batchRows = resized(this.batchRows, queryCount, 0);
    this.auditedRows = resized(this.auditedRows, queryCount, 0);
    this.opinions = resized(this.opinions, queryCount, NO_SOURCE);
    this.crossChecked = resized(this.crossChecked, queryCount, 0);
    this.windows = resized(this.windows, queryCount, NO_WINDOW);
    this.estimateCodes = resized(this.estimateCodes, queryCount, NO_ESTIMATE);
    this.labelTolerances = resized(this.labelTolerances, queryCount, 0);
    this.durableMarks = resized(this.durableMarks, queryCount, 0);
    this.firstLabels = resized(this.firstLabels, queryCount, -1);
    this.firstMarks = resized(this.firstMarks, queryCount, 0);
    this.takenBack = resized(this.takenBack, queryCount, 0);
    this.kinds.resize(queryCount, UNANSWERED_KEY, () => UNANSWERED);
  }

  /** Its answer has changed. */
  #note(query: number): void {
    const isRight = this.#truth === null ? null : this.labels[query] === this.#truth[query];
    const isOpen = this.hasOpenLabel(query);
    const place = this.takenBack[query]!;
    const taking = this.takings[place - 1] ?? null;
    if (this.marks[query] === MARK.missing) {
      const key = taking === null ? UNANSWERED_KEY : `${UNANSWERED_KEY} ${place}`;
      return this.kinds.note(query, key, () => ({ ...UNANSWERED, taking }));
    }
    const ledger = this.#ledgerOf(query);
    this.kinds.note(query, this.#keyOf(query, ledger, isOpen, isRight), () => ({
      mark: this.marks[query]!,
      durableMark: this.durableMarks[query]!,
      source: this.batchSourceOf(query),
      isCrossChecked: this.crossChecked[query] === 1,
      ledger,
      hasOpenLabel: isOpen,
      isHalf: this.precisions[query] === 1,
      isRight,
      taking,
    }));
  }

  /**
   * The same for answers of one kind. Most rows of a volunteer are of the kind of the one before: to put the text together for each of them
   * would cost more than all else that is done to note it.
   */
  #keyOf(query: number, ledger: number | null, isOpen: boolean, isRight: boolean | null): string {
    const source = this.sources[query]!;
    const last = this.#lastKeys[source % LAST_KEYS];
    const mark = this.marks[query]!;
    const durableMark = this.durableMarks[query]!;
    const crossChecked = this.crossChecked[query]!;
    const batchRows = this.batchRows[query]!;
    const auditedRows = this.auditedRows[query]!;
    const opinion = this.opinions[query]!;
    const precision = this.precisions[query]!;
    const place = this.takenBack[query]!;
    const isSame =
      last !== undefined &&
      last.mark === mark &&
      last.durableMark === durableMark &&
      last.crossChecked === crossChecked &&
      last.ledger === ledger &&
      last.source === source &&
      last.batchRows === batchRows &&
      last.auditedRows === auditedRows &&
      last.opinion === opinion &&
      last.precision === precision &&
      last.isOpen === isOpen &&
      last.isRight === isRight &&
      last.place === place;
    if (isSame) return last.key;
    const checks = `${crossChecked} ${ledger} ${source} ${batchRows} ${auditedRows}`;
    const key = `${mark} ${durableMark} ${checks} ${opinion} ${precision} ${isOpen} ${isRight} ${place}`;
    const checked = { crossChecked, ledger, batchRows, auditedRows, opinion };
    this.#lastKeys[source % LAST_KEYS] = {
      source,
      mark,
      durableMark,
      precision,
      isOpen,
      isRight,
      place,
      ...checked,
      key,
    };
    return key;
  }

  #ledgerOf(query: number): number | null {
    const window = this.windows[query]!;
    if (this.#cut === null || window === NO_WINDOW) return null;
    const place = ledgerOf(window, this.#cut);
    return window < (this.ledgers[place]?.below ?? 0) ? place : null;
  }

  /** [CC12] So much of the job is certified now, and stays so. */
  certify({ terms, ledgers = [] }: Pick<StoredCrossChecks, "terms" | "ledgers">): void {
    const [before, cutBefore] = [this.ledgers, this.#cut];
    this.ledgers = ledgers;
    const cut = terms?.ledger ?? null;
    this.#cut = cut;
    if (cut === null || ledgers.every(({ below }, place) => below === before[place]?.below)) return;
    const move = this.kinds.mover();
    const note = (query: number) => this.#note(query);
    for (let query = 0; query < this.queryCount; query++) {
      const window = this.windows[query]!;
      if (window === NO_WINDOW) continue;
      const place = ledgerOf(window, cut);
      const wasCertified = cutBefore !== null && window < (before[place]?.below ?? 0);
      const isCertified = window < (ledgers[place]?.below ?? 0);
      if (wasCertified !== isCertified) move(query, isCertified ? place + 1 : 0, note);
    }
  }

  set(query: number, { output, mark, source, estimateCode = NO_ESTIMATE }: HeldAnswer): void {
    this.outputs.set(output, query * this.outputSize);
    this.marks[query] = this.#markOf(output, mark);
    this.labels[query] = this.#labelOf(query);
    if (this.hasLabels) this.labelTolerances[query] = labelTolerance(output);
    this.#enterSource(query, source);
    this.estimateCodes[query] = estimateCode;
    this.durableMarks[query] = MARK.missing;
    this.#note(query);
    if (this.hasFirst(query) || mark === "missing") return;
    this.firstLabels[query] = this.labels[query]!;
    this.firstMarks[query] = this.marks[query]!;
  }

  /** [VF14] What was said to be checked is not, and nothing of this job ever is; what the coordinator computed itself stays. */
  uncheck(): void {
    this.#isUnchecked = true;
    for (const marks of [this.marks, this.durableMarks]) {
      for (let query = 0; query < this.queryCount; query++) {
        if (marks[query] === MARK.audited || marks[query] === MARK.estimated) marks[query] = MARK.unchecked;
      }
    }
    for (let query = 0; query < this.queryCount; query++) this.#note(query);
  }

  /** Was it ever answered? */
  hasFirst(query: number): boolean {
    return this.firstMarks[query] !== MARK.missing;
  }

  /** [VF16] What is not all numbers says so, whoever computed it. */
  #markOf(output: Float32Array, mark: AnswerMark): number {
    if (mark === "missing") return MARK.missing;
    if (isNonFinite(output)) return MARK["non-finite"];
    return this.#isUnchecked ? MARK.unchecked : MARK[mark];
  }

  #labelOf(query: number): number {
    if (this.marks[query] === MARK["non-finite"]) return -1;
    return this.hasLabels ? argmax(this.outputs, query, this.outputSize) : -1;
  }

  /** Says anew whose result the row is from, and how it was checked. Most of what is said anew was so before. */
  setSource(query: number, source: AnswerSource | null): void {
    if (this.#enterSource(query, source)) this.#note(query);
  }

  /** @returns whether anything of it is new */
  #enterSource(query: number, source: AnswerSource | null): boolean {
    const by = source === null ? NO_SOURCE : this.#indexOf(source.volunteerId);
    const opinion = source?.opinionBy == null ? NO_SOURCE : this.#indexOf(source.opinionBy);
    const precision = CLASSES.indexOf(source?.precision ?? "float32");
    const { batchRows = 0, auditedRows = 0, coins } = source ?? {};
    const crossChecked = coins === undefined ? 0 : 1;
    const window = Math.min(NO_WINDOW, coins?.window ?? NO_WINDOW);
    const isKnown =
      this.sources[query] === by &&
      this.opinions[query] === opinion &&
      this.precisions[query] === precision &&
      this.batchRows[query] === batchRows &&
      this.auditedRows[query] === auditedRows &&
      this.crossChecked[query] === crossChecked &&
      this.windows[query] === window;
    if (isKnown) return false;
    this.sources[query] = by;
    this.opinions[query] = opinion;
    this.precisions[query] = precision;
    this.batchRows[query] = batchRows;
    this.auditedRows[query] = auditedRows;
    this.crossChecked[query] = crossChecked;
    this.windows[query] = window;
    return true;
  }

  /** The row's answer came from a liar: what the first delivery said stays on record, the answer does not. */
  withdraw(query: number): void {
    this.outputs.fill(0, query * this.outputSize, (query + 1) * this.outputSize);
    this.marks[query] = MARK.missing;
    this.labels[query] = -1;
    this.sources[query] = NO_SOURCE;
    this.durableMarks[query] = MARK.missing;
    this.#note(query);
  }

  /** [TB1] Its `final` is taken back. What takes its place later does not change that it was. */
  takeBack(query: number, taking: Taking): void {
    this.takenBack[query] = this.#placeOfTaking(taking);
    this.#note(query);
  }

  #placeOfTaking(taking: Taking): number {
    const key = takingKey(taking);
    const known = this.takings.findIndex((other) => takingKey(other) === key);
    // Namings of one job are few; should they ever be more, the last one speaks for the rest.
    return known >= 0 ? known + 1 : this.takings.length < TAKINGS_MAX ? this.takings.push(taking) : TAKINGS_MAX;
  }

  /** [TB1] As they are stored with a round. @param queries of its rows */
  takingsIn(queries: Uint32Array): StoredTaking[] {
    const rowsOf = new Map<number, number[]>();
    queries.forEach((query, row) => {
      const taking = this.takenBack[query]!;
      if (taking > 0) rowsOf.set(taking, [...(rowsOf.get(taking) ?? []), row]);
    });
    return [...rowsOf].map(([taking, rows]) => ({ ...this.takings[taking - 1]!, rows }));
  }

  /** This has been stored. What was withdrawn, or answered anew, while it was being stored is not what lies there. */
  isStored({ queryIndices, outputs, marks }: Pick<StoredRound, "queryIndices" | "outputs" | "marks">): void {
    const { outputSize } = this;
    queryIndices.forEach((query, row) => {
      if (this.marks[query] === MARK.missing) return;
      const [at, storedAt] = [query * outputSize, row * outputSize];
      for (let c = 0; c < outputSize; c++) if (!Object.is(this.outputs[at + c], outputs[storedAt + c])) return;
      this.durableMarks[query] = marks[row]!;
      this.#note(query);
    });
  }

  /** The coordinator computed the row itself. */
  markExact(query: number, ownOutput: Float32Array): void {
    this.outputs.set(ownOutput, query * this.outputSize);
    if (isNonFinite(ownOutput)) {
      this.marks[query] = MARK["non-finite"];
      // Nobody answers for it: the coordinator found so itself.
      this.setSource(query, null);
    } else {
      if (this.marks[query] !== MARK.exact) this.trusted.push(query);
      this.marks[query] = MARK.exact;
    }
    this.labels[query] = this.#labelOf(query);
    this.#note(query);
  }

  /** Queries that this volunteer answered and nobody has recomputed. */
  unauditedOf(volunteerId: string): number[] {
    const source = this.#volunteerIndex.get(volunteerId);
    const queries: number[] = [];
    if (source === undefined) return queries;
    for (let query = 0; query < this.queryCount; query++) {
      if (this.sources[query] === source && this.marks[query] === MARK.audited) queries.push(query);
    }
    return queries;
  }

  /** [CC8] Queries whose answers are cross-checked, and that nobody has recomputed. @param window [CC14] of these alone; absent: of all */
  crossCheckedRows(window?: number): number[] {
    const rows: number[] = [];
    for (let query = 0; query < this.queryCount; query++) {
      if (this.crossChecked[query] !== 1 || this.marks[query] !== MARK.audited) continue;
      if (window === undefined || this.windows[query] === window) rows.push(query);
    }
    return rows;
  }

  /** The part of a round, as it is stored. */
  exportRows(
    queries: Uint32Array,
  ): Pick<StoredRound, "queryIndices" | "outputs" | "marks" | "sources" | "volunteers" | "firstLabels" | "firstMarks"> {
    const rows = queries.length;
    const volunteers: string[] = [];
    const placeOf = new Map<number, number>();
    const part = {
      queryIndices: queries,
      outputs: new Float32Array(rows * this.outputSize),
      marks: new Uint8Array(rows),
      sources: new Uint8Array(rows).fill(NO_SOURCE_STORED),
      volunteers,
      firstLabels: new Int32Array(rows),
      firstMarks: new Uint8Array(rows),
    };
    queries.forEach((query, row) => {
      part.outputs.set(
        this.outputs.subarray(query * this.outputSize, (query + 1) * this.outputSize),
        row * this.outputSize,
      );
      part.marks[row] = this.marks[query]!;
      part.firstLabels[row] = this.firstLabels[query]!;
      part.firstMarks[row] = this.firstMarks[query]!;
      const source = this.sources[query]!;
      if (source === NO_SOURCE) return;
      if (!placeOf.has(source)) placeOf.set(source, volunteers.push(this.volunteers[source]!) - 1);
      part.sources[row] = placeOf.get(source)!;
    });
    return part;
  }

  /** Puts a stored round back in its place. */
  importRound(round: StoredRound): void {
    const plan = decodePlan(round.plan);
    const { estimates, heldOut, takenBack = [] } = plan;
    const sourceOf = sourcesIn(plan);
    const codes = new Map(estimates);
    this.heldOut = sumOfTallies(this.heldOut, heldOut);
    round.queryIndices.forEach((query, row) => {
      const output = round.outputs.subarray(row * this.outputSize, (row + 1) * this.outputSize);
      const place = round.sources[row]!;
      const volunteerId = place === NO_SOURCE_STORED ? null : round.volunteers[place]!;
      const source = volunteerId === null ? null : sourceOf(row, volunteerId);
      const mark = ANSWER_MARKS[round.marks[row]!]!;
      if (mark === "missing") this.withdraw(query);
      else this.set(query, { output, mark, source, estimateCode: codes.get(row) ?? NO_ESTIMATE });
      if (mark === "exact") this.trusted.push(query);
      this.firstLabels[query] = round.firstLabels[row]!;
      this.firstMarks[query] = round.firstMarks[row]!;
      this.durableMarks[query] = this.marks[query]!;
      this.#note(query);
    });
    for (const { rows, ...taking } of takenBack)
      for (const row of rows) this.takeBack(round.queryIndices[row]!, taking);
  }

  countByMark(): Record<AnswerMark, number> {
    const counts = new Uint32Array(ANSWER_MARKS.length);
    for (const [{ mark }, count] of this.kinds.counts()) counts[mark]! += count;
    return Object.fromEntries(ANSWER_MARKS.map((mark, index) => [mark, counts[index]!])) as Record<AnswerMark, number>;
  }

  /** Of an estimate: the lower confidence bound of those like it, by all that was compared; null where that is not known. */
  confidenceOf(query: number): number | null {
    return confidenceOfCode(this.heldOut, this.estimateCodes[query]!);
  }

  /** [VF16] Did the coordinator itself find that the row overflows? */
  isConfirmedNonFinite(query: number): boolean {
    return this.marks[query] === MARK["non-finite"] && this.sources[query] === NO_SOURCE;
  }

  sourceOf(query: number): string | null {
    const source = this.sources[query]!;
    return source === NO_SOURCE ? null : this.volunteers[source]!;
  }

  /** Whose result the row is from, and how its batch was checked; null: nobody's in particular. */
  batchSourceOf(query: number): AnswerSource | null {
    const volunteerId = this.sourceOf(query);
    if (volunteerId === null) return null;
    return {
      volunteerId,
      precision: this.classOf(query),
      auditedRows: this.auditedRows[query]!,
      opinionBy: this.opinions[query] === NO_SOURCE ? null : this.volunteers[this.opinions[query]!]!,
      batchRows: this.batchRows[query]!,
    };
  }

  /** How exactly the row was computed. */
  classOf(query: number): BackendClass {
    return CLASSES[this.precisions[query]!]!;
  }

  /** [PC1] Does a row within that tolerance exist that has another label? */
  hasOpenLabel(query: number): boolean {
    return this.hasLabels && this.labelTolerances[query]! <= this.tolerance[this.classOf(query)];
  }

  #indexOf(volunteerId: string): number {
    let index = this.#volunteerIndex.get(volunteerId);
    if (index === undefined) {
      index = this.volunteers.push(volunteerId) - 1;
      if (index >= NO_SOURCE) throw new RangeError(`JobAnswers: expected fewer than ${NO_SOURCE} volunteers in a job`);
      this.#volunteerIndex.set(volunteerId, index);
    }
    return index;
  }
}

/** What tells kinds of answers apart, and the text that names them. */
interface KindKey {
  readonly mark: number;
  readonly durableMark: number;
  readonly crossChecked: number;
  readonly ledger: number | null;
  readonly source: number;
  readonly batchRows: number;
  readonly auditedRows: number;
  readonly opinion: number;
  readonly precision: number;
  readonly isOpen: boolean;
  readonly isRight: boolean | null;
  readonly place: number;
  readonly key: string;
}
const LAST_KEYS = 64;

const UNANSWERED_KEY = "unanswered";
const UNANSWERED: AnswerKind = {
  mark: MARK.missing,
  durableMark: MARK.missing,
  source: null,
  isCrossChecked: false,
  ledger: null,
  hasOpenLabel: false,
  isHalf: false,
  isRight: null,
  taking: null,
};
/** By their codes in the column of precisions. */
const CLASSES: readonly BackendClass[] = ["float32", "float16", "fixed32"];
const TAKINGS_MAX = 0xffff;

type Column = Float32Array | Float64Array | Uint8Array | Int32Array | Uint16Array;

/** The same array with another length. Its buffer has room for as much again: a stream grows by a row at a time. */
function resized<A extends Column>(array: A, length: number, empty: number): A {
  const Typed = array.constructor as new (buffer: ArrayBufferLike, byteOffset: number, length: number) => A;
  const bytes = length * array.BYTES_PER_ELEMENT;
  // Those that come in their place know nothing of them.
  if (length < array.length) array.fill(empty as never, length);
  if (bytes <= array.buffer.byteLength) return new Typed(array.buffer, 0, length);
  const isFirst = array.length === 0;
  const Room = array.buffer instanceof SharedArrayBuffer ? SharedArrayBuffer : ArrayBuffer;
  const room = new Room(isFirst ? bytes : 2 * bytes);
  const whole = new Typed(room, 0, room.byteLength / array.BYTES_PER_ELEMENT);
  // Zeros are there, and take no memory before they are written: of millions of answers most are a while off.
  if (empty !== 0) whole.fill(empty as never);
  whole.set(array as never);
  return new Typed(room, 0, length);
}

/** [CC12] Of two batches those that were taken in later, where they have windows. */
function laterCoins(one: Coins | undefined, other: Coins | undefined): { coins?: Coins } {
  const coins = one !== undefined && (one.window ?? 0) >= (other?.window ?? 0) ? one : (other ?? one);
  return coins === undefined ? {} : { coins };
}

/** @returns of a row of the round, and the volunteer whose answer it is, how its batch was checked; null: that is not known */
function sourcesIn({
  sources,
  batchRows,
  splits = [],
}: StoredPlan): (row: number, volunteerId: string) => AnswerSource | null {
  const slotOf = new Map(splits.flatMap((slot) => slot.rows.map((row) => [row, slot] as const)));
  const isSplit = new Set(splits.map(({ workerIndex }) => workerIndex));
  const weakest = weakestByVolunteer(sources.filter((_, workerIndex) => !isSplit.has(workerIndex)));
  return (row, volunteerId) => {
    const slot = slotOf.get(row);
    const own = slot && sources[slot.workerIndex];
    if (slot && own?.volunteerId === volunteerId) return { ...own, batchRows: slot.rows.length };
    const other = weakest.get(volunteerId);
    return other === undefined ? null : { ...other, batchRows };
  };
}

/** Where a volunteer computed several batches of one round, each of its rows counts as the least checked of them. */
function weakestByVolunteer(sources: readonly (BatchSource | null)[]): Map<string, BatchSource> {
  const weakest = new Map<string, BatchSource>();
  for (const source of sources) {
    if (source === null) continue;
    const other = weakest.get(source.volunteerId) ?? source;
    weakest.set(source.volunteerId, {
      ...source,
      precision: coarserOf(source.precision, other.precision),
      auditedRows: Math.min(source.auditedRows, other.auditedRows),
      opinionBy: source.opinionBy === null ? null : other.opinionBy,
      // Whose rows are cross-checked in part has the bound of that.
      ...laterCoins(source.coins, other.coins),
    });
  }
  return weakest;
}
