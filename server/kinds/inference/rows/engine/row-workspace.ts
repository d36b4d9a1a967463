/**
 * The engine of one inference job on the ledger of rows. Effects name places, attempts and assignments; this is where those names meet rows of
 * numbers: queries by place, claims that are out, answers, words beside them.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { RandomSource } from "../../../../../shared/random/random.ts";
import type { SignedResult } from "../../../../../shared/receipts/signature-lines.ts";
import { forJob } from "../../../../numerics/numerics-executor.ts";
import type { ModelReference } from "../../../../numerics/numerics-references.ts";
import type { ResultSignature } from "../../../../shell/kind-desk.ts";
import type { AppendRecord, BlockRecord, StoredPiece } from "../../../../store/store.ts";
import type { Judged } from "../../core/work.ts";
import { answerRuleOf } from "../../engine/answer-rule.ts";
import { computeRows } from "../../engine/compute-rows.ts";
import type { OnDiffering } from "../../engine/differing-rows.ts";
import type { JobAnswers } from "../../engine/job-answers.ts";
import type { Computing, JobData } from "../../engine/job-data.ts";
import { isQueryFile } from "../../engine/query-file.ts";
import { StreamQueries } from "../../engine/stream-queries.ts";
import type { InferenceExecutor } from "../../engine/task-types.ts";
import type { WireRows } from "../../engine/wire-queries.ts";
import type { ClaimRow, RestoredRows, RowDoubts, RowEntry, RowsOutcome, RowsWork } from "../work.ts";
import { blockOf } from "./blocks.ts";
import { doubtsIn } from "./doubts.ts";
import { HeldClaims } from "./held-claims.ts";
import { RowLikeness } from "./likeness.ts";
import { RowMixtures } from "./mixtures.ts";
import { RowAnswers, type TakingAt } from "./row-answers.ts";
import { RowLooks } from "./row-looks.ts";

/** Of stored rows so many are read in one go: some milliseconds, after which others have their turn. */
const BYTES_AT_ONCE = 128 * 1024;

type WorkOf<T extends RowsWork["type"]> = Extract<RowsWork, { type: T }>;
type OutcomeOf<T extends RowsOutcome["type"]> = Extract<RowsOutcome, { type: T }>;

export class RowWorkspace {
  readonly data: JobData;
  readonly #with: Computing;
  readonly #rows: RowAnswers;
  readonly #held: HeldClaims;
  readonly #checks: RowLooks;
  readonly #mixtures: RowMixtures;
  readonly #likeness: RowLikeness | null;
  /** [RC9] Of parts that no append has told, in their order. */
  #signed: SignedResult[] = [];
  /** [VF14] Places whose `final` was taken back, which no append has told. */
  #doubted: number[] = [];

  /** @param onDiffering rows of somebody came out differently when they were computed again */
  constructor(
    data: JobData,
    executor: InferenceExecutor,
    secretRandom: RandomSource,
    onDiffering: OnDiffering = () => {},
    jobSecret: Uint8Array | null = null,
  ) {
    this.data = data;
    const { job, labels } = data;
    const computing: Computing = { data, executor: forJob(executor, job.jobId), secretRandom, jobSecret };
    this.#with = computing;
    this.#rows = new RowAnswers(job, labels);
    if (data.source instanceof StreamQueries) this.#rows.resize(data.source.count);
    this.#held = new HeldClaims(job.outputSize);
    this.#likeness = RowLikeness.of(computing);
    this.#mixtures = new RowMixtures(computing, answerRuleOf(job), this.#rows, this.#held, this.#likeness);
    this.#checks = new RowLooks(computing, answerRuleOf(job), this.#rows, this.#held, this.#mixtures, onDiffering);
  }

  get answers(): JobAnswers {
    return this.#rows.answers;
  }

  /** One of the job's models, by its hash. */
  modelNamed(sha256: string): ModelReference | null {
    const { model, parityModel } = this.data;
    if (parityModel?.sha256 === sha256) return parityModel;
    return model.sha256 === sha256 ? model : null;
  }

  /** Its queries in an order in which those that are alike stand in one group; null: nobody seeks what is alike. */
  async order(): Promise<readonly number[] | null> {
    return (await this.#likeness?.order()) ?? null;
  }

  // --- open jobs ----------------------------------------------------------------------------------------------------

  /** Rows are posted to an open job. @param rows D numbers each */
  append(rows: readonly ArrayLike<number>[]): void {
    const posted = this.#posted();
    for (const row of rows) posted.append(row);
    this.#rows.resize(posted.count);
  }

  /** Rows that were posted last are taken back: they could not be made durable. */
  truncate(rows: number): void {
    this.#posted().truncate(rows);
    this.#rows.resize(rows);
  }

  /** Rows as they are to be stored. */
  piece(firstQuery: number, queryCount: number): StoredPiece {
    const values = this.#posted().rows(firstQuery, queryCount).slice();
    return { jobId: this.data.job.jobId, firstQuery, queryCount, values };
  }

  #posted(): StreamQueries {
    const { source, job } = this.data;
    if (source instanceof StreamQueries) return source;
    throw new Error(`RowWorkspace: expected job ${job.jobId} to be open, got one whose rows are all there`);
  }

  // --- claims -------------------------------------------------------------------------------------------------------

  /** The rows of a claim as they travel: nothing of it says what a row is for. */
  async wireRowsFor(assignmentId: number, rows: readonly ClaimRow[]): Promise<WireRows> {
    this.#held.open(assignmentId, rows);
    // [LJ4] Where a whole crowd is sent to at once, the rows of each are read from the file in a turn of their own.
    if (isQueryFile(this.data.source.values)) await nextTurn();
    return this.#mixtures.wire(rows);
  }

  /** See HeldClaims. */
  holdPart(
    assignmentId: number,
    first: number,
    outputs: Float32Array,
    signed: ResultSignature | null,
  ): number[] | null {
    return this.#held.hold(assignmentId, first, outputs, signed);
  }

  /** See HeldClaims. */
  cameOf(assignmentId: number): number {
    return this.#held.cameOf(assignmentId);
  }

  /** See HeldClaims. */
  shorten(assignmentId: number, rows: number): void {
    this.#held.shorten(assignmentId, rows);
  }

  /** See HeldClaims. */
  neededOf(assignmentId: number): number | null {
    return this.#held.neededOf(assignmentId);
  }

  /** [PC1] Of rows of a claim, from that index on, as they came; null: none is in doubt. */
  doubtsIn(first: number, outputs: Float32Array): RowDoubts | null {
    const { job } = this.data;
    return doubtsIn(answerRuleOf(job), first, outputs, job.outputSize);
  }

  dropClaim(assignmentId: number): void {
    this.#held.drop(assignmentId);
  }

  takeRows({ assignmentId, volunteerId, precision, answers, words }: WorkOf<"takeRows">): void {
    for (const { place, attempt } of answers) {
      const output = this.#held.take(assignmentId, place);
      if (output !== null) this.#rows.take(place, attempt, volunteerId, precision, output);
    }
    for (const { place, attempt } of words) {
      const said = this.#held.take(assignmentId, place);
      if (said !== null) this.#rows.words.keep(place, { volunteerId, attempt, precision, said: said.slice() });
    }
    const signed = answers.length === 0 ? null : this.#held.signedSince(assignmentId);
    if (signed !== null) this.#signed.push(signed);
  }

  takeMixtures(work: WorkOf<"takeMixtures">): void {
    this.#mixtures.take(work);
    const signed = this.#held.signedSince(work.assignmentId);
    if (signed !== null) this.#signed.push(signed);
  }

  dropMixtures({ items }: WorkOf<"dropMixtures">): void {
    this.#mixtures.drop(items);
  }

  decodeGroups({ groups }: WorkOf<"decodeGroups">): Promise<OutcomeOf<"groupsDecoded">["groups"]> {
    return this.#mixtures.decode(groups);
  }

  takeDecoded(work: WorkOf<"takeDecoded">): void {
    this.#mixtures.publish(work);
  }

  // --- checks -------------------------------------------------------------------------------------------------------

  recompute({ rows }: WorkOf<"recompute">): Promise<OutcomeOf<"recomputed">["rows"]> {
    return this.#checks.recompute(rows);
  }

  /** Computes the first rows of the job, for the time that it takes. */
  async computed(rows: number): Promise<void> {
    await computeRows(
      this.#with,
      Uint32Array.from({ length: rows }, (_, place) => place),
    );
  }

  compare({ pairs }: WorkOf<"compare">): OutcomeOf<"compared">["pairs"] {
    return this.#checks.compare(pairs);
  }

  lookKnown(work: WorkOf<"lookKnown">): OutcomeOf<"knownLooked">["rows"] {
    return this.#checks.lookKnown(work);
  }

  lookCloser(work: WorkOf<"lookCloser">): Promise<OutcomeOf<"lookedCloser">["rows"]> {
    return this.#checks.lookCloser(work);
  }

  confirm(effectId: number, { volunteerIds, onCards, rows }: WorkOf<"confirmRows">): Promise<Judged[]> {
    return this.#checks.confirm(effectId, volunteerIds, onCards, rows);
  }

  takeOut({ rows }: WorkOf<"takeOut">, takingAt: TakingAt): void {
    for (const { place, attempt } of rows) this.#rows.takeOut(place, attempt, takingAt);
    this.#rows.takeBackCorrected(takingAt);
  }

  /** [VF14] */
  uncheck(takingAt: TakingAt): void {
    const { answers } = this;
    for (let place = 0; place < answers.queryCount; place++) {
      const taking = takingAt(place);
      if (taking === null) continue;
      answers.takeBack(place, taking);
      this.#doubted.push(place);
    }
    answers.uncheck();
  }

  // --- what is stored -----------------------------------------------------------------------------------------------

  /** These rows as they stand, to be stored. */
  appendRows(entries: readonly RowEntry[]): AppendRecord {
    const signed = this.#signed;
    this.#signed = [];
    return this.#rows.append(entries, signed);
  }

  /** [TB1] What was taken back of them all at once; null: nothing that no append has told. */
  appendDoubted(): AppendRecord | null {
    const places = this.#doubted;
    this.#doubted = [];
    return places.length === 0 ? null : this.appendRows(places.map((place) => this.#rows.entryAt(place)));
  }

  appendFinal(blockId: number, places: readonly number[] | "all"): AppendRecord {
    return this.#rows.appendFinal(blockId, places);
  }

  /** Its rows are asked again, as this block: the next append says so. */
  opened(blockId: number): void {
    this.#rows.opened(blockId);
  }

  /** null: it was said before */
  appendOpened(): AppendRecord | null {
    return this.#rows.appendOpened();
  }

  isStored(append: AppendRecord): void {
    this.#rows.isStored(append);
  }

  /** Puts what was stored of an earlier run back in its place, before the core knows of it. */
  async restore(
    appends: AsyncIterable<readonly AppendRecord[]>,
    blocks: readonly BlockRecord[],
  ): Promise<RestoredRows> {
    await readAppends(this.#rows, appends);
    for (const { blockId } of blocks) this.#rows.opened(blockId);
    return { rows: this.#rows.restored(), blocks: blocks.map(blockOf), openCoins: this.#rows.openCoins() };
  }
}

/** @throws RangeError where one is missing, or cannot be read */
export async function readAppends(rows: RowAnswers, appends: AsyncIterable<readonly AppendRecord[]>): Promise<void> {
  let bytes = 0;
  for await (const some of appends) {
    for (const append of some) {
      rows.read(append);
      bytes += append.body.length;
      if (bytes < BYTES_AT_ONCE) continue;
      bytes = 0;
      await nextTurn();
    }
  }
}
