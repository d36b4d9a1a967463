/** From the results of a round to what it could answer, and what that is worth. */

import { DECODED_HOW } from "../../../../shared/coding/scheme.ts";
import { AUDIT_ROW_SHARE } from "../../../../shared/protocol/limits.ts";
import type { BackendClass } from "../../../../shared/verify/compare-rows.ts";
import { agreedCount, comparedCount, sumOfTallies } from "../../../../shared/verify/estimate-confidence.ts";
import { redoesLostRows, withholdsEstimates } from "../core/estimates.ts";
import { canBeRedoneInPart } from "../core/inference-plan.ts";
import type { DecodeOutcome, InferenceEffect, ResultReference } from "../core/work.ts";
import { answerRuleOf, saysTheSame } from "./answer-rule.ts";
import { countFlags, countOf, rowsWith } from "./checked-rows.ts";
import { confidenceOfCode } from "./estimate-codes.ts";
import { SUSPICION_CONFIDENCE_MIN } from "./held-out-estimates.ts";
import type { JobAnswers } from "./job-answers.ts";
import { type Computing, outputRow } from "./job-data.ts";
import type { JobQueries } from "./job-queries.ts";
import type { KnownRounds } from "./known-rounds.ts";
import { heldResult, type OpenRound, referenceTo } from "./open-rounds.ts";
import { plainDecode } from "./plain-decode.ts";
import { decodableOf } from "./round-answers.ts";
import type { RoundChecks } from "./round-checks.ts";
import { codeWorkerIn, eachOwnRow, ownWorkerOf, type RoundPlan, rowsOfGroups, slotsByRow } from "./round-plan.ts";
import type { InferenceInputs, InferenceOutputs } from "./task-types.ts";
import { type WholeBatch, wholeBatches } from "./whole-batches.ts";

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
    const precisions: BackendClass[] = [];
    for (const result of effect.results) precisions[result.workerIndex] = result.precision;
    const results = decodableOf(data, effect.results);
    // Now: while it is located, a finer result may stand instead of one of them, or the job may be cancelled, and they are let go of.
    const outputs = new Map(results.map((result) => [result, heldResult(round, result.assignmentId).outputs] as const));
    const outputsOf = (result: ResultReference) => outputs.get(result)!;
    const known = this.#parts.known.planOf(effect.roundIndex);
    const isPlain = known.isPlain && !effect.auditSuspects;
    if (known.isPlain && effect.auditSuspects) await this.#parts.queries.locate(known, effect.roundIndex);
    const arrived = isPlain
      ? results.map((result) => ({ workerIndex: result.workerIndex, outputs: outputsOf(result) }))
      : wholeBatches(plan, results, outputsOf, data.job.outputSize);
    const input: InferenceInputs["decode"] = {
      scheme: referenceTo(plan.scheme),
      arrived: arrived.map(({ workerIndex }) => workerIndex),
      batches: arrived.map(({ outputs }) => outputs),
      placements: plan.placements,
      groupCount: plan.groupCount,
      outputSize: data.job.outputSize,
      rule: answerRuleOf(data.job),
      estimates: isPlain ? null : this.#estimatesInput(effect.roundIndex, plan),
      suspects: effect.auditSuspects
        ? { model: data.model, source: data.source, rows: plan.rows, precisions, slots: slotsByRow(plan) }
        : null,
      spotChecks: canBeRedoneInPart(data.plan)
        ? null
        : { count: Math.ceil(plan.ownRows * AUDIT_ROW_SHARE), among: plan.ownRows },
    };
    const whole = new Set(input.arrived);
    const apart = results
      .filter(({ workerIndex }) => !whole.has(codeWorkerIn(plan, workerIndex)))
      .map((result) => ({ workerIndex: result.workerIndex, outputs: outputsOf(result) }));
    const decoded = isPlain ? plainDecode(plan, input) : await executor.run("decode", input);
    const suspected = decoded.located.flatMap(({ workerIndex, groups }) => rowsOfGroups(plan, workerIndex, groups));
    if (effect.auditSuspects) suspected.push(...apart.map((slot) => this.#differing(plan, slot, decoded)));
    const located = await Promise.all(
      suspected.map(({ workerIndex, rows }) => {
        const result = results.find((other) => other.workerIndex === workerIndex)!;
        return this.#parts.checks.auditLocated(effect.effectId, round, result, rows);
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
    const how = decoded.how.slice(0, plan.ownRows);
    const isUnsure = this.#withheld(plan, decoded);
    const isWithheld = isUnsure.slice();
    // What was estimated for them is told to nobody: their own answers are there.
    for (const { workerIndex } of apart)
      eachOwnRow(plan, workerIndex, (row) => {
        how[row] = DECODED_HOW.raw;
        [isUnsure[row], isWithheld[row]] = [0, 1];
      });
    round.candidates.set(effect.effectId, { decoded, isWithheld, results: effect.results });
    const measured = decoded.measured?.heldOut[decoded.measured.better];
    const toRedo = redoesLostRows(data.plan);
    const missing = rowsWith(how, DECODED_HOW.missing);
    return {
      rowCount: plan.ownRows,
      estimatedRows: countOf(how, DECODED_HOW.estimated) - countFlags(isUnsure),
      missingRows: toRedo ? 0 : missing.length,
      unanswered: toRedo ? ownWorkersOf(plan, [...missing, ...rowsWith(isUnsure, 1)]) : [],
      better: decoded.measured?.better ?? null,
      heldOutAgreed: decoded.spots.agreed + (measured ? agreedCount(measured) : 0),
      heldOutTotal: decoded.spots.total + (measured ? comparedCount(measured) : 0),
      suspectAudits: [...suspectAudits, ...located],
      rejected: [...decoded.rejectedCounts].flatMap((groups, workerIndex) =>
        groups > 0 ? [{ workerIndex, groups }] : [],
      ),
    };
  }

  /**
   * [VF2] [SL6] Of a slot whose worker index has not come whole, so that its rows were estimated beside: those that differ from a credible
   * estimate. Who hands over rows and goes would have them compared with nothing.
   */
  #differing(plan: RoundPlan, { workerIndex, outputs: held }: WholeBatch, decoded: InferenceOutputs["decode"]) {
    const { data } = this.#with;
    const { measured, outputs } = decoded;
    const rows: number[] = [];
    if (measured === null) return { workerIndex, rows };
    const tally = sumOfTallies(this.#parts.answers.heldOut, measured.heldOut);
    const rule = answerRuleOf(data.job);
    eachOwnRow(plan, workerIndex, (row, at) => {
      const confidence = confidenceOfCode(tally, measured.codes[row]!);
      if (confidence === null || confidence < SUSPICION_CONFIDENCE_MIN) return;
      if (!saysTheSame(rule, outputRow(data, held, at), outputRow(data, outputs, row))) rows.push(at);
    });
    return { workerIndex, rows };
  }

  /** What a decode makes and measures estimates with; null where no worker holds a query as it is. */
  #estimatesInput(roundIndex: number, { ownRows }: RoundPlan): InferenceInputs["decode"]["estimates"] {
    const { queries, answers, known } = this.#parts;
    const plan = known.planOf(roundIndex);
    if (!redoesLostRows(this.#with.data.plan)) return null;
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
