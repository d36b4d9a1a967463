/** Which rows of a part are in doubt, by what its device may be: they are final on nobody's word but the coordinator's. SPEC.md PC1, VF16. */
import type { BackendClass } from "../../../../../shared/verify/compare-rows.ts";
import { labelTolerance } from "../../../../../shared/verify/label-tolerance.ts";
import { type AnswerRule, isNonFinite } from "../../engine/answer-rule.ts";
import { DEVICE_CLASSES } from "../records.ts";
import type { RowDoubts } from "../work.ts";

/**
 * @param first index of the first row in its claim
 * @param outputs rows of `width` numbers
 * @returns null: none is in doubt, whatever its device is
 */
export function doubtsIn(rule: AnswerRule, first: number, outputs: Float32Array, width: number): RowDoubts | null {
  const doubts: Partial<Record<BackendClass, number[]>> = {};
  for (let row = 0; row < outputs.length / width; row++) {
    const output = outputs.subarray(row * width, (row + 1) * width);
    for (const of of classesInDoubt(rule, output)) {
      doubts[of] = [...(doubts[of] ?? []), first + row];
    }
  }
  return Object.keys(doubts).length === 0 ? null : doubts;
}

/** Of which classes of devices this answer is not believed: its label could be another within their tolerance, or it is not all numbers. */
function classesInDoubt(rule: AnswerRule, output: Float32Array): readonly BackendClass[] {
  if (isNonFinite(output)) return DEVICE_CLASSES;
  if (rule.task !== "classification") return [];
  const certainBelow = labelTolerance(output);
  return DEVICE_CLASSES.filter((of) => certainBelow <= rule.tolerance[of]);
}

/** [PC1] Is this answer of such a device in doubt? Numbers too, of one that computes coarsely: what they were checked with is the wide tolerance. */
export function isInDoubt(rule: AnswerRule, output: Float32Array, of: BackendClass): boolean {
  const isCoarse = rule.task !== "classification" && rule.tolerance[of] > rule.tolerance.float32;
  return isCoarse || classesInDoubt(rule, output).includes(of);
}
