/** Where each query went out as it is, and nothing beside, results are the answers: they are copied, and nothing is computed of them. */
import { DECODED_HOW } from "../../../../shared/coding/scheme.ts";
import { eachOwnRow, type RoundPlan } from "./round-plan.ts";
import type { InferenceInputs, InferenceOutputs } from "./task-types.ts";

/** @param arrived slots, whose batches have as many rows each. @returns as the decode of any other code; rows of slots that did not arrive are missing */
export function plainDecode(
  plan: RoundPlan,
  { arrived, batches, outputSize }: Pick<InferenceInputs["decode"], "arrived" | "batches" | "outputSize">,
): InferenceOutputs["decode"] {
  const rows = plan.rows.length;
  const outputs = new Float32Array(rows * outputSize);
  const how = new Uint8Array(rows).fill(DECODED_HOW.missing);
  arrived.forEach((workerIndex, r) => {
    const batch = batches[r]!;
    eachOwnRow(plan, workerIndex, (row, at) => {
      outputs.set(batch.subarray(at * outputSize, (at + 1) * outputSize), row * outputSize);
      how[row] = DECODED_HOW.raw;
    });
  });
  return {
    ...{ outputs, how, measured: null, spots: { agreed: 0, total: 0 }, suspectAudits: [], located: [] },
    checkedRows: new Uint8Array(rows),
    rejectedCounts: new Uint32Array(plan.scheme.workerCount),
  };
}
