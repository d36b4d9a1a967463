/** What the coordinator computes again of what tabs sent: rows of batches, rows that do not fit, answers at a job's end. */

import { drawRows } from "../../../../shared/verify/draw-rows.ts";
import { NOTHING_LOOKED, type RowsLooked } from "../../../../shared/verify/model-class.ts";
import type { ModelReference } from "../../../numerics/numerics-references.ts";
import type { DecodeOutcome, InferenceEffect, OutcomeOf, ResultReference, RoundPlace } from "../core/work.ts";

import { type AnswerRule, answerRuleOf } from "./answer-rule.ts";
import { type AuditBatch, type BatchAudit, lookAt } from "./audit-batches.ts";
import { checkedToo, countFlags, rowsWith } from "./checked-rows.ts";
import { differingRows, type OnDiffering } from "./differing-rows.ts";
import { confidenceOfCode, NO_ESTIMATE } from "./estimate-codes.ts";
import { SUSPICION_CONFIDENCE_MIN } from "./held-out-estimates.ts";
import { MARK } from "./job-answers.ts";
import { type Computing, modelFor, outputRow } from "./job-data.ts";
import { type HeldResult, heldResult, type OpenRound, type OpenRounds } from "./open-rounds.ts";
import { gatherRows } from "./query-rows.ts";
import type { RoundAnswers } from "./round-answers.ts";
import { eachOwnRow, ownWorkerOf, queriesHeldBy } from "./round-plan.ts";
import { Suspicions } from "./suspicions.ts";

export type BatchAuditOutcome = Omit<OutcomeOf<"audited">, "type" | "assignmentId" | keyof RoundPlace>;

export class RoundChecks {
  readonly #with: Computing;
  readonly #rounds: OpenRounds;
  readonly #answers: RoundAnswers;
  readonly #rule: AnswerRule;
  /** Rows that differ, until they are judged. */
  readonly suspicions: Suspicions;

  /** @param onDiffering rows of somebody's result came out differently when they were computed again */
  constructor(computing: Computing, rounds: OpenRounds, answers: RoundAnswers, onDiffering: OnDiffering) {
    this.#with = computing;
    this.#rounds = rounds;
    this.#answers = answers;
    this.#rule = answerRuleOf(computing.data.job);
    this.suspicions = new Suspicions(computing, this.#rule, onDiffering);
  }

  async audit(round: OpenRound, effect: Extract<InferenceEffect, { type: "audit" }>): Promise<BatchAuditOutcome> {
    const held = heldResult(round, effect.assignmentId);
    const other = effect.against && round.results.get(effect.against.assignmentId);
    const inputs = await this.#inputs(round, effect.workerIndex);
    const audited = await this.#audit(effect.workerIndex, {
      inputs,
      outputs: held.outputs,
      precision: effect.precision,
      isFine: effect.isFine,
      randomRows: effect.randomRows + Math.max(0, effect.classRows - held.golden.queries.length),
      // As many again as were drawn: what an operator has capped stays capped.
      ambiguousRows: inputs instanceof Float32Array ? 0 : effect.randomRows,
      chosenRows: [],
      estimates: this.#estimatesFor(round, effect.workerIndex),
      against: other
        ? {
            outputs: other.outputs,
            precision: effect.against!.precision,
            isFine: effect.against!.isFine,
            checked: other.checked?.flags ?? null,
          }
        : null,
    });
    const { randomlyChecked, failed, against, checkedRows, ownOutputs } = audited;
    if (failed === 0) held.checked = { flags: checkedRows, ownOutputs };
    else this.#suspect(effect.effectId, effect.roundIndex, effect, inputs, held, audited);
    if (other && against !== null && against.failed > 0) {
      this.#suspect(effect.effectId, effect.roundIndex, effect.against!, inputs, other, audited);
    }
    if (other && against?.failed === 0) other.checked = checkedToo(other.checked, { flags: checkedRows, ownOutputs });
    const golden = this.#lookAtGolden(effect, held);
    return {
      ...{ checked: countFlags(checkedRows), randomlyChecked, failed, coarse: audited.looked.coarse },
      ...(golden === null ? {} : { golden }),
      ...(audited.isAnothers ? { isAnothers: true } : {}),
      against: against && {
        ...{ randomlyChecked: against.randomlyChecked, failed: against.failed, coarse: against.looked.coarse },
      },
    };
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
      const found = lookAt(this.#rule, expected, received);
      looked[found]++;
      if (found === "fine" || (found === "coarse" && !effect.isFine)) return;
      const { volunteerId, roundIndex, workerIndex, assignmentId, precision } = effect;
      this.suspicions.hold(effect.effectId, {
        sent: { volunteerId, roundIndex, workerIndex, assignmentId },
        ...this.#modelOf(workerIndex),
        precision,
        // Golden rows are counted behind those of the batch.
        rows: [{ row: outputs.length / data.job.outputSize + r, input: this.#queryOf(query), received, expected }],
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
    groups: readonly number[],
  ): Promise<DecodeOutcome["suspectAudits"][number]> {
    const { workerIndex, assignmentId, precision } = result;
    const held = round.results.get(assignmentId);
    const chosenRows = groups.filter((g) => held?.checked?.flags[g] !== 1);
    // Its volunteer may have been quarantined while the round was being decoded.
    if (held === undefined || chosenRows.length === 0) return { workerIndex, checked: 0, failed: 0 };
    const inputs = await this.#inputs(round, workerIndex);
    const { checkedRows, ownOutputs, failed } = await this.#audit(workerIndex, {
      inputs,
      outputs: held.outputs,
      precision,
      isFine: precision === "float32",
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
    const batches = [{ ...batch, rule: this.#rule }];
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
    const estimates = {
      outputs: new Float32Array(round.plan.groupCount * outputSize),
      present: new Uint8Array(round.plan.groupCount),
    };
    eachOwnRow(round.plan, workerIndex, (row, g) => {
      const confidence = confidenceOfCode(answers.heldOut, round.estimates?.codes[row] ?? NO_ESTIMATE);
      if (confidence === null || confidence < SUSPICION_CONFIDENCE_MIN) return;
      estimates.outputs.set(outputRow(data, round.estimates!.outputs, row), g * outputSize);
      estimates.present[g] = 1;
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
      ...this.#modelOf(workerIndex),
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
      ...this.#modelOf(workerIndex),
      precision,
      rows: [{ ...own, row: Math.floor(row / plan.scheme.queryCount), input: this.#queryOf(plan.rows[row]!) }],
      onCleared: () => {},
    });
  }

  #modelOf(workerIndex: number): { model: ModelReference; macsPerQuery: number } {
    const { data } = this.#with;
    const { parity, macsPerQuery } = data.job;
    const model = modelFor(data, workerIndex);
    return { model, macsPerQuery: model === data.model ? macsPerQuery : (parity?.macsPerQuery ?? macsPerQuery) };
  }

  /** A copy: what it is taken from may be let go of. */
  #inputOf(inputs: AuditBatch["inputs"], row: number): Float32Array {
    const { inputSize } = this.#with.data.job;
    if (inputs instanceof Float32Array) return inputs.slice(row * inputSize, (row + 1) * inputSize);
    return this.#queryOf(inputs.queries[row]!);
  }

  #queryOf(query: number): Float32Array {
    return gatherRows(this.#with.data.source, Uint32Array.of(query));
  }

  /** Recomputes random rows that this volunteer answered; those that agree are exact from then on. */
  async topUp(effectId: number, volunteerId: string, rows: number): Promise<{ checked: number; failed: number }> {
    const { data, executor, secretRandom } = this.#with;
    const { answers } = this.#answers;
    const open = answers.unauditedOf(volunteerId);
    if (open.length === 0) return { checked: 0, failed: 0 };
    const drawn = drawRows(secretRandom, open.length, Math.min(rows, open.length));
    const queries = Uint32Array.from(drawn, (i) => open[i]!);
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
      precisions: [...queries].map((query) => (answers.precisions[query] === 1 ? "float16" : "float32")),
    });
    for (const r of rowsWith(failedRows, 1)) {
      this.#suspectAnswer(
        effectId,
        volunteerId,
        queries[r]!,
        outputRow(data, outputs, r),
        outputRow(data, ownOutputs, r),
      );
    }
    queries.forEach((query, r) => {
      if (failedRows[r] !== 1) this.#answers.markExact(query, outputRow(data, ownOutputs, r));
    });
    return { checked: queries.length, failed: countFlags(failedRows) };
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
    const place = plan.rows.indexOf(query);
    const workerIndex = ownWorkerOf(plan, place);
    const row = Math.floor(place / plan.scheme.queryCount);
    this.suspicions.hold(effectId, {
      sent: { volunteerId, roundIndex, workerIndex },
      ...this.#modelOf(workerIndex),
      precision: this.#answers.answers.precisions[query] === 1 ? "float16" : "float32",
      rows: [{ row, input: this.#queryOf(query), received, expected }],
      onCleared: () => this.#answers.markExact(query, expected),
    });
  }
}

/** C numbers each. */
export interface DecodedRow {
  readonly received: Float32Array;
  readonly expected: Float32Array;
}
