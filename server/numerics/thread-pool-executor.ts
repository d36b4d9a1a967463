/** Numerics on worker threads, so that the event loop never waits for a matrix. */
import { Piscina } from "piscina";
import { NUMERICS_PENDING_MAX } from "../../shared/protocol/limits.ts";
import type { NumericsExecutor } from "./numerics-executor.ts";
import type { TaskInputs, TaskName, TaskOutputs } from "./numerics-tasks.ts";

export interface ThreadPoolOptions {
  readonly threads: number;
}

export function threadPoolExecutor({ threads }: ThreadPoolOptions): NumericsExecutor {
  const pool = new Piscina({
    filename: new URL("./numerics-thread.mjs", import.meta.url).href,
    execArgv: [],
    minThreads: threads,
    maxThreads: threads,
    // Dispatch stops at NUMERICS_PENDING_MAX outstanding tasks; twice that leaves room for probes and downloads.
    maxQueue: 2 * NUMERICS_PENDING_MAX,
    concurrentTasksPerWorker: 1,
  });
  return {
    run<T extends TaskName>(task: T, input: TaskInputs[T]): Promise<TaskOutputs[T]> {
      return pool.run({ task, input });
    },
    close: () => pool.destroy(),
  };
}
