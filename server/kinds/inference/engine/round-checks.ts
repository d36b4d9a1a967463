/** What the coordinator computes again of what tabs sent: rows of batches, rows that do not fit, answers at a job's end. */

import { EVIDENCE_ROWS_MAX } from "../../../../shared/protocol/limits.ts";
import { drawRows } from "../../../../shared/verify/draw-rows.ts";
import type { DecodeOutcome, InferenceEffect, ResultReference } from "../core/work.ts";

import { type AnswerRule, answerRuleOf } from "./answer-rule.ts";
import type { AuditBatch, BatchAudit } from "./audit-batches.ts";
import { checkedToo, countFlags, rowsWith } from "./checked-rows.ts";
import { differingRow, differingRows, type OnDiffering, type SentRows } from "./differing-rows.ts";
import { confidenceOfCode, NO_ESTIMATE } from "./estimate-codes.ts";
import { SUSPICION_CONFIDENCE_MIN } from "./held-out-estimates.ts";
import { type Computing, modelFor, outputRow } from "./job-data.ts";
import { heldResult, type OpenRound, type OpenRounds } from "./open-rounds.ts";
import type { RoundAnswers } from "./round-answers.ts";
import { eachOwnRow, ownWorkerOf, queriesHeldBy } from "./round-plan.ts";

export interface BatchAuditOutcome {
  readonly checked: number;
  readonly randomlyChecked: number;
  readonly failed: number;
  readonly against: { readonly randomlyChecked: number; readonly failed: number } | null;
}

export class RoundChecks {
  readonly #with: Computing;
  readonly #rounds: OpenRounds;
  readonly #answers: RoundAnswers;
  readonly #onDiffering: OnDiffering;
  readonly #rule: AnswerRule;

  /** @param onDiffering rows of somebody's result came out differently when they were computed again */
  constructor(computing: Computing, rounds: OpenRounds, answers: RoundAnswers, onDiffering: OnDiffering) {
    this.#with = computing;
    this.#rounds = rounds;
    this.#answers = answers;
    this.#onDiffering = onDiffering;
    this.#rule = answerRuleOf(computing.data.job);
  }

  async audit(round: OpenRound, effect: Extract<InferenceEffect, { type: "audit" }>): Promise<BatchAuditOutcome> {
    const held = heldResult(round, effect.assignmentId);
    const other = effect.against && round.results.get(effect.against.assignmentId);
    const inputs = await this.#inputs(round, effect.workerIndex);
    const audited = await this.#audit(effect.workerIndex, {
      inputs,
      outputs: held.outputs,
      precision: effect.precision,
      randomRows: effect.randomRows,
      // As many again as were drawn: what an operator has capped stays capped.
      ambiguousRows: inputs instanceof Float32Array ? 0 : effect.randomRows,
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
    return { checked: countFlags(checkedRows), randomlyChecked, failed, against };
  }

  /** Rows of a result that do not fit the others: what the code suspects, the coordinator confirms or not. */
  async auditLocated(
    round: OpenRound,
    result: ResultReference,
    groups: readonly number[],
  ): Promise<DecodeOutcome["suspectAudits"][number]> {
    const { workerIndex, assignmentId, precision } = result;
    const held = round.results.get(assignmentId);
    const chosenRows = groups.filter((g) => held?.checked?.flags[g] !== 1);
    // Its volunteer may have been quarantined while the round was being decoded.
    if (held === undefined || chosenRows.length === 0) return { workerIndex, checked: 0, failed: 0 };
    const { checkedRows, ownOutputs, failed } = await this.#audit(workerIndex, {
      inputs: await this.#inputs(round, workerIndex),
      outputs: held.outputs,
      precision,
      randomRows: 0,
      ambiguousRows: 0,
      chosenRows,
      estimates: null,
      against: null,
    });
    if (failed === 0) held.checked = checkedToo(held.checked, { flags: checkedRows, ownOutputs });
    else this.#differs(round.reference.roundIndex, result, held.outputs, { checkedRows, ownOutputs });
    return { workerIndex, checked: chosenRows.length, failed };
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

  #differs(
    roundIndex: number,
    sent: Pick<ResultReference, "volunteerId" | "workerIndex" | "assignmentId" | "precision">,
    outputs: Float32Array,
    { checkedRows, ownOutputs }: Pick<BatchAudit, "checkedRows" | "ownOutputs">,
  ): void {
    const { volunteerId, workerIndex, assignmentId, precision } = sent;
    const { outputSize } = this.#with.data.job;
    const recomputed = { rule: this.#rule, outputSize, precision, checkedRows, ownOutputs };
    this.#onDiffering({ volunteerId, roundIndex, workerIndex, assignmentId }, differingRows(outputs, recomputed));
  }

  /** Recomputes random rows that this volunteer answered; those that agree are exact from then on. */
  async topUp(volunteerId: string, rows: number): Promise<{ checked: number; failed: number }> {
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
    for (const r of rowsWith(failedRows, 1).slice(0, EVIDENCE_ROWS_MAX)) {
      this.#answerDiffers(volunteerId, queries[r]!, outputRow(data, outputs, r), outputRow(data, ownOutputs, r));
    }
    queries.forEach((query, r) => {
      if (failedRows[r] !== 1) this.#answers.markExact(query, outputRow(data, ownOutputs, r));
    });
    return { checked: queries.length, failed: countFlags(failedRows) };
  }

  /** As #differs, of an answer whose round is over: the batch that it came in is known by the place of its query. */
  #answerDiffers(volunteerId: string, query: number, received: Float32Array, expected: Float32Array): void {
    const roundIndex = this.#answers.roundOf(query);
    const { plan } = this.#answers.keptRound(roundIndex)!;
    const row = plan.rows.indexOf(query);
    const sent: SentRows = { volunteerId, roundIndex, workerIndex: ownWorkerOf(plan, row) };
    this.#onDiffering(sent, [differingRow(Math.floor(row / plan.scheme.queryCount), received, expected)]);
  }
}
