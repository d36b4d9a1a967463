/** One thread of the numerics pool: owns the secrets that it draws. Models run elsewhere, in processes that may die of them. */
import type { MessagePort } from "node:worker_threads";
import { createPlainRuntime } from "../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import { modelBehind } from "./model-port.ts";
import { secretRandom } from "./secret-random.ts";
import type { AnyTasks } from "./tasks.ts";

export interface ThreadTask {
  /** The module that exports the tasks of all kinds as NUMERICS_TASKS: the same in all requests of a thread. */
  readonly module: string;
  readonly task: string;
  readonly input: unknown;
  /** Where the rows of its model go; null: it has none but the coordinator's own. */
  readonly port: MessagePort | null;
}

let tasks: Promise<{ readonly NUMERICS_TASKS: AnyTasks }> | null = null;

export default async function runTask({ module, task, input, port }: ThreadTask): Promise<unknown> {
  tasks ??= import(module);
  const found = (await tasks).NUMERICS_TASKS[task];
  if (found === undefined) throw new Error(`runTask: no kind has a task named ${task}`);
  return found(input, {
    secretRandom,
    model: ({ sha256, bundle }) =>
      port === null ? createPlainRuntime().load(bundle) : modelBehind(port, sha256, bundle),
  });
}
