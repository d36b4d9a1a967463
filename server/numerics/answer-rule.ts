/** What an answer of a job is, and so when two outputs say the same. */
import type { StoredJob } from "../store/store.ts";
import { argmax } from "./argmax.ts";

export type AnswerRule =
  /** The answer is the place of the largest output. */
  | { readonly task: "classification" }
  /** The answer is the numbers; outputScale: rms of the model's outputs over some of the job's queries. */
  | {
      readonly task: "regression";
      readonly relative: number;
      readonly absolute: number;
      readonly outputScale: number;
    };

export const CLASSIFICATION: AnswerRule = { task: "classification" };
const RELATIVE_DEFAULT = 0.05;

export function answerRuleOf({ submission, outputScale }: Pick<StoredJob, "submission" | "outputScale">): AnswerRule {
  if (submission.task !== "regression") return CLASSIFICATION;
  const { relative, absolute } = submission.tolerance ?? { relative: RELATIVE_DEFAULT, absolute: 0 };
  return { task: "regression", relative, absolute, outputScale: outputScale ?? 0 };
}

/**
 * Does an estimate say what the model's own output says? Classification: the same label. Regression: no number differs by
 * more than absolute + relative * max(rms(output), outputScale).
 * @param output one row; an estimate of the same length
 */
export function saysTheSame(rule: AnswerRule, output: Float32Array, estimate: Float32Array): boolean {
  const { length } = output;
  if (rule.task === "classification") return argmax(output, 0, length) === argmax(estimate, 0, length);
  let [squares, largestDifference] = [0, 0];
  for (let c = 0; c < length; c++) {
    squares += output[c]! ** 2;
    largestDifference = Math.max(largestDifference, Math.abs(output[c]! - estimate[c]!));
  }
  const scale = Math.max(Math.sqrt(squares / length), rule.outputScale);
  return largestDifference <= rule.absolute + rule.relative * scale;
}

/** Differences are measured against at least this: of a number near zero, rounding is large against the number itself. */
export function scaleFloorOf(rule: AnswerRule): number {
  return rule.task === "regression" ? rule.outputScale : 0;
}
