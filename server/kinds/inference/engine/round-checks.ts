/** What the coordinator computes again of what tabs sent: rows of batches, rows that do not fit, answers at a job's end. */

import { AUDIT_ROW_SHARE } from "../../../../shared/protocol/limits.ts";
import { type DrawPlace, drawBatchRows } from "../../../../shared/receipts/job-draws.ts";
import { drawRows } from "../../../../shared/verify/draw-rows.ts";
import { addRows, isFineClass, NOTHING_LOOKED, type RowsLooked } from "../../../../shared/verify/model-class.ts";
import type {
  BatchRow,
  DecodeOutcome,
  InferenceEffect,
  OutcomeOf,
  ResultReference,
  RoundPlace,
  RowsSettled,
} from "../core/work.ts";

import { type AnswerRule, answerRuleOf } from "./answer-rule.ts";
import { type AuditBatch, asksForRows, type BatchAudit, failedOf, lookAt } from "./audit-batches.ts";
import { checkedToo, countFlags, rowsWith } from "./checked-rows.ts";
import { CrossCheckedRows } from "./cross-checked-rows.ts";
import { differingRows, type OnDiffering } from "./differing-rows.ts";
import { confidenceOfCode, NO_ESTIMATE } from "./estimate-codes.ts";
import { SUSPICION_CONFIDENCE_MIN } from "./held-out-estimates.ts";
import { MARK } from "./job-answers.ts";
import { type Computing, modelFor, modelWithCost, outputRow, queryRow } from "./job-data.ts";
import { type HeldResult, heldResult, type OpenRound, type OpenRounds } from "./open-rounds.ts";
import type { RoundAnswers } from "./round-answers.ts";
import { batchRowsIn, eachOwnRow, ownPlaceOf, queriesHeldBy, queryHeldAt } from "./round-plan.ts";
import { Suspicions } from "./suspicions.ts";

export type BatchAuditOutcome = Omit<OutcomeOf<"audited">, "type" | "assignmentId" | keyof RoundPlace>;

export class RoundChecks {
  readonly #with: Computing;
  readonly #rounds: OpenRounds;
  readonly #answers: RoundAnswers;
  readonly #rule: AnswerRule;
  readonly #crossChecks: CrossCheckedRows;
  /** Rows that differ, until they are judged. */
  readonly suspicions: Suspicions;

  /** @param onDiffering rows of somebody's result came out differently when they were computed again */
  constructor(computing: Computing, rounds: OpenRounds, answers: RoundAnswers, onDiffering: OnDiffering) {
    this.#with = computing;
    this.#rounds = rounds;
    this.#answers = answers;
    this.#rule = answerRuleOf(computing.data.job);
    this.suspicions = new Suspicions(computing, this.#rule, onDiffering);
    this.#crossChecks = new CrossCheckedRows(computing, rounds, answers, this.#rule, this.suspicions);
  }

  async audit(round: OpenRound, effect: Extract<InferenceEffect, { type: "audit" }>): Promise<BatchAuditOutcome> {
    const held = heldResult(round, effect.assignmentId);
    const other = effect.against && round.results.get(effect.against.assignmentId);
    const { anchors = [] } = effect.crossChecked ?? {};
    // Now: the answers that they are compared with are held now.
    const compared = this.#crossChecks.compare(effect, held);
    const words = effect.crossChecked ? this.#crossChecks.wordsAgainst(round, effect, held) : [];
    const batchRows = batchRowsIn(round.plan, effect.workerIndex);
    const inputs = await this.#inputs(round, effect.workerIndex);
    const ambiguousRows = effect.crossChecked
      ? Math.max(effect.randomRows, Math.ceil(AUDIT_ROW_SHARE * batchRows))
      : effect.randomRows;
    const randomRows = effect.randomRows + Math.max(0, effect.classRows - held.golden.queries.length);
    const batch: Omit<AuditBatch, "rule"> = {
      inputs,
      outputs: held.outputs,
      precision: effect.precision,
      isFine: effect.isFine,
      randomRows,
      ...this.#drawnBySecret(effect, batchRows, randomRows),
      // As many again as were drawn: what an operator has capped stays capped.
      ambiguousRows: inputs instanceof Float32Array ? 0 : ambiguousRows,
      chosenRows: anchors,
      estimates: this.#estimatesFor(round, effect.workerIndex),
      against: other
        ? {
            outputs: other.outputs,
            precision: effect.against!.precision,
            isFine: effect.against!.isFine,
            checked: other.checked?.flags ?? null,
          }
        : null,
    };
    const isAsked = asksForRows({ rule: this.#rule, ...batch }, this.#with.data.job.outputSize);
    const audited = isAsked
      ? await this.#audit(effect.workerIndex, batch)
      : nothingAudited(batchRows, batch.against !== null);
    const { against, checkedRows, ownOutputs } = audited;
    const randomlyChecked = audited.randomlyChecked + anchors.length;
    const settled = await this.#crossChecks.settle(effect, compared);
    const unravelled = await this.#crossChecks.unravel(effect, words);
    const ofSender = addRows(settled.ofSender, unravelled.ofSender);
    const failed = audited.failed + failedOf(ofSender, effect.isFine);
    if (!isAsked) held.checked = null;
    else if (audited.failed === 0) held.checked = { flags: checkedRows, ownOutputs };
    else this.#suspect(effect.effectId, effect.roundIndex, effect, inputs, held, audited);
    if (other && against !== null && against.failed > 0) {
      this.#suspect(effect.effectId, effect.roundIndex, effect.against!, inputs, other, audited);
    }
    if (other && against?.failed === 0) other.checked = checkedToo(other.checked, { flags: checkedRows, ownOutputs });
    const golden = this.#lookAtGolden(effect, held);
    const { fine, coarse, wrong } = ofSender;
    return {
      checked: countFlags(checkedRows) + fine + coarse + wrong,
      ...{ randomlyChecked, failed },
      coarse: audited.looked.coarse + coarse,
      ...(compared.length === 0 ? {} : { duplicates: settled.found }),
      ...(unravelled.found.length === 0 ? {} : { words: unravelled.found }),
      ...(golden === null ? {} : { golden }),
      ...(audited.isAnothers ? { isAnothers: true } : {}),
      against: against && {
        ...{ randomlyChecked: against.randomlyChecked, failed: against.failed, coarse: against.looked.coarse },
      },
    };
  }

  /** [RC7] The draw derives from the job's secret, so that it can be made again when that is opened. */
  #drawnBySecret(place: DrawPlace, rowCount: number, drawCount: number): Pick<AuditBatch, "drawnRows"> {
    const { jobSecret } = this.#with;
    return jobSecret === null ? {} : { drawnRows: drawBatchRows(jobSecret, place, rowCount, drawCount) };
  }

  /** The query that a row of a batch holds, in a round that is open or was stored. */
  queryAt({ roundIndex, workerIndex, row }: BatchRow): number {
    const plan = this.#rounds.planOf(roundIndex) ?? this.#answers.keptRound(roundIndex)?.plan;
    const query = plan && queryHeldAt(plan, workerIndex, row);
    if (query == null)
      throw new Error(
        `RoundChecks: expected a row that holds a query, got row ${row} of ${roundIndex}, ${workerIndex}`,
      );
    return query;
  }

  /** [PC6] Golden rows, against what the coordinator computed when they were answered for the first time. */
  #lookAtGolden(
    effect: Extract<InferenceEffect, { type: "audit" }>,
    { outputs, golden }: HeldResult,
  ): RowsLooked | null {
    if (golden.queries.length === 0) return null;
    const { data } = this.#with;
    const { answers } = this.#answers;
    const looked: Record<keyof RowsLooked, number> = { ...NOTHING_LOOKED };
    golden.queries.forEach((query, r) => {
      if (answers.marks[query] !== MARK.exact) return;
      const expected = outputRow(data, answers.outputs, query).slice();
      const received = outputRow(data, golden.outputs, r);
      const found = lookAt(this.#rule, expected, received, effect.precision);
      looked[found]++;
      if (found === "fine" || (found === "coarse" && !effect.isFine)) return;
      const { volunteerId, roundIndex, workerIndex, assignmentId, precision } = effect;
      this.suspicions.hold(effect.effectId, {
        sent: { volunteerId, roundIndex, workerIndex, assignmentId },
        ...modelWithCost(this.#with.data, workerIndex),
        precision,
        // Golden rows are counted behind those of the batch.
        rows: [
          {
            row: outputs.length / data.job.outputSize + r,
            input: queryRow(this.#with.data, query),
            received,
            expected,
          },
        ],
        onCleared: () => {},
      });
    });
    return looked;
  }

  /** Rows of a result that do not fit the others: what the code suspects, the coordinator confirms or not. */
  async auditLocated(
    effectId: number,
    round: OpenRound,
    result: ResultReference,
    rows: readonly number[],
  ): Promise<DecodeOutcome["suspectAudits"][number]> {
    const { workerIndex, assignmentId, precision } = result;
    const held = round.results.get(assignmentId);
    const chosenRows = rows.filter((row) => held?.checked?.flags[row] !== 1);
    // Its volunteer may have been quarantined while the round was being decoded.
    if (held === undefined || chosenRows.length === 0) return { workerIndex, checked: 0, failed: 0 };
    const inputs = await this.#inputs(round, workerIndex);
    const { checkedRows, ownOutputs, failed } = await this.#audit(workerIndex, {
      inputs,
      outputs: held.outputs,
      precision,
      isFine: isFineClass(precision),
      randomRows: 0,
      ambiguousRows: 0,
      chosenRows,
      estimates: null,
      against: null,
    });
    if (failed === 0) held.checked = checkedToo(held.checked, { flags: checkedRows, ownOutputs });
    else this.#suspect(effectId, round.reference.roundIndex, result, inputs, held, { checkedRows, ownOutputs });
    return { workerIndex, checked: countFlags(checkedRows), failed };
  }

  async #audit(workerIndex: number, batch: Omit<AuditBatch, "rule">): Promise<BatchAudit> {
    const { data, executor } = this.#with;
    const batches = [{ rule: this.#rule, ...batch }];
    const [audited] = await executor.run("audit", { model: modelFor(data, workerIndex), batches });
    return audited!;
  }

  /** What a tab computed from: few of its rows are computed again, so queries are named and not copied. */
  async #inputs(round: OpenRound, workerIndex: number): Promise<AuditBatch["inputs"]> {
    const queries = queriesHeldBy(round.plan, workerIndex);
    if (queries === null) return (await this.#rounds.batches(round))[workerIndex]!;
    return { source: this.#with.data.source, queries };
  }

  /** What the round's estimates say about the rows of this worker index: the suspicion that its late result meets. */
  #estimatesFor(round: OpenRound, workerIndex: number): AuditBatch["estimates"] {
    const { data } = this.#with;
    const { outputSize } = data.job;
    const { answers } = this.#answers;
    const batchRows = batchRowsIn(round.plan, workerIndex);
    const estimates = { outputs: new Float32Array(batchRows * outputSize), present: new Uint8Array(batchRows) };
    eachOwnRow(round.plan, workerIndex, (row, at) => {
      const confidence = confidenceOfCode(answers.heldOut, round.estimates?.codes[row] ?? NO_ESTIMATE);
      if (confidence === null || confidence < SUSPICION_CONFIDENCE_MIN) return;
      estimates.outputs.set(outputRow(data, round.estimates!.outputs, row), at * outputSize);
      estimates.present[at] = 1;
    });
    return estimates.present.includes(1) ? estimates : null;
  }

  /** Rows of a result differ: they are kept until they are computed again. */
  #suspect(
    effectId: number,
    roundIndex: number,
    sent: Pick<ResultReference, "volunteerId" | "workerIndex" | "assignmentId" | "precision">,
    inputs: AuditBatch["inputs"],
    held: HeldResult,
    { checkedRows, ownOutputs }: Pick<BatchAudit, "checkedRows" | "ownOutputs">,
  ): void {
    const { volunteerId, workerIndex, assignmentId, precision } = sent;
    const { outputSize } = this.#with.data.job;
    const recomputed = { rule: this.#rule, outputSize, precision, checkedRows, ownOutputs };
    const rows = differingRows(held.outputs, recomputed).map((differing) => ({
      ...differing,
      input: this.#inputOf(inputs, differing.row),
    }));
    this.suspicions.hold(effectId, {
      sent: { volunteerId, roundIndex, workerIndex, assignmentId },
      ...modelWithCost(this.#with.data, workerIndex),
      precision,
      rows,
      onCleared: () => {
        held.checked = checkedToo(held.checked, { flags: checkedRows, ownOutputs });
      },
    });
  }

  /** A row of a round's answers differs, as it was decoded. @param row among all of the round's own */
  suspectDecoded(effectId: number, round: OpenRound, result: ResultReference, row: number, own: DecodedRow): void {
    const { volunteerId, workerIndex, assignmentId, precision } = result;
    const { plan, reference } = round;
    this.suspicions.hold(effectId, {
      sent: { volunteerId, roundIndex: reference.roundIndex, workerIndex, assignmentId },
      ...modelWithCost(this.#with.data, workerIndex),
      precision,
      rows: [{ ...own, row: ownPlaceOf(plan, row).row, input: queryRow(this.#with.data, plan.rows[row]!) }],
      onCleared: () => {},
    });
  }

  /** A copy: what it is taken from may be let go of. */
  #inputOf(inputs: AuditBatch["inputs"], row: number): Float32Array {
    const { inputSize } = this.#with.data.job;
    if (inputs instanceof Float32Array) return inputs.slice(row * inputSize, (row + 1) * inputSize);
    return queryRow(this.#with.data, inputs.queries[row]!);
  }

  /** Recomputes random rows that this volunteer answered; those that agree are exact from then on. */
  async topUp(effectId: number, volunteerId: string, rows: number): Promise<{ checked: number; failed: number }> {
    const [found] = await this.#recompute(effectId, this.#drawn(this.#answers.answers.unauditedOf(volunteerId), rows));
    return found === undefined ? { checked: 0, failed: 0 } : { checked: found.checked, failed: found.failed };
  }

  /** [CC8] The same with rows that are named; with those that are exact, or no answer any more, nothing is done. */
  settle(effectId: number, places: readonly BatchRow[]): Promise<RowsSettled[]> {
    return this.#recompute(
      effectId,
      places.map((place) => this.queryAt(place)),
    );
  }

  /** [CC8] The same with rows drawn from all that are cross-checked. */
  sample(effectId: number, rows: number, window?: number): Promise<RowsSettled[]> {
    return this.#recompute(effectId, this.#drawn(this.#answers.answers.crossCheckedRows(window), rows));
  }

  #drawn(open: readonly number[], rows: number): number[] {
    const drawn = drawRows(this.#with.secretRandom, open.length, Math.min(rows, open.length));
    return [...drawn].map((i) => open[i]!);
  }

  async #recompute(effectId: number, asked: readonly number[]): Promise<RowsSettled[]> {
    const { data, executor } = this.#with;
    const { answers } = this.#answers;
    const queries = Uint32Array.from(new Set(asked)).filter((query) => answers.marks[query] === MARK.audited);
    if (queries.length === 0) return [];
    const volunteers = [...queries].map((query) => answers.sources.volunteerOf(query) ?? "");
    const outputs = new Float32Array(queries.length * data.job.outputSize);
    queries.forEach((query, r) => {
      outputs.set(outputRow(data, answers.outputs, query), r * data.job.outputSize);
    });
    const { failedRows, ownOutputs } = await executor.run("recompute", {
      model: data.model,
      rule: this.#rule,
      source: data.source,
      rows: queries,
      outputs,
      precisions: [...queries].map((query) => answers.sources.classOf(query)),
      isAnswered: true,
    });
    for (const r of rowsWith(failedRows, 1)) {
      this.#suspectAnswer(
        effectId,
        volunteers[r]!,
        queries[r]!,
        outputRow(data, outputs, r),
        outputRow(data, ownOutputs, r),
      );
    }
    const found = new Map<string, { volunteerId: string; checked: number; failed: number }>();
    queries.forEach((query, r) => {
      const volunteerId = volunteers[r]!;
      const own = found.get(volunteerId) ?? { volunteerId, checked: 0, failed: 0 };
      found.set(volunteerId, own);
      own.checked++;
      own.failed += failedRows[r]!;
      if (failedRows[r] !== 1) this.#answers.markExact(query, outputRow(data, ownOutputs, r));
    });
    return [...found.values()];
  }

  /** As #suspect, of an answer whose round is over: the batch that it came in is known by the place of its query. */
  #suspectAnswer(
    effectId: number,
    volunteerId: string,
    query: number,
    received: Float32Array,
    expected: Float32Array,
  ): void {
    const roundIndex = this.#answers.roundOf(query);
    const { plan } = this.#answers.keptRound(roundIndex)!;
    const { workerIndex, row } = ownPlaceOf(plan, plan.rows.indexOf(query));
    this.suspicions.hold(effectId, {
      sent: { volunteerId, roundIndex, workerIndex },
      ...modelWithCost(this.#with.data, workerIndex),
      precision: this.#answers.answers.sources.classOf(query),
      rows: [{ row, input: queryRow(this.#with.data, query), received, expected }],
      onCleared: () => this.#answers.markExact(query, expected),
    });
  }
}

/** Of a batch of which no row had to be computed. */
/** @param isCompared [VF8] with what somebody else gave: they agree, or rows would have been asked for */
function nothingAudited(rowCount: number, isCompared: boolean): BatchAudit {
  const nothing = { randomlyChecked: 0, looked: NOTHING_LOOKED, failed: 0 };
  return {
    ...{ checkedRows: new Uint8Array(rowCount), ...nothing, isAnothers: false, ownOutputs: new Float32Array() },
    against: isCompared ? nothing : null,
  };
}

/** C numbers each. */
export interface DecodedRow {
  readonly received: Float32Array;
  readonly expected: Float32Array;
}
