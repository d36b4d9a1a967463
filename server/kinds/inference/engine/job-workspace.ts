/**
 * The arrays of one job, and what the coordinator's effects do with them. Effects name rounds, worker indices and
 * assignments; this is where those names meet rows of numbers. It is long because every effect on the same arrays ends here;
 * what needs none of them stands beside it.
 */

import { placements } from "../../../../shared/coding/placement.ts";
import { type CodingScheme, DECODED_HOW } from "../../../../shared/coding/scheme.ts";
import type { SchemeName } from "../../../../shared/coding/schemes/schemes.ts";
import type { BatchRows } from "../../../../shared/kinds/inference/batch-rows.ts";
import { AUDIT_ROW_SHARE, EVIDENCE_ROWS_MAX } from "../../../../shared/protocol/limits.ts";
import type { RandomSource } from "../../../../shared/random/random.ts";
import { drawRows } from "../../../../shared/verify/draw-rows.ts";
import {
  agreedCount,
  comparedCount,
  type EstimateTally,
  emptyTally,
  sumOfTallies,
} from "../../../../shared/verify/estimate-confidence.ts";
import type { Effect, ResultReference, RoundRecord } from "../../../coordinator/effects.ts";
import type { DecodeOutcome, PrecisionClass, RoundReference } from "../../../coordinator/events.ts";
import type { NumericsExecutor } from "../../../numerics/numerics-executor.ts";
import type { ModelReference, QuerySource, SchemeReference } from "../../../numerics/numerics-references.ts";
import type { TaskInputs, TaskOutputs } from "../../../numerics/task-messages.ts";
import type { StoredPiece, StoredRound } from "../../../store/store.ts";
import { type BatchSource, isChecked, sourceOf } from "../core/batch-source.ts";
import { redoesLostRows, withholdsEstimates } from "../core/estimates.ts";
import {
  canBeRedoneInPart,
  firstPlaceOf,
  groupsInRound,
  type InferencePlan,
  modelIndexOf,
  ownRowsIn,
} from "../core/inference-plan.ts";
import {
  fixedSchedule,
  type RoundSchedule,
  restoredWindows,
  StreamSchedule,
  type StreamWindow,
} from "../core/round-schedule.ts";
import type { StoredJob } from "../records.ts";
import { type AnswerRule, answerRuleOf } from "./answer-rule.ts";
import type { AuditBatch, BatchAudit } from "./audit-batches.ts";
import { checkedToo, count, countOf, ranks, rowsWith } from "./checked-rows.ts";
import { differingRow, differingRows, type OnDiffering, type SentRows } from "./differing-rows.ts";
import { confidenceOfCode, NO_ESTIMATE } from "./estimate-codes.ts";
import { SUSPICION_CONFIDENCE_MIN } from "./held-out-estimates.ts";
import { type Answer, JobAnswers, MARK } from "./job-answers.ts";
import { featuresByPlace, neighbourhoodOf, type PlaceFeatures } from "./neighbourhood.ts";
import { gatherEntries, gatherRows, halvesOf } from "./query-rows.ts";
import { type HeldResult, ownWorkerOf, type RoundPlan, type RoundWorkspace, rowOfWorker } from "./round-workspace.ts";
import { decodePlan, encodePlan } from "./stored-plan.ts";
import { STREAM_PLACES_MAX, StreamOrder } from "./stream-order.ts";
import { StreamQueries } from "./stream-queries.ts";

type EffectOf<T extends Effect["type"]> = Extract<Effect, { type: T }>;

export interface AuditOutcome {
  readonly checked: number;
  readonly randomlyChecked: number;
  readonly failed: number;
  readonly against: { readonly randomlyChecked: number; readonly failed: number } | null;
}

interface FinishedRows {
  readonly plan: RoundPlan;
  readonly sources: readonly (BatchSource | null)[];
  readonly stored: Pick<StoredRound, "generation" | "firstMs" | "exactMs" | "estimatedAtFirst" | "redispatched">;
  /** What was compared in it, to know what estimates are worth. */
  readonly heldOut: EstimateTally;
}

/** Which queries a round answers. */
export type RoundRows = Pick<StoredRound, "roundIndex" | "generation" | "queryIndices">;

interface StreamArrays {
  readonly queries: StreamQueries;
  readonly order: StreamOrder;
}

export interface JobData {
  readonly job: StoredJob;
  readonly plan: InferencePlan;
  readonly model: ModelReference;
  /** What the parity worker of `parm` runs. */
  readonly parityModel: ModelReference | null;
  readonly source: QuerySource;
  readonly labels: Int32Array | null;
}

export class JobWorkspace {
  readonly data: JobData;
  readonly answers: JobAnswers;
  readonly #executor: NumericsExecutor;
  readonly #secretRandom: RandomSource;
  readonly #onDiffering: OnDiffering;
  #schedule: RoundSchedule;
  /** Of a stream: its queries, and their order as far as windows go. null: all queries were there when the job began. */
  readonly #stream: StreamArrays | null;
  readonly #rule: AnswerRule;
  readonly #rounds = new Map<number, RoundWorkspace>();
  /** Of rounds that are stored or being stored: where their rows are and whose they are. */
  readonly #finished = new Map<number, FinishedRows>();
  /** Finished rounds in which an audit at the end made rows exact: to be stored again with the job's end. */
  readonly #changedRounds = new Set<number>();
  #order: Uint32Array | null = null;
  /** Where queries lie, by their place in the order; null where they are not grouped by likeness. */
  #features: PlaceFeatures | null = null;
  /** For each query the round that answers it. */
  #roundOf: Uint32Array | null = null;

  /** @param onDiffering rows of somebody's result came out differently when they were computed again */
  constructor(
    data: JobData,
    executor: NumericsExecutor,
    secretRandom: RandomSource,
    onDiffering: OnDiffering = () => {},
  ) {
    this.data = data;
    this.#onDiffering = onDiffering;
    this.#executor = executor;
    this.#secretRandom = secretRandom;
    const { job, source } = data;
    this.#stream = source instanceof StreamQueries ? { queries: source, order: new StreamOrder() } : null;
    this.#schedule = this.#stream === null ? fixedSchedule(job) : new StreamSchedule(job);
    this.#rule = answerRuleOf(job);
    this.answers = new JobAnswers(this.#stream?.queries.count ?? job.queryCount, job.outputSize, this.#rule);
  }

  /** Rounds that have not been opened yet are opened with these from now on; the earlier codes stay as they were. */
  useCodes(codes: StoredJob["codes"]): void {
    this.#schedule = fixedSchedule({ ...this.data.job, codes });
  }

  /** Queries are posted to a stream. @param rows D numbers each */
  append(rows: readonly ArrayLike<number>[]): void {
    const { queries } = this.#streamed();
    for (const row of rows) queries.append(row);
    this.answers.resize(queries.count);
  }

  /** What was posted last is taken back: it could not be made durable. */
  truncate(queryCount: number): void {
    this.#streamed().queries.truncate(queryCount);
    this.answers.resize(queryCount);
  }

  /** Queries of a stream, as they are to be stored. */
  piece(firstQuery: number, queryCount: number): StoredPiece {
    const values = this.#streamed().queries.rows(firstQuery, queryCount).slice();
    return { jobId: this.data.job.jobId, firstQuery, queryCount, values };
  }

  /** The next round of a stream answers these queries. */
  closeWindow({ roundIndex, firstPlace, endPlace }: EffectOf<"closeWindow">): void {
    const closed = (this.#schedule as StreamSchedule).close({ firstPlace, endPlace });
    if (closed !== roundIndex)
      throw new Error(`JobWorkspace: expected window ${closed}, got one for round ${roundIndex}`);
  }

  #streamed(): StreamArrays {
    if (this.#stream === null) throw new Error(`JobWorkspace: job ${this.data.job.jobId} is no stream`);
    return this.#stream;
  }

  /**
   * The order in which queries are grouped: by likeness where that helps estimates, as submitted for the baselines.
   * @param earlier the durable order of a job that goes on after a restart
   * @returns null: a stream has none beforehand
   */
  async prepare(earlier: Uint32Array | null): Promise<Uint32Array | null> {
    if (this.#stream !== null) return null;
    const { plan, source, job } = this.data;
    const groupSize = plan.scheme.queryCount;
    const { queryCount } = job;
    if (!plan.groupsByLikeness) {
      this.#order = earlier ?? Uint32Array.from({ length: queryCount }, (_, query) => query);
      return this.#order;
    }
    const features = await this.#executor.run("features", { source, queryCount });
    this.#order = earlier ?? (await this.#executor.run("order", { features, queryCount, groupSize }));
    this.#features = featuresByPlace(features, this.#order);
    return this.#order;
  }

  /** Puts the rounds of an earlier run back in their place. */
  restore(rounds: readonly StoredRound[]): void {
    if (this.#stream !== null) this.#restoreWindows(this.#stream.order, rounds);
    for (const round of rounds) {
      const { placements: stored, sources, heldOut } = decodePlan(round.plan);
      this.answers.importRound(round);
      const plan = this.#makePlan(round.roundIndex, stored === null ? null : Uint32Array.from(stored));
      this.#finished.set(round.roundIndex, { plan, sources, stored: round, heldOut });
    }
  }

  #restoreWindows(order: StreamOrder, rounds: readonly StoredRound[]): void {
    const durable = rounds.map(windowOfRound);
    this.#schedule = new StreamSchedule(this.data.job, restoredWindows(durable));
    rounds.forEach(({ queryIndices }, i) => {
      order.place(durable[i]!, queryIndices);
    });
  }

  get isPrepared(): boolean {
    return this.#stream !== null || this.#order !== null;
  }

  /** Makes the mixtures of a round, where it has any; the queries of a stream are put in order first. */
  async encode(effect: EffectOf<"encode">): Promise<void> {
    if (this.#stream !== null) await this.#arrange(this.#stream, effect.roundIndex);
    if (effect.hasParities) await this.#batches(this.#round(effect));
  }

  async #arrange({ queries, order }: StreamArrays, roundIndex: number): Promise<void> {
    const { scheme, groupsByLikeness, firstPlace, endPlace } = this.#schedule.planOf(roundIndex);
    const window: StreamWindow = { firstPlace, endPlace };
    if (groupsByLikeness) await order.arrange(this.#executor, queries, window, scheme.queryCount);
    else order.place(window);
  }

  /** The model that a worker index runs. */
  modelFor(workerIndex: number): ModelReference {
    const { plan, model, parityModel } = this.data;
    if (modelIndexOf(plan, workerIndex) === 0) return model;
    if (parityModel === null) throw new Error(`JobWorkspace: worker index ${workerIndex} needs a parity model`);
    return parityModel;
  }

  /** One of the job's models, by its hash. */
  modelNamed(sha256: string): ModelReference | null {
    const { model, parityModel } = this.data;
    return [model, parityModel].find((reference) => reference?.sha256 === sha256) ?? null;
  }

  /** The batch of one worker index as it travels; the tab makes of it what its model takes (batch-rows.ts). */
  async wireRowsFor(reference: RoundReference, workerIndex: number): Promise<{ rows: BatchRows; inputScale: number }> {
    const { values, inputSize, scale } = this.data.source;
    const round = this.#round(reference);
    const shape = [round.plan.groupCount, inputSize];
    const queries = this.#queriesHeldBy(round.plan, workerIndex);
    if (queries !== null && values instanceof Uint8Array) {
      return { rows: { dtype: "U8", shape, data: gatherEntries(values, inputSize, queries) }, inputScale: scale };
    }
    if (queries !== null)
      return { rows: { dtype: "F32", shape, data: gatherRows(this.data.source, queries) }, inputScale: 1 };
    const mixtures = (await this.#batches(round))[workerIndex]!;
    if (!this.#sendsHalves) return { rows: { dtype: "F32", shape, data: mixtures }, inputScale: 1 };
    return { rows: { dtype: "F16", shape, data: halvesOf(mixtures, scale) }, inputScale: scale };
  }

  groupCount(roundIndex: number): number {
    return groupsInRound(this.#schedule.planOf(roundIndex), roundIndex);
  }

  /** @param outputs G x C, of the right length and finite */
  holdResult(reference: RoundReference, assignmentId: number, outputs: Float32Array): void {
    this.#round(reference).results.set(assignmentId, { outputs, checked: null });
  }

  dropResult(roundIndex: number, assignmentId: number): void {
    this.#rounds.get(roundIndex)?.results.delete(assignmentId);
  }

  async audit(effect: EffectOf<"audit">): Promise<AuditOutcome> {
    const round = this.#round(effect);
    const held = this.#held(round, effect.assignmentId);
    const other = effect.against && round.results.get(effect.against.assignmentId);
    const audited = await this.#audit(effect.workerIndex, {
      inputs: await this.#auditInputs(round, effect.workerIndex),
      outputs: held.outputs,
      precision: effect.precision,
      randomRows: effect.randomRows,
      chosenRows: [],
      estimates: this.#estimatesFor(round, effect.workerIndex),
      against: other
        ? {
            outputs: other.outputs,
            precision: effect.against!.precision,
            checked: other.checked?.flags ?? null,
          }
        : null,
    });
    const { randomlyChecked, failed, against, checkedRows, ownOutputs } = audited;
    if (failed === 0) held.checked = { flags: checkedRows, ownOutputs };
    else this.#differs(effect.roundIndex, effect, held.outputs, audited);
    if (other && against !== null && against.failed > 0) {
      this.#differs(effect.roundIndex, effect.against!, other.outputs, audited);
    }
    if (other && against?.failed === 0) other.checked = checkedToo(other.checked, { flags: checkedRows, ownOutputs });
    return { checked: count(checkedRows), randomlyChecked, failed, against };
  }

  async decode(effect: EffectOf<"decode">): Promise<DecodeOutcome> {
    const round = this.#round(effect);
    const { plan } = round;
    const precisions: PrecisionClass[] = [];
    for (const result of effect.results) precisions[result.workerIndex] = result.precision;
    const results = this.#decodable(effect.results);
    const input: TaskInputs["decode"] = {
      scheme: referenceTo(plan.scheme),
      arrived: results.map((result) => result.workerIndex),
      batches: results.map((result) => this.#held(round, result.assignmentId).outputs),
      placements: plan.placements,
      groupCount: plan.groupCount,
      outputSize: this.data.job.outputSize,
      rule: this.#rule,
      estimates: this.#estimatesInput(effect.roundIndex, plan),
      suspects: effect.auditSuspects
        ? { model: this.data.model, source: this.data.source, rows: plan.rows, precisions }
        : null,
      spotChecks: canBeRedoneInPart(this.data.plan)
        ? null
        : { count: Math.ceil(plan.ownRows * AUDIT_ROW_SHARE), among: plan.ownRows },
    };
    const decoded = await this.#executor.run("decode", input);
    const located = await Promise.all(
      decoded.located.map(({ workerIndex, groups }) => {
        const result = results.find((other) => other.workerIndex === workerIndex)!;
        return this.#auditLocated(round, result, groups);
      }),
    );
    const isWithheld = this.#withheld(plan, decoded);
    round.candidates.set(effect.effectId, { decoded, isWithheld, results: effect.results });
    const how = decoded.how.subarray(0, plan.ownRows);
    const measured = decoded.measured?.heldOut[decoded.measured.better];
    const toRedo = redoesLostRows(this.data.plan);
    const missing = rowsWith(how, DECODED_HOW.missing);
    return {
      rowCount: plan.ownRows,
      estimatedRows: countOf(how, DECODED_HOW.estimated) - count(isWithheld),
      missingRows: toRedo ? 0 : missing.length,
      unanswered: toRedo ? this.#ownWorkersOf(plan, [...missing, ...rowsWith(isWithheld, 1)]) : [],
      better: decoded.measured?.better ?? null,
      heldOutAgreed: decoded.spots.agreed + (measured ? agreedCount(measured) : 0),
      heldOutTotal: decoded.spots.total + (measured ? comparedCount(measured) : 0),
      suspectAudits: [...decoded.suspectAudits, ...located],
      rejected: [...decoded.rejectedCounts].flatMap((groups, workerIndex) =>
        groups > 0 ? [{ workerIndex, groups }] : [],
      ),
    };
  }

  /** Rows of a result that do not fit the others: what the code suspects, the coordinator confirms or not. */
  async #auditLocated(
    round: RoundWorkspace,
    result: ResultReference,
    groups: readonly number[],
  ): Promise<DecodeOutcome["suspectAudits"][number]> {
    const { workerIndex, assignmentId, precision } = result;
    const held = round.results.get(assignmentId);
    const chosenRows = groups.filter((g) => held?.checked?.flags[g] !== 1);
    // Its volunteer may have been quarantined while the round was being decoded.
    if (held === undefined || chosenRows.length === 0) return { workerIndex, checked: 0, failed: 0 };
    const { checkedRows, ownOutputs, failed } = await this.#audit(workerIndex, {
      inputs: await this.#auditInputs(round, workerIndex),
      outputs: held.outputs,
      precision,
      randomRows: 0,
      chosenRows,
      estimates: null,
      against: null,
    });
    if (failed === 0) held.checked = checkedToo(held.checked, { flags: checkedRows, ownOutputs });
    else this.#differs(round.reference.roundIndex, result, held.outputs, { checkedRows, ownOutputs });
    return { workerIndex, checked: chosenRows.length, failed };
  }

  async #audit(workerIndex: number, batch: Omit<AuditBatch, "rule">): Promise<BatchAudit> {
    const batches = [{ ...batch, rule: this.#rule }];
    const [audited] = await this.#executor.run("audit", { model: this.modelFor(workerIndex), batches });
    return audited!;
  }

  /** What a tab computed from: few of its rows are computed again, so queries are named and not copied. */
  async #auditInputs(round: RoundWorkspace, workerIndex: number): Promise<AuditBatch["inputs"]> {
    const queries = this.#queriesHeldBy(round.plan, workerIndex);
    if (queries === null) return (await this.#batches(round))[workerIndex]!;
    return { source: this.data.source, queries };
  }

  #differs(
    roundIndex: number,
    sent: Pick<ResultReference, "volunteerId" | "workerIndex" | "assignmentId" | "precision">,
    outputs: Float32Array,
    { checkedRows, ownOutputs }: Pick<BatchAudit, "checkedRows" | "ownOutputs">,
  ): void {
    const { volunteerId, workerIndex, assignmentId, precision } = sent;
    const recomputed = { rule: this.#rule, outputSize: this.data.job.outputSize, precision, checkedRows, ownOutputs };
    this.#onDiffering({ volunteerId, roundIndex, workerIndex, assignmentId }, differingRows(outputs, recomputed));
  }

  /** The same of an answer whose round is over: the batch that it came in is known by the place of its query. */
  #answerDiffers(volunteerId: string, query: number, received: Float32Array, expected: Float32Array): void {
    const roundIndex = this.#roundOfQuery(query);
    const { plan } = this.#finished.get(roundIndex)!;
    const row = plan.rows.indexOf(query);
    const { queryCount } = plan.scheme;
    const sent: SentRows = { volunteerId, roundIndex, workerIndex: ownWorkerOf(plan, queryCount, row) };
    this.#onDiffering(sent, [differingRow(Math.floor(row / queryCount), received, expected)]);
  }

  /** What a decode makes and measures estimates with; null where no worker holds a query as it is. */
  #estimatesInput(roundIndex: number, plan: RoundPlan): TaskInputs["decode"]["estimates"] {
    if (!redoesLostRows(this.data.plan)) return null;
    const { order, features } = this.#stream?.order ?? { order: this.#order, features: this.#features };
    const neighbourhood =
      features === null
        ? null
        : neighbourhoodOf(
            features,
            order!,
            this.answers,
            this.#firstPlace(roundIndex),
            plan.ownRows,
            this.#stream === null ? undefined : STREAM_PLACES_MAX,
          );
    return { ownRows: plan.ownRows, neighbourhood, earlier: this.answers.heldOut };
  }

  /** Estimates below the job's floor: they are told to nobody, and their queries wait for the model's own answer. */
  #withheld(plan: RoundPlan, { measured }: TaskOutputs["decode"]): Uint8Array {
    const isWithheld = new Uint8Array(plan.ownRows);
    if (measured === null || !withholdsEstimates(this.data.plan)) return isWithheld;
    const tally = sumOfTallies(this.answers.heldOut, measured.heldOut);
    const { confidenceFloor } = this.data.job.submission;
    for (let row = 0; row < plan.ownRows; row++) {
      const confidence = confidenceOfCode(tally, measured.codes[row]!);
      if (confidence !== null && confidence < confidenceFloor) isWithheld[row] = 1;
    }
    return isWithheld;
  }

  #ownWorkersOf(plan: RoundPlan, rows: readonly number[]): number[] {
    return [...new Set(rows.map((row) => ownWorkerOf(plan, plan.scheme.queryCount, row)))];
  }

  #firstPlace(roundIndex: number): number {
    return firstPlaceOf(this.#schedule.planOf(roundIndex), roundIndex);
  }

  /** The outcome of that decode is now what the round answers. */
  publish(effect: EffectOf<"publish">): void {
    const round = this.#round(effect);
    const candidate = round.candidates.get(effect.decodeEffectId);
    if (candidate === undefined) throw new Error(`publish: no decode ${effect.decodeEffectId} is held`);
    round.candidates.clear();
    const { decoded, isWithheld } = candidate;
    const { plan } = round;
    const { codes = null, heldOut = emptyTally() } = decoded.measured ?? {};
    round.estimates = codes === null ? null : { outputs: decoded.outputs, codes };
    round.heldOut = heldOut;
    this.answers.heldOut = sumOfTallies(this.answers.heldOut, heldOut);
    const decodable = this.#decodable(candidate.results);
    const isAllChecked = decodable.every(isChecked);
    const workerOfRow = this.#workersOfRows(plan, decodable);
    for (let row = 0; row < plan.ownRows; row++) {
      const how = decoded.how[row]!;
      const output = this.#rowOf(decoded.outputs, row);
      const result = how === DECODED_HOW.raw ? workerOfRow.get(row) : undefined;
      const query = plan.rows[row]!;
      if (isWithheld[row] === 1) continue;
      this.answers.set(query, {
        output,
        mark: this.#markOf(how, isAllChecked),
        source: result ? { ...sourceOf(result), batchRows: plan.groupCount } : null,
        ...(codes === null ? {} : { estimateCode: codes[row]! }),
      });
      if (decoded.checkedRows[row] === 1) this.answers.marks[query] = MARK.exact;
    }
    for (const result of candidate.results) {
      if (!decodable.includes(result)) this.#patchWith(round, result);
      this.#markChecked(round, result);
    }
  }

  /** Rounds whose answers are stored or being stored, and which queries they answer. */
  finishedRounds(): RoundRows[] {
    return [...this.#finished].map(([roundIndex, { plan, stored }]) => {
      const { generation } = stored;
      return { roundIndex, generation, queryIndices: plan.rows.subarray(0, plan.ownRows) };
    });
  }

  /** Late verified results take the place of estimates, and what was done since to check the others is noted. */
  patch(effect: RoundReference & Pick<EffectOf<"patch">, "results">): void {
    const round = this.#round(effect);
    for (const result of effect.results) {
      this.#patchWith(round, result);
      this.#markChecked(round, result);
    }
  }

  #patchWith(round: RoundWorkspace, result: ResultReference): void {
    const { answers } = this;
    const held = round.results.get(result.assignmentId);
    if (held === undefined) return;
    const source = { ...sourceOf(result), batchRows: round.plan.groupCount };
    this.#eachOwnRow(round.plan, result.workerIndex, (row, g) => {
      const query = round.plan.rows[row]!;
      const mark = answers.marks[query];
      if (mark === MARK.exact) return;
      if (mark === MARK.audited) {
        if (answers.sourceOf(query) === result.volunteerId) answers.setSource(query, source);
        return;
      }
      const output = this.#rowOf(held.outputs, g);
      if (isChecked(result)) answers.set(query, { output, mark: "audited", source });
      // [VF10] A sure estimate is better than the word of somebody whom nobody checked, and that is better than nothing.
      else if (mark !== MARK.estimated) answers.set(query, { output, mark: "unchecked", source });
    });
  }

  /** What the coordinator computed itself stays, and is nobody else's. */
  withdraw({ roundIndex, workerIndex }: EffectOf<"withdraw">): void {
    const plan = (this.#rounds.get(roundIndex) ?? this.#finished.get(roundIndex))!.plan;
    const withdraw = (row: number) => {
      const query = plan.rows[row]!;
      if (this.answers.marks[query] === MARK.exact) this.answers.setSource(query, null);
      else this.answers.withdraw(query);
    };
    if (workerIndex !== null) this.#eachOwnRow(plan, workerIndex, withdraw);
    else for (let row = 0; row < plan.ownRows; row++) withdraw(row);
  }

  /** The round as it is to be stored, with late results in it. */
  storedRound(record: RoundRecord): StoredRound {
    this.patch({ ...record, results: record.patches });
    const round = this.#round(record);
    const { plan, heldOut } = round;
    this.#finished.set(record.roundIndex, { plan, sources: record.sources, stored: record, heldOut });
    this.#roundOf = null;
    return this.#exportRound(record.roundIndex);
  }

  /** Rounds that changed since they were stored, as they are to be stored again, until the job is let go. */
  changedRounds(): StoredRound[] {
    return [...this.#changedRounds].map((roundIndex) => this.#exportRound(roundIndex));
  }

  #exportRound(roundIndex: number): StoredRound {
    const { plan, sources, stored, heldOut } = this.#finished.get(roundIndex)!;
    const { generation, firstMs, exactMs, estimatedAtFirst, redispatched } = stored;
    return {
      jobId: this.data.job.jobId,
      roundIndex,
      ...this.answers.exportRows(plan.rows.subarray(0, plan.ownRows)),
      plan: encodePlan(plan, { sources: [...sources], heldOut, estimates: this.#estimateCodesIn(plan) }),
      ...{ generation, firstMs, exactMs, estimatedAtFirst, redispatched },
    };
  }

  /** Recomputes random rows that this volunteer answered; those that agree are exact from then on. */
  async topUp(volunteerId: string, rows: number): Promise<{ checked: number; failed: number }> {
    const open = this.answers.unauditedOf(volunteerId);
    if (open.length === 0) return { checked: 0, failed: 0 };
    const queries = Uint32Array.from(
      drawRows(this.#secretRandom, open.length, Math.min(rows, open.length)),
      (i) => open[i]!,
    );
    const outputs = new Float32Array(queries.length * this.data.job.outputSize);
    queries.forEach((query, r) => {
      outputs.set(this.#rowOf(this.answers.outputs, query), r * this.data.job.outputSize);
    });
    const { failedRows, ownOutputs } = await this.#executor.run("recompute", {
      model: this.data.model,
      rule: this.#rule,
      source: this.data.source,
      rows: queries,
      outputs,
      precisions: [...queries].map((query) => (this.answers.precisions[query] === 1 ? "float16" : "float32")),
    });
    for (const r of rowsWith(failedRows, 1).slice(0, EVIDENCE_ROWS_MAX)) {
      this.#answerDiffers(volunteerId, queries[r]!, this.#rowOf(outputs, r), this.#rowOf(ownOutputs, r));
    }
    queries.forEach((query, r) => {
      if (failedRows[r] === 1) return;
      this.answers.markExact(query, this.#rowOf(ownOutputs, r));
      this.#changedRounds.add(this.#roundOfQuery(query));
    });
    return { checked: queries.length, failed: count(failedRows) };
  }

  #estimateCodesIn(plan: RoundPlan): [row: number, code: number][] {
    const codes: [number, number][] = [];
    for (let row = 0; row < plan.ownRows; row++) {
      const code = this.answers.estimateCodes[plan.rows[row]!]!;
      if (code !== NO_ESTIMATE) codes.push([row, code]);
    }
    return codes;
  }

  releaseRound(roundIndex: number): void {
    this.#rounds.delete(roundIndex);
  }

  #roundOfQuery(query: number): number {
    if (this.#roundOf === null) {
      this.#roundOf = new Uint32Array(this.answers.queryCount);
      for (const [roundIndex, { plan }] of this.#finished)
        for (const own of plan.rows.subarray(0, plan.ownRows)) this.#roundOf[own] = roundIndex;
    }
    return this.#roundOf[query]!;
  }

  #round(reference: RoundReference): RoundWorkspace {
    const { jobId, roundIndex, generation } = reference;
    const existing = this.#rounds.get(roundIndex);
    if (existing !== undefined && existing.reference.generation === generation) return existing;
    const round: RoundWorkspace = {
      reference: { jobId, roundIndex, generation },
      plan: existing?.plan ?? this.#finished.get(roundIndex)?.plan ?? this.#newPlan(roundIndex),
      batches: null,
      results: new Map(),
      candidates: new Map(),
      estimates: null,
      heldOut: this.#finished.get(roundIndex)?.heldOut ?? emptyTally(),
    };
    this.#rounds.set(roundIndex, round);
    return round;
  }

  #newPlan(roundIndex: number): RoundPlan {
    const { scheme, groupsByLikeness } = this.#schedule.planOf(roundIndex);
    const dealt = groupsByLikeness
      ? placements(this.#secretRandom, this.groupCount(roundIndex), scheme.queryCount)
      : null;
    return this.#makePlan(roundIndex, dealt);
  }

  #makePlan(roundIndex: number, dealt: Uint32Array | null): RoundPlan {
    const order = this.#stream?.order.order ?? this.#order;
    if (order === null) throw new Error("JobWorkspace: prepare comes before the first round");
    const plan = this.#schedule.planOf(roundIndex);
    const { scheme } = plan;
    const groupCount = groupsInRound(plan, roundIndex);
    const start = firstPlaceOf(plan, roundIndex);
    const ownRows = ownRowsIn(plan, roundIndex);
    const last = order[start + ownRows - 1]!;
    const rows = new Uint32Array(groupCount * scheme.queryCount).fill(last);
    rows.set(order.subarray(start, start + ownRows));
    return { scheme, rows, ownRows, placements: dealt, groupCount };
  }

  /** 8-bit queries lose less to half precision in their mixtures than they lost when they became 8 bits. */
  get #sendsHalves(): boolean {
    return this.data.source.values instanceof Uint8Array;
  }

  /** The queries that this worker index computes as they are, one a group; null where its rows are mixtures. */
  #queriesHeldBy(plan: RoundPlan, workerIndex: number): Uint32Array | null {
    const { queryCount, rawQueryOf } = plan.scheme;
    const queries = new Uint32Array(plan.groupCount);
    for (let g = 0; g < plan.groupCount; g++) {
      const row = rowOfWorker(plan, queryCount, rawQueryOf, workerIndex, g);
      if (row < 0) return null;
      queries[g] = plan.rows[row]!;
    }
    return queries;
  }

  /** The batches of workers that hold mixtures; those of the others are empty. */
  #batches(round: RoundWorkspace): Promise<Float32Array[]> {
    const batches =
      round.batches ??
      this.#executor.run("encode", {
        scheme: referenceTo(round.plan.scheme),
        source: this.data.source,
        rows: round.plan.rows,
        placements: round.plan.placements,
        groupCount: round.plan.groupCount,
        toHalf: this.#sendsHalves,
      });
    round.batches = batches;
    // What failed is tried again when it is asked for again.
    batches.catch(() => {
      if (round.batches === batches) round.batches = null;
    });
    return batches;
  }

  #held(round: RoundWorkspace, assignmentId: number): HeldResult {
    const held = round.results.get(assignmentId);
    if (held === undefined) throw new Error(`JobWorkspace: the result of assignment ${assignmentId} is not held`);
    return held;
  }

  #rowOf(values: Float32Array, row: number): Float32Array {
    const { outputSize } = this.data.job;
    return values.subarray(row * outputSize, (row + 1) * outputSize);
  }

  /** Calls back with each row of the round (over G x K) that this worker index computes as it is, and its group. */
  #eachOwnRow(plan: RoundPlan, workerIndex: number, visit: (row: number, g: number) => void): void {
    const { queryCount, rawQueryOf } = plan.scheme;
    for (let g = 0; g < plan.groupCount; g++) {
      const row = rowOfWorker(plan, queryCount, rawQueryOf, workerIndex, g);
      if (row >= 0 && row < plan.ownRows) visit(row, g);
    }
  }

  /** Whose result a decoder took for each row that it took as it was: the first, in the order of the worker indices. */
  #workersOfRows(plan: RoundPlan, results: readonly ResultReference[]): Map<number, ResultReference> {
    const workers = new Map<number, ResultReference>();
    for (const result of results) {
      this.#eachOwnRow(plan, result.workerIndex, (row) => {
        if (!workers.has(row)) workers.set(row, result);
      });
    }
    return workers;
  }

  /**
   * [VF1] What nobody checked answers for itself alone, and nothing is made of it: the others, where a query may be asked again.
   * Where it may not, answers made of it are called unchecked.
   */
  #decodable(results: readonly ResultReference[]): readonly ResultReference[] {
    return redoesLostRows(this.data.plan) ? results.filter(isChecked) : results;
  }

  /** @param isAllChecked of the results that were decoded, which only audits check one by one */
  #markOf(how: number, isAllChecked: boolean): Answer["mark"] {
    if (how === DECODED_HOW.missing) return "missing";
    const { verification } = this.data.plan;
    if (verification === "none" || (verification === "audits" && !isAllChecked)) return "unchecked";
    return how === DECODED_HOW.estimated ? "estimated" : "audited";
  }

  /** Rows of this result that were recomputed are exact; they answer with what the coordinator itself computed. */
  #markChecked(round: RoundWorkspace, result: ResultReference): void {
    const checked = round.results.get(result.assignmentId)?.checked;
    if (checked == null) return;
    const ownRowOf = ranks(checked.flags);
    this.#eachOwnRow(round.plan, result.workerIndex, (row, g) => {
      if (checked.flags[g] === 1)
        this.answers.markExact(round.plan.rows[row]!, this.#rowOf(checked.ownOutputs, ownRowOf[g]!));
    });
  }

  /** What the round's estimates say about the rows of this worker index: the suspicion that its late result meets. */
  #estimatesFor(round: RoundWorkspace, workerIndex: number): AuditBatch["estimates"] {
    const { outputSize } = this.data.job;
    const estimates = {
      outputs: new Float32Array(round.plan.groupCount * outputSize),
      present: new Uint8Array(round.plan.groupCount),
    };
    this.#eachOwnRow(round.plan, workerIndex, (row, g) => {
      const confidence = confidenceOfCode(this.answers.heldOut, round.estimates?.codes[row] ?? NO_ESTIMATE);
      if (confidence === null || confidence < SUSPICION_CONFIDENCE_MIN) return;
      estimates.outputs.set(this.#rowOf(round.estimates!.outputs, row), g * outputSize);
      estimates.present[g] = 1;
    });
    return estimates.present.includes(1) ? estimates : null;
  }
}

/** The part of a stream's queries that a durable round answers. */
export function windowOfRound({
  roundIndex,
  queryIndices,
}: Pick<StoredRound, "roundIndex" | "queryIndices">): { readonly roundIndex: number } & StreamWindow {
  const firstPlace = queryIndices.reduce((least, query) => Math.min(least, query), Number.POSITIVE_INFINITY);
  return { roundIndex, firstPlace, endPlace: firstPlace + queryIndices.length };
}

function referenceTo({ name, parameters }: CodingScheme): SchemeReference {
  // Every scheme has the name of its line (scheme.contract.ts).
  return { name: name as SchemeName, parameters };
}
