/** What an answer of a job is, and so when two outputs say the same. */
import {
  type BackendClass,
  rowAgrees,
  type ScaleFloor,
  type Tolerances,
  UNMEASURED_TOLERANCES,
} from "../../../../shared/verify/compare-rows.ts";
import { labelTolerance } from "../../../../shared/verify/label-tolerance.ts";
import { isFineClass } from "../../../../shared/verify/model-class.ts";
import { tolerancesFor } from "../../../../shared/verify/sensitivity.ts";
import type { StoredJob } from "../records.ts";
import { argmax } from "./argmax.ts";

export type AnswerRule = {
  /** Within which two honest computations of a row lie, by what the model makes of rounding. */
  readonly tolerance: Tolerances;
} /** The answer is the place of the largest output. */ & (
  | { readonly task: "classification" }
  /** The answer is the numbers. */
  | {
      readonly task: "regression";
      readonly relative: number;
      readonly absolute: number;
      /** rms of the model's outputs over some of the job's queries; where a job asks for several outputs, of each. */
      readonly outputScale: ScaleFloor;
    }
);

export const CLASSIFICATION: AnswerRule = { task: "classification", tolerance: UNMEASURED_TOLERANCES };
const RELATIVE_DEFAULT = 0.05;

export function answerRuleOf({
  submission,
  outputScale,
  sensitivity,
}: Pick<StoredJob, "submission" | "outputScale" | "sensitivity">): AnswerRule {
  // A job that was submitted before models were tried for it has none; one that is not checked compares nothing.
  const tolerance = (sensitivity && tolerancesFor(sensitivity)) ?? UNMEASURED_TOLERANCES;
  if (submission.task !== "regression") return { ...CLASSIFICATION, tolerance };
  const { relative, absolute } = submission.tolerance ?? { relative: RELATIVE_DEFAULT, absolute: 0 };
  // [PC10] Numbers have no labels: the narrow tolerance serves them.
  const ofNumbers = { ...tolerance, fixed32: tolerance.float32 };
  return { task: "regression", relative, absolute, outputScale: outputScale ?? 0, tolerance: ofNumbers };
}

/**
 * Does an estimate say what the model's own output says? Classification: the same label. Regression: no number differs by
 * more than absolute + relative * max(rms(output), outputScale), of several outputs in a row each on its own.
 * @param output one row; an estimate of the same length
 */
export function saysTheSame(rule: AnswerRule, output: Float32Array, estimate: Float32Array): boolean {
  const { length } = output;
  if (rule.task === "classification") return argmax(output, 0, length) === argmax(estimate, 0, length);
  const parts =
    typeof rule.outputScale === "number" ? [{ size: length, scaleFloor: rule.outputScale }] : rule.outputScale;
  let start = 0;
  for (const { size, scaleFloor } of parts) {
    let [squares, largestDifference] = [0, 0];
    for (let c = start; c < start + size; c++) {
      squares += output[c]! ** 2;
      largestDifference = Math.max(largestDifference, Math.abs(output[c]! - estimate[c]!));
    }
    const scale = Math.max(Math.sqrt(squares / size), scaleFloor);
    if (largestDifference > rule.absolute + rule.relative * scale) return false;
    start += size;
  }
  return true;
}

/** [VF16] Does it hold NaN or an infinity: what a query that overflows gives? */
export function isNonFinite(output: Float32Array): boolean {
  for (let c = 0; c < output.length; c++) if (!Number.isFinite(output[c])) return true;
  return false;
}

/** [VF16] Is it another answer than what was recomputed? Of a row that overflows, no device's answer is. */
export function isOff(rule: AnswerRule, expected: Float32Array, got: Float32Array, tolerance: number): boolean {
  return !isNonFinite(expected) && !rowAgrees(expected, got, tolerance, scaleFloorOf(rule));
}

/**
 * [PC10] Two agree as far as the coarser back-end can tell: may the label still be another within that, where the label of the closer one is
 * taken for certain within less? Then the agreement says nothing of the label.
 */
export function leavesLabelOpen(
  rule: AnswerRule,
  output: Float32Array,
  one: BackendClass,
  other: BackendClass,
): boolean {
  if (rule.task !== "classification" || one === other || !isFineClass(one) || !isFineClass(other)) return false;
  return labelTolerance(output) <= Math.max(rule.tolerance[one], rule.tolerance[other]);
}

/** Differences are measured against at least this: of a number near zero, rounding is large against the number itself. */
export function scaleFloorOf(rule: AnswerRule): ScaleFloor {
  return rule.task === "regression" ? rule.outputScale : 0;
}
