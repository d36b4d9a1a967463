/** Numerics on worker threads, so that the event loop never waits for a matrix; rows of models go on to whoever runs models. */
import { MessageChannel } from "node:worker_threads";
import { Piscina } from "piscina";
import { serveRows } from "./model-port.ts";
import type { NumericsExecutor } from "./numerics-executor.ts";
import type { ModelReference, RunManner } from "./numerics-references.ts";
import type { ThreadTask } from "./numerics-thread.ts";
import type { CommonTasks, TaskTypes } from "./tasks.ts";

/** Runs rows of submitted models (server/trusted). */
export interface ModelBroker {
  /** inputs: rowCount x D. @returns rowCount x C */
  run(
    rows: RunManner & {
      readonly model: ModelReference;
      readonly jobId: string;
      readonly inputs: Float32Array;
      readonly rowCount: number;
    },
  ): Promise<Float32Array>;
  cancel(jobId: string): void;
  close(): void;
}

export interface ThreadPoolOptions {
  readonly threads: number;
  /** The module that exports the tasks of all kinds as NUMERICS_TASKS. */
  readonly module: string;
  /** The one model of a submitter's that a task runs; null: none. */
  readonly modelOf: (task: string, input: unknown) => ModelReference | null;
  readonly models: ModelBroker;
}

const CHECK: RunManner = { lane: "check", implementation: "first", inFreshProcess: false };
const TRIAL: RunManner = { ...CHECK, lane: "trial" };

/** Tasks that one thread has begun: of these most wait for rows of their models, and hold up nobody. */
const TASKS_PER_THREAD_MAX = 64;

export function threadPoolExecutor<T extends TaskTypes<T> & CommonTasks>(
  options: ThreadPoolOptions,
): NumericsExecutor<T> {
  const { threads, models, module, modelOf } = options;
  const pool = new Piscina({
    filename: new URL("./numerics-thread.mjs", import.meta.url).href,
    execArgv: [],
    minThreads: threads,
    maxThreads: threads,
    // No limit of what waits: a session has two batches out at most, so audits are bounded by the sessions (SPEC.md DP7), and what
    // is refused here would have to fail a job that is well.
    concurrentTasksPerWorker: TASKS_PER_THREAD_MAX,
  });

  async function onThread(task: string, input: unknown): Promise<unknown> {
    const model = modelOf(task, input);
    if (model?.jobId === undefined) return pool.run({ module, task, input, port: null } satisfies ThreadTask);
    const { jobId } = model;
    const { port1, port2 } = new MessageChannel();
    serveRows(port1, (inputs, rowCount) => models.run({ model, jobId, inputs, rowCount, ...CHECK }));
    try {
      return await pool.run({ module, task, input, port: port2 } satisfies ThreadTask, { transferList: [port2] });
    } finally {
      port1.close();
    }
  }

  return {
    async run(task, input) {
      const { model, inputs, rowCount, manner } = input as CommonTasks["run"]["input"];
      if (task !== "run" || model.jobId === undefined) return onThread(String(task), input);
      return models.run({ model, jobId: model.jobId, inputs, rowCount, ...TRIAL, ...manner });
    },
    forget: (jobId) => models.cancel(jobId),
    async close() {
      models.close();
      await pool.destroy();
    },
  };
}
