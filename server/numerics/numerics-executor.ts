import type { TaskInputs, TaskName, TaskOutputs } from "./task-messages.ts";

/** Where numerics tasks run: a pool of threads in production, in line and on virtual time in the simulator. */
export interface NumericsExecutor {
  run<T extends TaskName>(task: T, input: TaskInputs[T]): Promise<TaskOutputs[T]>;
  /** The job has been cancelled or has failed: nobody waits for what is still computed for it. */
  forget?(jobId: string): void;
  close(): Promise<void>;
}
