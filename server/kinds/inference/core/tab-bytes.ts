/** What a batch takes of a tab's memory, and how much it may. */
import type { ModelFacts } from "../../../../shared/compute/model-runtime.ts";
import {
  TAB_BESIDE_WEIGHTS_BYTES_MAX,
  TAB_LARGE_MEMORY_BYTES_MAX,
  TAB_MEMORY_BYTES_MAX,
} from "../../../../shared/protocol/limits.ts";

/** Weights are there three times while they load: as they came, unpacked, and in the back-end. */
export const WEIGHT_COPIES = 3;
const FLOAT_BYTES = 4;

type Sizes = Pick<ModelFacts, "weightBytes" | "activationsPerQuery" | "numbersPerRun">;

export function tabBytes({ weightBytes, activationsPerQuery, numbersPerRun }: Sizes, rowCount: number): number {
  return weightBytes * WEIGHT_COPIES + (numbersPerRun + activationsPerQuery * rowCount) * FLOAT_BYTES;
}

/** What a batch may take: what any tab has, or of a model whose weights need more, as much beside them. */
export function tabBytesMax(facts: Sizes): number {
  const withWeights = facts.weightBytes * WEIGHT_COPIES + TAB_BESIDE_WEIGHTS_BYTES_MAX;
  return Math.max(TAB_MEMORY_BYTES_MAX, Math.min(TAB_LARGE_MEMORY_BYTES_MAX, withWeights));
}
