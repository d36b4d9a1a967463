/**
 * Where no worker holds a query as it is, nothing else tells what the estimates are worth: the model answers some of the
 * queries itself, drawn at random, and these are exact from then on.
 */

import { drawRows } from "../../../../shared/verify/draw-rows.ts";
import type { TaskContext } from "../../../numerics/numerics-references.ts";
import { saysTheSame } from "./answer-rule.ts";
import { runRows } from "./run-rows.ts";
import type { InferenceInputs } from "./task-types.ts";

/**
 * @param outputs G x K x C; the rows that are drawn get the model's own outputs
 * @param checkedRows G x K; their flags are set
 */
export async function spotCheck(
  { rule, outputSize, suspects, spotChecks }: InferenceInputs["decode"],
  outputs: Float32Array,
  checkedRows: Uint8Array,
  context: TaskContext,
): Promise<{ agreed: number; total: number }> {
  if (suspects === null || spotChecks === null) return { agreed: 0, total: 0 };
  const loaded = await context.model(suspects.model);
  const drawn = drawRows(context.secretRandom, spotChecks.among, spotChecks.count);
  const queries = Uint32Array.from(drawn, (row) => suspects.rows[row]!);
  const own = await runRows(loaded, suspects.source, queries);
  let agreed = 0;
  drawn.forEach((row, r) => {
    const expected = own.subarray(r * outputSize, (r + 1) * outputSize);
    const estimate = outputs.subarray(row * outputSize, (row + 1) * outputSize);
    if (saysTheSame(rule, expected, estimate)) agreed++;
    checkedRows[row] = 1;
    estimate.set(expected);
  });
  return { agreed, total: drawn.length };
}
