/**
 * The engine of one inference job. Effects name rounds, worker indices and assignments; this is where those names meet rows of
 * numbers. Each part owns its arrays: queries and their order, results of open rounds, answers; checks and decoding work on them.
 */

import { joinFloats } from "../../../../shared/numbers/join-floats.ts";
import type { RandomSource } from "../../../../shared/random/random.ts";
import { forJob } from "../../../numerics/numerics-executor.ts";
import type { ModelReference } from "../../../numerics/numerics-references.ts";
import type { StoredPiece, StoredRound } from "../../../store/store.ts";
import { groupsInRound } from "../core/inference-plan.ts";
import type { HeldSlices } from "../core/job.ts";
import type { RowNotComputed } from "../core/not-computed.ts";
import { WINDOW_QUERIES_MAX } from "../core/query-windows.ts";
import { fixedSchedule } from "../core/round-schedule.ts";
import {
  type BatchRow,
  type DecodeOutcome,
  type InferenceEffect,
  type Judged,
  NO_ROUND,
  type RoundRecord,
  type RoundReference,
  type RowsSettled,
} from "../core/work.ts";
import { computeRows } from "./compute-rows.ts";
import type { OnDiffering } from "./differing-rows.ts";
import { cutLayout, drawLayout, GoldenRows } from "./golden-rows.ts";
import { behindSlices, holdSlice, type SliceOrigin } from "./held-slices.ts";
import type { JobAnswers } from "./job-answers.ts";
import { type Computing, type JobData, modelFor } from "./job-data.ts";
import { JobQueries } from "./job-queries.ts";
import type { KnownRounds } from "./known-rounds.ts";
import { holdOwnResult, holdResult, OpenRounds, type ResultOrigin } from "./open-rounds.ts";
import { RoundAnswers, type RoundRows, type TakingOf } from "./round-answers.ts";
import { type BatchAuditOutcome, RoundChecks } from "./round-checks.ts";
import { RoundDecoder } from "./round-decoder.ts";
import { batchRowsIn, queriesHeldBy, type RoundPlan, splitRows } from "./round-plan.ts";
import type { InferenceExecutor } from "./task-types.ts";
import type { WireRows } from "./wire-queries.ts";

type EffectOf<T extends InferenceEffect["type"]> = Extract<InferenceEffect, { type: T }>;

/** Of a batch on its way: to whom, and how many golden rows go with it at most. */
export interface SentBatch {
  readonly assignmentId: number;
  readonly volunteerId: string;
  readonly workerIndex: number;
  readonly goldenRows: number;
  /** Rows that others answered, and that travel with it. */
  readonly duplicates: readonly BatchRow[];
}

export class JobWorkspace {
  readonly data: JobData;
  readonly #with: Computing;
  readonly #known: KnownRounds;
  readonly #queries: JobQueries;
  readonly #rounds: OpenRounds;
  readonly #roundAnswers: RoundAnswers;
  readonly #checks: RoundChecks;
  readonly #golden: GoldenRows;
  readonly #decoder: RoundDecoder;

  /**
   * @param onDiffering rows of somebody's result came out differently when they were computed again
   * @param jobSecret see Computing
   * @param windowQueriesMax queries that are put in order together, at most
   */
  constructor(
    data: JobData,
    known: KnownRounds,
    executor: InferenceExecutor,
    secretRandom: RandomSource,
    onDiffering: OnDiffering = () => {},
    jobSecret: Uint8Array | null = null,
    windowQueriesMax = WINDOW_QUERIES_MAX,
  ) {
    this.data = data;
    this.#known = known;
    const computing: Computing = { data, executor: forJob(executor, data.job.jobId), secretRandom, jobSecret };
    this.#with = computing;
    this.#queries = new JobQueries(computing, windowQueriesMax);
    this.#roundAnswers = new RoundAnswers(data, this.#queries.count, known);
    this.#rounds = new OpenRounds(
      computing,
      (roundIndex) => this.#roundAnswers.keptRound(roundIndex),
      // Of no round: what goes out has duplicates alone.
      (roundIndex) =>
        roundIndex === NO_ROUND ? noRows(data) : this.#queries.newPlan(known.planOf(roundIndex), roundIndex),
    );
    this.#checks = new RoundChecks(computing, this.#rounds, this.#roundAnswers, onDiffering);
    const { answers } = this.#roundAnswers;
    this.#golden = new GoldenRows(answers, secretRandom);
    this.#decoder = new RoundDecoder(computing, { queries: this.#queries, answers, checks: this.#checks, known });
  }

  get answers(): JobAnswers {
    return this.#roundAnswers.answers;
  }

  get isPrepared(): boolean {
    return this.#queries.isPrepared;
  }

  /** See JobQueries. */
  get isInWindows(): boolean {
    return this.#queries.isInWindows;
  }

  /** See JobQueries. */
  prepare(earlier: Uint32Array | null): Promise<Uint32Array | null> {
    return this.#queries.prepare(earlier);
  }

  /** Puts the rounds of an earlier run back in their place, before the core knows of them. */
  restore(rounds: readonly StoredRound[]): void {
    const schedule = this.#queries.isStream ? this.#queries.restoreWindows(rounds) : fixedSchedule(this.data.job);
    this.#queries.restorePlaces(rounds, (roundIndex) => schedule.planOf(roundIndex));
    for (const round of rounds) {
      const { roundIndex } = round;
      const plan = schedule.planOf(roundIndex);
      this.#roundAnswers.restore(round, (dealt) => this.#queries.planWith(plan, roundIndex, dealt));
    }
  }

  // --- streams ------------------------------------------------------------------------------------------------------

  /** Queries are posted to a stream. @param rows D numbers each */
  append(rows: readonly ArrayLike<number>[]): void {
    this.#queries.append(rows);
    this.answers.resize(this.#queries.count);
  }

  /** What was posted last is taken back: it could not be made durable. */
  truncate(queryCount: number): void {
    this.#queries.truncate(queryCount);
    this.answers.resize(queryCount);
  }

  piece(firstQuery: number, queryCount: number): StoredPiece {
    return this.#queries.piece(firstQuery, queryCount);
  }

  // --- batches ------------------------------------------------------------------------------------------------------

  /** Makes the mixtures of a round, where it has any; its queries are put in order first, where they are not. */
  async encode(effect: EffectOf<"encode">): Promise<void> {
    const { roundIndex } = effect;
    await this.#queries.arrange(this.#known.planOf(roundIndex), roundIndex);
    if (effect.hasParities) await this.#rounds.batches(this.#rounds.of(effect));
  }

  modelFor(workerIndex: number): ModelReference {
    return modelFor(this.data, workerIndex);
  }

  /** One of the job's models, by its hash. */
  modelNamed(sha256: string): ModelReference | null {
    const { model, parityModel } = this.data;
    return [model, parityModel].find((reference) => reference?.sha256 === sha256) ?? null;
  }

  /**
   * [PC6] Where rows are audited, queries as they are travel in a secret order, golden rows among them.
   * @returns with how many of these there are
   */
  async wireRowsFor(
    reference: RoundReference,
    { assignmentId, volunteerId, workerIndex, goldenRows, duplicates }: SentBatch,
  ): Promise<WireRows & { readonly goldenRows: number }> {
    const { secretRandom } = this.#with;
    const { roundIndex } = reference;
    if (this.isInWindows && roundIndex !== NO_ROUND)
      await this.#queries.arrangeInWindow(this.#known.planOf(roundIndex), roundIndex);
    const others = duplicates.map((place) => this.#checks.queryAt(place));
    let golden: number[] = [];
    const layoutOf = (own: Uint32Array) => {
      golden = this.#golden.draw(volunteerId, goldenRows, Uint32Array.of(...own, ...others));
      return drawLayout(own.length, others, golden, secretRandom);
    };
    const isAudited = this.data.plan.verification === "audits";
    const round = this.#rounds.of(reference);
    const rows = await this.#rounds.wireRows(round, workerIndex, assignmentId, isAudited ? layoutOf : null);
    return { ...rows, goldenRows: golden.length };
  }

  groupCount(roundIndex: number): number {
    return groupsInRound(this.#known.planOf(roundIndex), roundIndex);
  }

  /** @param outputs as sent, of the right length and finite */
  holdResult(reference: RoundReference, from: ResultOrigin, outputs: Float32Array): void {
    holdResult(this.#rounds.of(reference), from, outputs, this.data.job.outputSize);
  }

  /** [SL1] See holdSlice. */
  holdSlice(reference: RoundReference, from: SliceOrigin, outputs: Float32Array): HeldSlices | null {
    const round = this.#rounds.at(reference);
    return round && holdSlice(round, from, outputs, this.data.job.outputSize);
  }

  /** [PR106] See behindSlices. */
  behindSlices(
    reference: RoundReference,
    assignmentId: number,
    rest: Float32Array,
    rowCount: number,
  ): Float32Array | string {
    const width = this.data.job.outputSize;
    return behindSlices(this.#rounds.of(reference), assignmentId, rest, { rowCount, width });
  }

  /** [SL3] [SL6] What came of that assignment is the result of another one; the other rows are those of the round's rest, or of another slot. */
  takeSlices(effect: EffectOf<"takeSlices">): void {
    const round = this.#rounds.at(effect);
    const layout = round?.layouts.get(effect.from);
    const slices = round?.slices.get(effect.from);
    if (round == null || layout === undefined || slices === undefined) {
      throw new Error(`SL3: expected slices of assignment ${effect.from}, got none`);
    }
    const { workerIndex, volunteerId, assignmentId, roundIndex, splitOff } = effect;
    const { cut, done, others } = cutLayout(layout, effect.rows, batchRowsIn(round.plan, workerIndex));
    if (splitOff !== null) round.plan = splitRows(round.plan, workerIndex, done, splitOff);
    else if (others.length > 0) {
      const plan = this.#known.planOf(roundIndex);
      const { rows } = round.plan;
      const order = [...done, ...others].map((row) => rows[row]!);
      this.#queries.reorder(plan, roundIndex, Uint32Array.from(order));
      round.plan = this.#queries.planWith(plan, roundIndex, null);
    }
    round.layouts.set(assignmentId, cut);
    const from = { assignmentId, workerIndex, volunteerId, signed: slices.signed };
    holdResult(round, from, joinFloats(slices.outputs), this.data.job.outputSize);
    round.slices.delete(effect.from);
  }

  dropResult(roundIndex: number, assignmentId: number): void {
    this.#rounds.drop(roundIndex, assignmentId);
  }

  // --- checks and answers -------------------------------------------------------------------------------------------

  async audit(effect: EffectOf<"audit">): Promise<BatchAuditOutcome> {
    return this.#checks.audit(this.#rounds.of(effect), effect);
  }

  /** [AS11] See computeRows; what came of it is held as a result is. */
  async compute(effect: EffectOf<"compute">): Promise<RowNotComputed[]> {
    const round = this.#rounds.of(effect);
    const queries = queriesHeldBy(round.plan, effect.workerIndex);
    if (queries === null) throw new Error(`AS11: expected queries at worker index ${effect.workerIndex}, got mixtures`);
    const { outputs, notComputed } = await computeRows(this.#with, queries);
    holdOwnResult(round, effect.assignmentId, outputs, queries.length);
    return notComputed;
  }

  topUp({ effectId, volunteerId, rows }: EffectOf<"topUp">): Promise<{ checked: number; failed: number }> {
    return this.#checks.topUp(effectId, volunteerId, rows);
  }

  /** [CC8] */
  settle({ effectId, rows }: EffectOf<"settle">): Promise<RowsSettled[]> {
    return this.#checks.settle(effectId, rows);
  }

  /** [CC8] */
  sample({ effectId, rows, window }: EffectOf<"sample">): Promise<RowsSettled[]> {
    return this.#checks.sample(effectId, rows, window);
  }

  /** [VF15] Says of whoever differed in that effect whether it does. */
  confirm({ of, volunteerIds, onCards }: EffectOf<"confirm">): Promise<Judged[]> {
    return this.#checks.suspicions.judge(of, volunteerIds, new Set(onCards));
  }

  async decode(effect: EffectOf<"decode">): Promise<DecodeOutcome> {
    return this.#decoder.decode(this.#rounds.of(effect), effect);
  }

  publish(effect: EffectOf<"publish">): void {
    this.#roundAnswers.publish(this.#rounds.of(effect), effect.decodeEffectId);
  }

  patch(effect: RoundReference & Pick<EffectOf<"patch">, "results">): void {
    this.#roundAnswers.patch(this.#rounds.of(effect), effect.results);
  }

  /** @param takingOf [TB1] what takes back the `final` of an answer, as it stands until now; null: it was not final */
  withdraw(
    { roundIndex, workerIndex }: Pick<EffectOf<"withdraw">, "roundIndex" | "workerIndex">,
    takingOf: TakingOf,
  ): void {
    const plan = this.#rounds.planOf(roundIndex) ?? this.#roundAnswers.keptRound(roundIndex)!.plan;
    this.#roundAnswers.withdraw(plan, workerIndex, takingOf);
  }

  /** The round as it is to be stored, with late results in it. */
  storedRound(record: RoundRecord & RoundReference): StoredRound {
    this.patch({ results: record.patches, ...record });
    return this.#roundAnswers.keep(this.#rounds.of(record), record.roundIndex, record);
  }

  /** [VF14] */
  uncheck(takingOf: TakingOf): void {
    this.#roundAnswers.uncheck(takingOf);
  }

  changedRounds(): Iterable<StoredRound> {
    return this.#roundAnswers.changedRounds();
  }

  isStored(round: StoredRound): void {
    this.#roundAnswers.isStored(round);
  }

  finishedRounds(): RoundRows[] {
    return this.#roundAnswers.finishedRounds();
  }

  releaseRound(roundIndex: number): void {
    this.#rounds.release(roundIndex);
  }
}

/** [CC4] Of batches that hold no rows of their own. */
function noRows({ plan: { scheme } }: JobData): RoundPlan {
  return { scheme, rows: new Uint32Array(), ownRows: 0, placements: null, groupCount: 0, splits: [] };
}
