/** By how much a final answer may be off before that is found, in the numbers of its model. */
import type { ErrorsView } from "../../../shared/kinds/inference/sensitivity.ts";
import { answerRuleOf } from "./engine/answer-rule.ts";
import type { StoredJob } from "./records.ts";

/** @param outputs n x C, of rows that the job's trial computed */
export function errorsOf(job: StoredJob, outputs: Float32Array): ErrorsView {
  const rule = answerRuleOf(job);
  const { float32, fixed32 } = rule.tolerance;
  const usual = rmsOf(outputs);
  const webAssembly =
    rule.fixed === "exact"
      ? 0
      : rule.fixed === "close"
        ? fixed32 * usual
        : rule.fixed.reduce((most, each) => Math.max(most, each), 0);
  if (job.isFixedOnly === true) return { webAssembly, others: [] };
  const scales =
    rule.task === "classification"
      ? [{ numbers: job.outputSize, scale: usual }]
      : rule.sizes !== undefined
        ? rule.sizes.floors.map((scale, group) => ({ numbers: countOf(rule.sizes!.groupOf, group), scale }))
        : typeof rule.outputScale === "number"
          ? [{ numbers: job.outputSize, scale: rule.outputScale }]
          : rule.outputScale.map(({ size, scaleFloor }) => ({ numbers: size, scale: scaleFloor }));
  const others = scales.map(({ numbers, scale }) => ({ numbers, error: float32 * scale }));
  return { webAssembly, others: others.sort((a, b) => b.error - a.error).slice(0, ERRORS_TOLD_MAX) };
}

/** Of a model of many outputs the largest. */
const ERRORS_TOLD_MAX = 8;

function countOf(groups: Uint16Array, wanted: number): number {
  let count = 0;
  for (const group of groups) if (group === wanted) count++;
  return count;
}

function rmsOf(outputs: Float32Array): number {
  let squares = 0;
  for (const value of outputs) squares += value * value;
  return Math.sqrt(squares / outputs.length);
}
