/** What a batch takes of a tab's memory. */
import type { ModelFacts } from "../../../../shared/compute/model-runtime.ts";

/** Weights are there three times while they load: as they came, unpacked, and in the back-end. */
export const WEIGHT_COPIES = 3;
const FLOAT_BYTES = 4;

export function tabBytes(
  {
    weightBytes,
    activationsPerQuery,
    numbersPerRun,
  }: Pick<ModelFacts, "weightBytes" | "activationsPerQuery" | "numbersPerRun">,
  rowCount: number,
): number {
  return weightBytes * WEIGHT_COPIES + (numbersPerRun + activationsPerQuery * rowCount) * FLOAT_BYTES;
}
