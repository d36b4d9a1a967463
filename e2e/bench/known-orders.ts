/** Queries in the order that they are grouped in: slow to find, and the same whenever the same queries are asked again. */
import { isQueryFile } from "../../server/kinds/inference/engine/query-file.ts";
import type { AllTasks, KindsExecutor, TaskInputs, TaskName } from "../../server/kinds/numerics-tasks.ts";
import type { QueryNumbers } from "../../shared/coding/query-numbers.ts";
import { fnv1a } from "../crowd/fnv.ts";

/** Takes the features and orders of queries that were asked before from memory. Queries are the same where their bytes are. */
export function knownOrders(executor: KindsExecutor): KindsExecutor {
  const known = new Map<string, Promise<unknown>>();
  return {
    async run<T extends TaskName>(task: T, input: AllTasks[T]["input"]): Promise<AllTasks[T]["output"]> {
      if (task !== "order" && task !== "features") return executor.run(task, input);
      if (task === "features" && isQueryFile((input as TaskInputs["features"]).source.values))
        return executor.run(task, input);
      const key =
        task === "order" ? keyOfOrder(input as TaskInputs["order"]) : keyOfFeatures(input as TaskInputs["features"]);
      const found = known.get(key) ?? executor.run(task, input);
      known.set(key, found);
      return (await found) as AllTasks[T]["output"];
    },
    close: () => executor.close(),
  };
}

function keyOfFeatures({ source, queryCount }: TaskInputs["features"]): string {
  return `features ${queryCount} ${source.inputSize} ${sumOf(source.values as QueryNumbers)}`;
}

function keyOfOrder({ features, queryCount, groupSize }: TaskInputs["order"]): string {
  return `order ${queryCount} ${groupSize} ${features.width} ${sumOf(features.values)}`;
}

function sumOf({ buffer, byteOffset, byteLength }: ArrayBufferView): number {
  return fnv1a(new Uint8Array(buffer, byteOffset, byteLength));
}
