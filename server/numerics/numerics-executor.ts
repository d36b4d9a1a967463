import type { TaskTypes } from "./tasks.ts";

/** Where numerics tasks run: a pool of threads in production, in line and on virtual time in the simulator. */
export interface NumericsExecutor<T extends TaskTypes<T>> {
  /** @param jobId whose submitter is charged for it; absent: the job of its model, or nobody's */
  run<Name extends keyof T>(task: Name, input: T[Name]["input"], jobId?: string): Promise<T[Name]["output"]>;
  /** The job has been cancelled or has failed: nobody waits for what is still computed for it. */
  forget?(jobId: string): void;
  close(): Promise<void>;
}

/** The same, with everything charged to that job. */
export function forJob<T extends TaskTypes<T>>(executor: NumericsExecutor<T>, jobId: string): NumericsExecutor<T> {
  return {
    run: (task, input) => executor.run(task, input, jobId),
    forget: () => executor.forget?.(jobId),
    close: () => executor.close(),
  };
}
