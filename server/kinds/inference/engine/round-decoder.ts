/** From the results of a round to what it could answer, and what that is worth. */

import { DECODED_HOW } from "../../../../shared/coding/scheme.ts";
import { AUDIT_ROW_SHARE } from "../../../../shared/protocol/limits.ts";
import type { PrecisionClass } from "../../../../shared/verify/compare-rows.ts";
import { agreedCount, comparedCount, sumOfTallies } from "../../../../shared/verify/estimate-confidence.ts";
import { redoesLostRows, withholdsEstimates } from "../core/estimates.ts";
import { canBeRedoneInPart } from "../core/inference-plan.ts";
import type { DecodeOutcome, InferenceEffect } from "../core/work.ts";
import { answerRuleOf } from "./answer-rule.ts";
import { countFlags, countOf, rowsWith } from "./checked-rows.ts";
import { confidenceOfCode } from "./estimate-codes.ts";
import type { JobAnswers } from "./job-answers.ts";
import { type Computing, outputRow } from "./job-data.ts";
import type { JobQueries } from "./job-queries.ts";
import type { KnownRounds } from "./known-rounds.ts";
import { heldResult, type OpenRound, referenceTo } from "./open-rounds.ts";
import { plainDecode } from "./plain-decode.ts";
import { decodableOf } from "./round-answers.ts";
import type { RoundChecks } from "./round-checks.ts";
import { ownWorkerOf, type RoundPlan } from "./round-plan.ts";
import type { InferenceInputs, InferenceOutputs } from "./task-types.ts";

export interface DecoderParts {
  readonly queries: JobQueries;
  readonly answers: JobAnswers;
  readonly checks: RoundChecks;
  readonly known: KnownRounds;
}

export class RoundDecoder {
  readonly #with: Computing;
  readonly #parts: DecoderParts;

  constructor(computing: Computing, parts: DecoderParts) {
    this.#with = computing;
    this.#parts = parts;
  }

  /** What comes of it is held as a candidate, until it is published. */
  async decode(round: OpenRound, effect: Extract<InferenceEffect, { type: "decode" }>): Promise<DecodeOutcome> {
    const { data, executor } = this.#with;
    const { plan } = round;
    const precisions: PrecisionClass[] = [];
    for (const result of effect.results) precisions[result.workerIndex] = result.precision;
    const results = decodableOf(data, effect.results);
    const input: InferenceInputs["decode"] = {
      scheme: referenceTo(plan.scheme),
      arrived: results.map((result) => result.workerIndex),
      batches: results.map((result) => heldResult(round, result.assignmentId).outputs),
      placements: plan.placements,
      groupCount: plan.groupCount,
      outputSize: data.job.outputSize,
      rule: answerRuleOf(data.job),
      estimates: this.#estimatesInput(effect.roundIndex, plan),
      suspects: effect.auditSuspects ? { model: data.model, source: data.source, rows: plan.rows, precisions } : null,
      spotChecks: canBeRedoneInPart(data.plan)
        ? null
        : { count: Math.ceil(plan.ownRows * AUDIT_ROW_SHARE), among: plan.ownRows },
    };
    const { isPlain } = this.#parts.known.planOf(effect.roundIndex);
    const decoded = isPlain ? plainDecode(plan, input) : await executor.run("decode", input);
    const located = await Promise.all(
      decoded.located.map(({ workerIndex, groups }) => {
        const result = results.find((other) => other.workerIndex === workerIndex)!;
        return this.#parts.checks.auditLocated(effect.effectId, round, result, groups);
      }),
    );
    const suspectAudits = decoded.suspectAudits.map(({ differing, ...audit }) => {
      const result = results.find(({ workerIndex }) => workerIndex === audit.workerIndex)!;
      for (const { row, expected } of differing) {
        const received = outputRow(data, decoded.outputs, row).slice();
        this.#parts.checks.suspectDecoded(effect.effectId, round, result, row, { received, expected });
      }
      return audit;
    });
    const isWithheld = this.#withheld(plan, decoded);
    round.candidates.set(effect.effectId, { decoded, isWithheld, results: effect.results });
    const how = decoded.how.subarray(0, plan.ownRows);
    const measured = decoded.measured?.heldOut[decoded.measured.better];
    const toRedo = redoesLostRows(data.plan);
    const missing = rowsWith(how, DECODED_HOW.missing);
    return {
      rowCount: plan.ownRows,
      estimatedRows: countOf(how, DECODED_HOW.estimated) - countFlags(isWithheld),
      missingRows: toRedo ? 0 : missing.length,
      unanswered: toRedo ? ownWorkersOf(plan, [...missing, ...rowsWith(isWithheld, 1)]) : [],
      better: decoded.measured?.better ?? null,
      heldOutAgreed: decoded.spots.agreed + (measured ? agreedCount(measured) : 0),
      heldOutTotal: decoded.spots.total + (measured ? comparedCount(measured) : 0),
      suspectAudits: [...suspectAudits, ...located],
      rejected: [...decoded.rejectedCounts].flatMap((groups, workerIndex) =>
        groups > 0 ? [{ workerIndex, groups }] : [],
      ),
    };
  }

  /** What a decode makes and measures estimates with; null where no worker holds a query as it is. */
  #estimatesInput(roundIndex: number, { ownRows }: RoundPlan): InferenceInputs["decode"]["estimates"] {
    const { queries, answers, known } = this.#parts;
    const plan = known.planOf(roundIndex);
    if (plan.isPlain || !redoesLostRows(this.#with.data.plan)) return null;
    const neighbourhood = queries.neighbourhood(plan, roundIndex, ownRows, answers);
    return { ownRows, neighbourhood, earlier: answers.heldOut };
  }

  /** Estimates below the job's floor: they are told to nobody, and their queries wait for the model's own answer. */
  #withheld(plan: RoundPlan, { measured }: InferenceOutputs["decode"]): Uint8Array {
    const { data } = this.#with;
    const isWithheld = new Uint8Array(plan.ownRows);
    if (measured === null || !withholdsEstimates(data.plan)) return isWithheld;
    const tally = sumOfTallies(this.#parts.answers.heldOut, measured.heldOut);
    const { confidenceFloor } = data.job.submission;
    for (let row = 0; row < plan.ownRows; row++) {
      const confidence = confidenceOfCode(tally, measured.codes[row]!);
      if (confidence !== null && confidence < confidenceFloor) isWithheld[row] = 1;
    }
    return isWithheld;
  }
}

function ownWorkersOf(plan: RoundPlan, rows: readonly number[]): number[] {
  return [...new Set(rows.map((row) => ownWorkerOf(plan, row)))];
}
