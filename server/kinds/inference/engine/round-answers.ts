/** The answers of a job, round by round: what a decode says, what comes later, what is taken back, what is stored. */

import { DECODED_HOW } from "../../../../shared/coding/scheme.ts";
import { emptyTally, sumOfTallies } from "../../../../shared/verify/estimate-confidence.ts";
import { isFineClass } from "../../../../shared/verify/model-class.ts";
import type { StoredRound } from "../../../store/store.ts";
import { type BatchSource, isChecked, sourceOf } from "../core/batch-source.ts";
import { redoesLostRows } from "../core/estimates.ts";
import { COORDINATOR } from "../core/job.ts";
import type { Taking } from "../core/taken-back.ts";
import type { ResultReference } from "../core/work.ts";
import type { AnswerSource } from "./answer-kinds.ts";
import { answerRuleOf } from "./answer-rule.ts";
import { ranks } from "./checked-rows.ts";
import { NO_ESTIMATE } from "./estimate-codes.ts";
import { type HeldAnswer, JobAnswers, MARK } from "./job-answers.ts";
import { type JobData, outputRow } from "./job-data.ts";
import type { KnownRounds, RoundFacts } from "./known-rounds.ts";
import type { KeptRound, OpenRound } from "./open-rounds.ts";
import { batchRowsIn, eachOwnRow, ownQueries, type RoundPlan } from "./round-plan.ts";
import { signedByOrigin, signedOf } from "./signed-results.ts";
import { decodePlan, encodePlan, splitsIn } from "./stored-plan.ts";

/** [TB1] What takes back the `final` of this answer; null: it was not final. */
export type TakingOf = (query: number) => Taking | null;

/** Which queries a round answers. */
export type RoundRows = Pick<StoredRound, "roundIndex" | "generation" | "queryIndices">;

export class RoundAnswers {
  readonly answers: JobAnswers;
  readonly #data: JobData;
  readonly #known: KnownRounds;
  /** Of rounds that are stored or being stored. */
  readonly #kept = new Map<number, KeptRound>();
  /**
   * Kept rounds that are to be stored again: an audit at the end made rows exact, or they were unchecked. Each as it was handed out for that, which
   * it is until it is stored, for a write may be refused; null: it has changed since, or was never handed out.
   */
  readonly #changed = new Map<number, StoredRound | null>();
  /** For each query the round that answers it. */
  #roundOf: Uint32Array | null = null;

  constructor(data: JobData, queryCount: number, known: KnownRounds) {
    this.#data = data;
    this.#known = known;
    this.answers = new JobAnswers(queryCount, data.job.outputSize, answerRuleOf(data.job), {
      isUnchecked: data.job.unchecked !== null,
      truth: data.labels,
    });
  }

  keptRound(roundIndex: number): KeptRound | null {
    return this.#kept.get(roundIndex) ?? null;
  }

  /** Puts a round of an earlier run back in its place. @param planWith see JobQueries */
  restore(round: StoredRound, planWith: (dealt: Uint32Array | null) => RoundPlan): void {
    const stored = decodePlan(round.plan);
    const { placements, heldOut, sources, signed = [] } = stored;
    this.answers.importRound(round);
    const plan = { ...planWith(placements === null ? null : Uint32Array.from(placements)), splits: splitsIn(stored) };
    this.#kept.set(round.roundIndex, { plan, heldOut, signed: signedByOrigin(sources, signed) });
  }

  // --- an open round ------------------------------------------------------------------------------------------------

  /** The outcome of that decode is now what the round answers. */
  publish(round: OpenRound, decodeEffectId: number): void {
    const candidate = round.candidates.get(decodeEffectId);
    if (candidate === undefined) throw new Error(`publish: no decode ${decodeEffectId} is held`);
    round.candidates.clear();
    const { decoded, isWithheld } = candidate;
    const { plan } = round;
    const { codes = null, heldOut = emptyTally() } = decoded.measured ?? {};
    round.estimates = codes === null ? null : { outputs: decoded.outputs, codes };
    round.heldOut = heldOut;
    this.answers.heldOut = sumOfTallies(this.answers.heldOut, heldOut);
    const decodable = decodableOf(this.#data, candidate.results);
    const isAllChecked = decodable.every(isChecked);
    const sourceOfRow = sourcesOfRows(plan, decodable);
    for (let row = 0; row < plan.ownRows; row++) {
      const how = decoded.how[row]!;
      const output = outputRow(this.#data, decoded.outputs, row);
      const query = plan.rows[row]!;
      if (isWithheld[row] === 1) continue;
      this.answers.set(query, {
        output,
        mark: this.#markOf(how, isAllChecked),
        source: how === DECODED_HOW.raw ? (sourceOfRow.get(row) ?? null) : null,
        estimateCode: codes === null ? NO_ESTIMATE : codes[row]!,
      });
      if (decoded.checkedRows[row] === 1) this.answers.marks[query] = MARK.exact;
    }
    for (const result of candidate.results) {
      if (!decodable.includes(result)) this.#patchWith(round, result);
      this.#markChecked(round, result);
    }
  }

  /** @param isAllChecked of the results that were decoded, which only audits check one by one */
  #markOf(how: number, isAllChecked: boolean): HeldAnswer["mark"] {
    if (how === DECODED_HOW.missing) return "missing";
    const { verification } = this.#data.plan;
    if (verification === "none" || (verification === "audits" && !isAllChecked)) return "unchecked";
    return how === DECODED_HOW.estimated ? "estimated" : "audited";
  }

  /** Late verified results take the place of estimates, and what was done since to check the others is noted. */
  patch(round: OpenRound, results: readonly ResultReference[]): void {
    for (const result of results) {
      this.#patchWith(round, result);
      this.#markChecked(round, result);
    }
  }

  #patchWith(round: OpenRound, result: ResultReference): void {
    const { answers } = this;
    const held = round.results.get(result.assignmentId);
    if (held === undefined) return;
    const source = { batchRows: batchRowsIn(round.plan, result.workerIndex), ...sourceOf(result) };
    eachOwnRow(round.plan, result.workerIndex, (row, at) => {
      const query = round.plan.rows[row]!;
      const mark = answers.marks[query];
      if (mark === MARK.exact || answers.isConfirmedNonFinite(query)) return;
      const output = outputRow(this.#data, held.outputs, at);
      if (mark === MARK.audited) {
        if (answers.sources.volunteerOf(query) === result.volunteerId) answers.setSource(query, source);
        // [PC2] Of two that agree the finer one stands.
        else if (isFiner(result, answers.sources.of(query))) answers.set(query, { output, mark: "audited", source });
        return;
      }
      if (isChecked(result)) answers.set(query, { output, mark: "audited", source });
      // [VF10] A sure estimate is better than the word of somebody whom nobody checked, and that is better than nothing.
      else if (mark !== MARK.estimated) answers.set(query, { output, mark: "unchecked", source });
    });
  }

  /** Rows of this result that were recomputed are exact; they answer with what the coordinator itself computed. */
  #markChecked(round: OpenRound, result: ResultReference): void {
    const checked = round.results.get(result.assignmentId)?.checked;
    if (checked == null) return;
    const ownRowOf = ranks(checked.flags);
    eachOwnRow(round.plan, result.workerIndex, (row, at) => {
      if (checked.flags[at] !== 1) return;
      const query = round.plan.rows[row]!;
      this.answers.markExact(query, outputRow(this.#data, checked.ownOutputs, ownRowOf[at]!));
      // [AS11] It is no volunteer's.
      if (result.volunteerId === COORDINATOR) this.answers.setSource(query, null);
    });
  }

  /**
   * What the coordinator computed itself stays, and is nobody else's.
   * @param workerIndex null: every row of the round
   * @param takingOf [TB1] see JobWorkspace
   */
  withdraw(plan: RoundPlan, workerIndex: number | null, takingOf: TakingOf): void {
    const withdraw = (row: number) => {
      const query = plan.rows[row]!;
      if (this.answers.marks[query] === MARK.exact) return this.answers.setSource(query, null);
      const taking = takingOf(query);
      this.answers.withdraw(query);
      if (taking !== null) this.answers.takeBack(query, taking);
    };
    if (workerIndex !== null) eachOwnRow(plan, workerIndex, withdraw);
    else for (let row = 0; row < plan.ownRows; row++) withdraw(row);
  }

  // --- what is stored -----------------------------------------------------------------------------------------------

  /** The round as it is to be stored. */
  keep({ plan, heldOut, signed }: OpenRound, roundIndex: number, facts: RoundFacts): StoredRound {
    const kept = { plan, heldOut, signed: signedByOrigin(facts.sources, signedOf(facts.sources, signed) ?? []) };
    this.#kept.set(roundIndex, kept);
    this.#roundOf = null;
    return this.#exported(roundIndex, kept, facts);
  }

  /** Rounds that changed since they were stored, one by one as they are to be stored again, until the job is let go. */
  *changedRounds(): Generator<StoredRound, undefined> {
    for (const roundIndex of [...this.#changed.keys()]) {
      const [kept, facts] = [this.#kept.get(roundIndex)!, this.#known.factsOf(roundIndex)];
      if (facts === null) continue;
      const round = this.#exported(roundIndex, kept, facts);
      this.#changed.set(roundIndex, round);
      yield round;
    }
  }

  /** This has been stored, as it was handed out. */
  isStored(round: StoredRound): void {
    this.answers.isStored(round);
    if (this.#changed.get(round.roundIndex) === round) this.#changed.delete(round.roundIndex);
  }

  #exported(roundIndex: number, { plan, heldOut, signed }: KeptRound, facts: RoundFacts): StoredRound {
    const { generation, sources, firstMs, exactMs, estimatedAtFirst, redispatched } = facts;
    const signatures = signedOf(sources, signed);
    const takenBack = this.answers.takingsIn(ownQueries(plan));
    return {
      jobId: this.#data.job.jobId,
      roundIndex,
      ...this.answers.exportRows(ownQueries(plan)),
      plan: encodePlan(
        { ...plan, rowsPerGroup: plan.scheme.queryCount },
        {
          ...{ sources: [...sources], heldOut, estimates: this.#estimateCodesIn(plan) },
          ...(signatures === null ? {} : { signed: signatures }),
          ...(takenBack.length === 0 ? {} : { takenBack }),
        },
      ),
      ...{ generation, firstMs, exactMs, estimatedAtFirst, redispatched },
    };
  }

  #estimateCodesIn(plan: RoundPlan): [row: number, code: number][] {
    const codes: [number, number][] = [];
    ownQueries(plan).forEach((query, row) => {
      const code = this.answers.estimateCodes[query]!;
      if (code !== NO_ESTIMATE) codes.push([row, code]);
    });
    return codes;
  }

  /** [VF14] Nothing of it is checked. [TB1] What was final is told with its rounds, which are stored again with the job. */
  uncheck(takingOf: TakingOf): void {
    for (const [roundIndex, { plan }] of this.#kept) {
      for (const query of ownQueries(plan)) {
        const taking = takingOf(query);
        if (taking === null) continue;
        this.answers.takeBack(query, taking);
        this.#changed.set(roundIndex, null);
      }
    }
    this.answers.uncheck();
  }

  // --- rounds that were stored --------------------------------------------------------------------------------------

  /** Rounds whose answers are stored or being stored, and which queries they answer. */
  finishedRounds(): RoundRows[] {
    return [...this.#kept].map(([roundIndex, { plan }]) => {
      const generation = this.#known.factsOf(roundIndex)?.generation ?? 0;
      return { roundIndex, generation, queryIndices: ownQueries(plan) };
    });
  }

  roundOf(query: number): number {
    if (this.#roundOf === null) {
      this.#roundOf = new Uint32Array(this.answers.queryCount);
      for (const [roundIndex, { plan }] of this.#kept) {
        for (const own of ownQueries(plan)) this.#roundOf[own] = roundIndex;
      }
    }
    return this.#roundOf[query]!;
  }

  /** The coordinator computed this answer of a stored round itself. */
  markExact(query: number, ownOutput: Float32Array): void {
    this.answers.markExact(query, ownOutput);
    this.#changed.set(this.roundOf(query), null);
  }
}

function isFiner(result: ResultReference, standing: BatchSource | null): boolean {
  return isFineClass(result.precision) && standing?.precision === "float16" && isChecked(result);
}

/**
 * [VF1] What nobody checked answers for itself alone, and nothing is made of it: the others, where a query may be asked again.
 * Where it may not, answers made of it are called unchecked.
 */
export function decodableOf({ plan }: JobData, results: readonly ResultReference[]): readonly ResultReference[] {
  return redoesLostRows(plan) ? results.filter(isChecked) : results;
}

/** What a decoder took for each row that it took as it was: of the first result, in the order of the worker indices. */
function sourcesOfRows(plan: RoundPlan, results: readonly ResultReference[]): Map<number, AnswerSource> {
  const sources = new Map<number, AnswerSource>();
  for (const result of results) {
    const source = { batchRows: batchRowsIn(plan, result.workerIndex), ...sourceOf(result) };
    eachOwnRow(plan, result.workerIndex, (row) => {
      if (!sources.has(row)) sources.set(row, source);
    });
  }
  return sources;
}
