/** The answers of one job as they stand, in the order of its queries, each with its mark and where it came from. */
import { ANSWER_MARKS, type AnswerMark } from "../../../../shared/kinds/inference/answers.ts";
import { type Tolerances, UNMEASURED_TOLERANCES } from "../../../../shared/verify/compare-rows.ts";
import { type LedgerTerms, ledgerOf } from "../../../../shared/verify/cross-checks/ledger.ts";
import { type EstimateTally, emptyTally, sumOfTallies } from "../../../../shared/verify/estimate-confidence.ts";
import { labelTolerance } from "../../../../shared/verify/label-tolerance.ts";
import type { StoredRound } from "../../../store/store.ts";
import { type Taking, takingKey } from "../core/taken-back.ts";
import type { Ledger, StoredCrossChecks } from "../records.ts";
import { type AnswerKind, AnswerKinds, type AnswerSource } from "./answer-kinds.ts";
import { type AnswerRule, isNonFinite } from "./answer-rule.ts";
import { AnswerSources, NO_SOURCE_STORED } from "./answer-sources.ts";
import { argmax } from "./argmax.ts";
import { lengthened } from "./columns.ts";
import { confidenceOfCode, NO_ESTIMATE } from "./estimate-codes.ts";
import { decodePlan, type StoredTaking } from "./stored-plan.ts";
import { sourcesIn } from "./stored-sources.ts";

export const MARK = Object.fromEntries(ANSWER_MARKS.map((mark, index) => [mark, index])) as Record<AnswerMark, number>;

/** What is known of all answers before there are any. */
export interface KnownBefore {
  readonly isUnchecked?: boolean;
  /** The labels that the submitter knows; null: none. */
  readonly truth?: Int32Array | null;
  /** Its job runs on the ledger of rows. */
  readonly isOnRows?: boolean;
}

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
  readonly sources = new AnswerSources();
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
  /** On the ledger of rows: places from which an answer was taken out, whatever stands there since. */
  readonly takenOut = new Set<number>();
  /** Queries that the coordinator answered itself, in the order in which it did. */
  readonly trusted: number[] = [];
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
  /** The window of an answer is the block that certified it. */
  readonly #isOnRows: boolean;
  /** By the place of the volunteer whose row it was. */
  readonly #lastKeys: (KindKey | undefined)[] = Array.from({ length: LAST_KEYS });
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
    { isUnchecked = false, truth = null, isOnRows = false }: KnownBefore = {},
  ) {
    this.#isOnRows = isOnRows;
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
    this.outputs = lengthened(this.outputs, queryCount * this.outputSize, 0);
    this.marks = lengthened(this.marks, queryCount, 0);
    this.labels = lengthened(this.labels, queryCount, -1);
    this.sources.resize(queryCount);
    this.estimateCodes = lengthened(this.estimateCodes, queryCount, NO_ESTIMATE);
    this.labelTolerances = lengthened(this.labelTolerances, queryCount, 0);
    this.durableMarks = lengthened(this.durableMarks, queryCount, 0);
    this.firstLabels = lengthened(this.firstLabels, queryCount, -1);
    this.firstMarks = lengthened(this.firstMarks, queryCount, 0);
    this.takenBack = lengthened(this.takenBack, queryCount, 0);
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
      source: this.sources.of(query),
      isCrossChecked: this.sources.crossChecked[query] === 1,
      ledger,
      hasOpenLabel: isOpen,
      isHalf: this.sources.classOf(query) === "float16",
      isRight,
      taking,
    }));
  }

  /**
   * The same for answers of one kind. Most rows of a volunteer are of the kind of the one before: to put the text together for each of them
   * would cost more than all else that is done to note it.
   */
  #keyOf(query: number, ledger: number | null, isOpen: boolean, isRight: boolean | null): string {
    const { sources } = this;
    const source = sources.places[query]!;
    const last = this.#lastKeys[source % LAST_KEYS];
    const mark = this.marks[query]!;
    const durableMark = this.durableMarks[query]!;
    const crossChecked = sources.crossChecked[query]!;
    const batchRows = sources.batchRows[query]!;
    const auditedRows = sources.auditedRows[query]!;
    const opinion = sources.opinions[query]!;
    const precision = sources.classes[query]!;
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
    const window = this.sources.windowOf(query);
    if (this.#isOnRows) return window;
    if (this.#cut === null || window === null) return null;
    const place = ledgerOf(window, this.#cut);
    return window < (this.ledgers[place]?.below ?? 0) ? place : null;
  }

  /** Of a job on the ledger of rows: the answers at these places are certified by that block, whose number stands for a ledger's. */
  certifyRows(places: Iterable<number>, blockId: number): void {
    const move = this.kinds.mover();
    const note = (query: number) => this.#note(query);
    for (const query of places) {
      this.sources.windows[query] = blockId;
      move(query, blockId + 1, note);
    }
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
      const window = this.sources.windowOf(query);
      if (window === null) continue;
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
    this.sources.enter(query, source);
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
    if (this.sources.enter(query, source)) this.#note(query);
  }

  /** The row's answer came from a liar: what the first delivery said stays on record, the answer does not. */
  withdraw(query: number): void {
    this.outputs.fill(0, query * this.outputSize, (query + 1) * this.outputSize);
    this.marks[query] = MARK.missing;
    this.labels[query] = -1;
    this.sources.forget(query);
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

  /** The part of a round, as it is stored. */
  exportRows(
    queries: Uint32Array,
  ): Pick<StoredRound, "queryIndices" | "outputs" | "marks" | "sources" | "volunteers" | "firstLabels" | "firstMarks"> {
    const rows = queries.length;
    const volunteers: string[] = [];
    const placeOf = new Map<string, number>();
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
      const source = this.sources.volunteerOf(query);
      if (source === null) return;
      if (!placeOf.has(source)) placeOf.set(source, volunteers.push(source) - 1);
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
    return this.marks[query] === MARK["non-finite"] && this.sources.volunteerOf(query) === null;
  }

  /** [PC1] Does a row within that tolerance exist that has another label? */
  hasOpenLabel(query: number): boolean {
    return this.hasLabels && this.labelTolerances[query]! <= this.tolerance[this.sources.classOf(query)];
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
const TAKINGS_MAX = 0xffff;
