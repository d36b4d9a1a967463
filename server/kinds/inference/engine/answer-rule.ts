/** What an answer of a job is, and so when two outputs say the same. */
import { LIBRARIES } from "../../../../shared/compute/runtimes/runtimes.ts";
import {
  type BackendClass,
  type ChannelGroups,
  isWithinEach,
  type OutputPart,
  rowAgrees,
  type ScaleFloor,
  type Tolerances,
  UNMEASURED_TOLERANCES,
} from "../../../../shared/verify/compare-rows.ts";
import { pairAgrees } from "../../../../shared/verify/cross-checks/pair-agreement.ts";
import { labelTolerance } from "../../../../shared/verify/label-tolerance.ts";
import { isFineClass, type RowsLooked } from "../../../../shared/verify/model-class.ts";
import { tolerancesFor } from "../../../../shared/verify/sensitivity.ts";
import { unpackDifferences, unpackGroups } from "../packed-channels.ts";
import type { FixedArithmetic, StoredJob } from "../records.ts";
import { argmax } from "./argmax.ts";

export type AnswerRule = {
  /** Within which two honest computations of a row lie, by what the model makes of rounding. */
  readonly tolerance: Tolerances;
  /** [PC10] How rows of fixed arithmetic are compared. */
  readonly fixed: FixedRule;
} /** The answer is the place of the largest output. */ & (
  | { readonly task: "classification" }
  /** The answer is the numbers. */
  | {
      readonly task: "regression";
      readonly relative: number;
      readonly absolute: number;
      /** rms of the model's outputs over some of the job's queries; where a job asks for several outputs, of each. */
      readonly outputScale: number | readonly OutputPart[];
      /** Absent: outputScale is what rows are compared on too. */
      readonly sizes?: ChannelGroups;
    }
);

/**
 * exact: no bit differs. Else by how much each number may differ, for the coordinator computes with other code than tabs. close: within the
 * tolerance, for nobody measured more, or another version of the library did.
 */
export type FixedRule = "exact" | "close" | Float32Array;

/** A number of a row within so many times what trusted runs differed by there is that of an honest device. */
export const SPREAD_MARGIN = 8;

export const CLASSIFICATION: AnswerRule = {
  ...{ task: "classification", tolerance: UNMEASURED_TOLERANCES, fixed: "close" },
};
const RELATIVE_DEFAULT = 0.05;

export function answerRuleOf({
  submission,
  outputScale,
  sensitivity,
  fixed: measured,
  sizes: packed,
}: Pick<StoredJob, "submission" | "outputScale" | "sensitivity" | "fixed" | "sizes">): AnswerRule {
  // A job that was submitted before models were tried for it has none; one that is not checked compares nothing.
  const tried = (sensitivity && tolerancesFor(sensitivity)) ?? UNMEASURED_TOLERANCES;
  const fixed = fixedRuleOf(measured);
  const tolerance = fixed === "exact" ? { ...tried, fixed32: 0 } : tried;
  if (submission.task !== "regression") return { task: "classification", tolerance, fixed };
  const { relative, absolute } = submission.tolerance ?? { relative: RELATIVE_DEFAULT, absolute: 0 };
  // Numbers have no labels: of what is not compared more closely the narrow tolerance serves them.
  const ofNumbers = fixed === "close" ? { ...tolerance, fixed32: tolerance.float32 } : tolerance;
  const sizes = packed && sizesOf(packed);
  return {
    ...{ task: "regression", relative, absolute, outputScale: outputScale ?? 0, tolerance: ofNumbers, fixed },
    ...(sizes === undefined ? {} : { sizes }),
  };
}

/** What is unpacked of jobs at work, by what their records hold: it may be large, and is asked for with each round. */
const allowedKnown = new WeakMap<FixedArithmetic, Float32Array>();
const sizesKnown = new WeakMap<NonNullable<StoredJob["sizes"]>, ChannelGroups>();

function fixedRuleOf(measured: FixedArithmetic | undefined): FixedRule {
  if (measured === undefined || !LIBRARIES.includes(measured.library)) return "close";
  if (measured.differences === undefined) return "exact";
  const allowed = allowedKnown.get(measured) ?? unpackDifferences(measured.differences);
  if (!allowedKnown.has(measured)) {
    for (let c = 0; c < allowed.length; c++) allowed[c]! *= SPREAD_MARGIN;
    allowedKnown.set(measured, allowed);
  }
  return allowed;
}

function sizesOf(packed: NonNullable<StoredJob["sizes"]>): ChannelGroups {
  const sizes = sizesKnown.get(packed) ?? { groupOf: unpackGroups(packed.groupOf), floors: packed.floors };
  sizesKnown.set(packed, sizes);
  return sizes;
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

/** [VF16] Is it another answer than what was recomputed? Of a row that overflows, no device's answer is. @param of who gave it */
export function isOff(rule: AnswerRule, expected: Float32Array, got: Float32Array, of: BackendClass): boolean {
  if (isNonFinite(expected)) return false;
  const agree = agreeAsFixed(rule, of, of, expected, got);
  return !(agree ?? rowAgrees(expected, got, rule.tolerance[of], scaleFloorOf(rule)));
}

/** [PC10] Do two rows of fixed arithmetic agree? null: they are compared within a tolerance, as those of others. */
export function agreeAsFixed(
  { fixed }: AnswerRule,
  classOfOne: BackendClass,
  classOfOther: BackendClass,
  one: Float32Array,
  other: Float32Array,
): boolean | null {
  if (fixed === "close" || classOfOne !== "fixed32" || classOfOther !== "fixed32") return null;
  return isWithinEach(one, other, fixed === "exact" ? null : fixed);
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

/** [PC10] Do rows of two volunteers agree, label and all, as far as their back-ends can tell? */
export function doAgree(
  rule: AnswerRule,
  one: Float32Array,
  classOfOne: BackendClass,
  other: Float32Array,
  classOfOther: BackendClass,
): boolean {
  if (leavesLabelOpen(rule, one, classOfOne, classOfOther)) return false;
  const { tolerance } = rule;
  return (
    agreeAsFixed(rule, classOfOne, classOfOther, one, other) ??
    pairAgrees(one, other, tolerance[classOfOne], tolerance[classOfOther], scaleFloorOf(rule))
  );
}

/** Differences are measured against at least this: of a number near zero, rounding is large against the number itself. */
export function scaleFloorOf(rule: AnswerRule): ScaleFloor {
  return rule.task === "regression" ? (rule.sizes ?? rule.outputScale) : 0;
}

/** How far off a row is. @param of what its tab is taken for: [PC10] of one whose arithmetic is fixed no device rounds otherwise */
export function lookAt(
  rule: AnswerRule,
  expected: Float32Array,
  got: Float32Array,
  of: BackendClass,
): keyof RowsLooked {
  const isFixed = of === "fixed32";
  if (!isOff(rule, expected, got, isFixed ? of : "float32")) return "fine";
  return (isFixed && rule.fixed !== "close") || isOff(rule, expected, got, "float16") ? "wrong" : "coarse";
}
