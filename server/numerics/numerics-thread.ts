/** One thread of the numerics pool: owns the secrets that it draws. Models run elsewhere, in processes that may die of them. */
import type { MessagePort } from "node:worker_threads";
import { createPlainRuntime } from "../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import { modelBehind } from "./model-port.ts";
import { NUMERICS_TASKS } from "./numerics-tasks.ts";
import { secretRandom } from "./secret-random.ts";
import type { TaskInputs, TaskName } from "./task-messages.ts";

export interface ThreadTask<T extends TaskName = TaskName> {
  readonly task: T;
  readonly input: TaskInputs[T];
  /** Where the rows of its model go; null: it has none but the coordinator's own. */
  readonly port: MessagePort | null;
}

export default function runTask<T extends TaskName>({ task, input, port }: ThreadTask<T>) {
  return NUMERICS_TASKS[task](input, {
    secretRandom,
    model: ({ sha256, bundle }) =>
      port === null ? createPlainRuntime().load(bundle) : modelBehind(port, sha256, bundle),
  });
}
