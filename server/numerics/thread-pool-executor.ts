/** Numerics on worker threads, so that the event loop never waits for a matrix. */

import { Piscina } from "piscina";
import type { NumericsExecutor } from "./numerics-executor.ts";
import type { TaskInputs, TaskName, TaskOutputs } from "./task-messages.ts";

export interface ThreadPoolOptions {
  readonly threads: number;
}

export function threadPoolExecutor({ threads }: ThreadPoolOptions): NumericsExecutor {
  const pool = new Piscina({
    filename: new URL("./numerics-thread.mjs", import.meta.url).href,
    execArgv: [],
    minThreads: threads,
    maxThreads: threads,
    // No limit here: a session has two batches out at most, so audits are bounded by the sessions (SPEC.md DP7), and what is
    // refused here would have to fail a job that is well.
    concurrentTasksPerWorker: 1,
  });
  return {
    run<T extends TaskName>(task: T, input: TaskInputs[T]): Promise<TaskOutputs[T]> {
      return pool.run({ task, input });
    },
    close: () => pool.destroy(),
  };
}
