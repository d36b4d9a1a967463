import type { TaskTypes } from "./tasks.ts";

/** Where numerics tasks run: a pool of threads in production, in line and on virtual time in the simulator. */
export interface NumericsExecutor<T extends TaskTypes<T>> {
  run<Name extends keyof T>(task: Name, input: T[Name]["input"]): Promise<T[Name]["output"]>;
  /** The job has been cancelled or has failed: nobody waits for what is still computed for it. */
  forget?(jobId: string): void;
  close(): Promise<void>;
}
