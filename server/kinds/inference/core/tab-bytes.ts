/** What rows take of a tab's memory when they are run together, and how many of them it bears. */
import type { ModelFacts } from "../../../../shared/compute/model-runtime.ts";
import {
  TAB_BESIDE_WEIGHTS_BYTES_MAX,
  TAB_LARGE_MEMORY_BYTES_MAX,
  TAB_MEMORY_BYTES_MAX,
} from "../../../../shared/protocol/limits.ts";

/** Weights are there three times while they load: as they came, unpacked, and in the back-end. */
export const WEIGHT_COPIES = 3;
const FLOAT_BYTES = 4;
/** Of a model that not any tab holds: more at once would keep out tabs that hold it, and save little, for each row takes long. */
const LARGE_MODEL_ROWS = 10;

type Sizes = Pick<ModelFacts, "weightBytes" | "activationsPerQuery" | "numbersPerRun">;

export function tabBytes({ weightBytes, activationsPerQuery, numbersPerRun }: Sizes, rowCount: number): number {
  return weightBytes * WEIGHT_COPIES + (numbersPerRun + activationsPerQuery * rowCount) * FLOAT_BYTES;
}

/** Memory for the rows of a claim: as much as any tab has, or for a model whose weights need more, a fixed part beside the weights. */
export function tabBytesMax(facts: Sizes): number {
  const withWeights = facts.weightBytes * WEIGHT_COPIES + TAB_BESIDE_WEIGHTS_BYTES_MAX;
  return Math.max(TAB_MEMORY_BYTES_MAX, Math.min(TAB_LARGE_MEMORY_BYTES_MAX, withWeights));
}

/**
 * [RW2] Rows that a tab bears at once; 0: not one.
 * @example rowsInTab({ weightBytes: 2 ** 20, activationsPerQuery: 2 ** 20, numbersPerRun: 0 }) // -> 255
 */
export function rowsInTab(facts: Sizes): number {
  const isAnyTabs = tabBytes(facts, 1) <= TAB_MEMORY_BYTES_MAX;
  const bytes = isAnyTabs ? TAB_MEMORY_BYTES_MAX : tabBytesMax(facts);
  const fit = Math.floor((bytes - tabBytes(facts, 0)) / (tabBytes(facts, 1) - tabBytes(facts, 0)));
  return Math.max(0, isAnyTabs ? fit : Math.min(LARGE_MODEL_ROWS, fit));
}

/** Bytes of weights with which one row would fit in a tab; below 0: none would. */
export function weightsInTab(facts: Sizes): number {
  const beside = tabBytes({ ...facts, weightBytes: 0 }, 1);
  const most = beside <= TAB_BESIDE_WEIGHTS_BYTES_MAX ? TAB_LARGE_MEMORY_BYTES_MAX : TAB_MEMORY_BYTES_MAX;
  return Math.floor((most - beside) / WEIGHT_COPIES);
}
