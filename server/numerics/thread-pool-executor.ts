/** Numerics on worker threads, so that the event loop never waits for a matrix; rows of models go on to whoever runs models. */
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { Piscina } from "piscina";
import type { SaidRows } from "../../shared/verify/said-rows.ts";
import { loopTurns } from "../loop-turns.ts";
import { FairTasks, type TaskTurn } from "./fair-tasks.ts";
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
      readonly said?: SaidRows | undefined;
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
  readonly modelOf: (input: unknown) => ModelReference | null;
  /** Numbers that a task goes through, as far as its input tells. */
  readonly numbersOf: (input: unknown) => number;
  readonly models: ModelBroker;
  /** Who is charged for what is done for a job. */
  readonly submitterOf: (jobId: string) => string;
}

const CHECK: RunManner = { lane: "check", implementation: "first", inFreshProcess: false };
const TRIAL: RunManner = { ...CHECK, lane: "trial" };

/** Who asks for what no job asks for: probes, and estimates of what jobs would cost. */
const NOBODY = "nobody";

export function threadPoolExecutor<T extends TaskTypes<T> & CommonTasks>(
  options: ThreadPoolOptions,
): NumericsExecutor<T> {
  const { threads, models, module, modelOf, numbersOf, submitterOf } = options;
  const tasks = new FairTasks(threads);
  // One thread each, for the tasks are shared out here. No limit of what waits: a session has two batches out at most, so audits are bounded
  // by the sessions (SPEC.md DP7), and what is refused here would have to fail a job that is well.
  const pools = Array.from({ length: threads }, () => {
    const filename = new URL("./numerics-thread.mjs", import.meta.url).href;
    const concurrentTasksPerWorker = Number.MAX_SAFE_INTEGER;
    return new Piscina({ filename, execArgv: [], minThreads: 1, maxThreads: 1, concurrentTasksPerWorker });
  });

  function onThread(thread: number, told: Omit<ThreadTask, "module" | "port">, port: MessagePort | null) {
    const task: ThreadTask = { ...told, module, port };
    return pools[thread]!.run(task, port === null ? {} : { transferList: [port] });
  }

  async function withRows(thread: number, told: Omit<ThreadTask, "module" | "port">, model: Model, turn: TaskTurn) {
    const { jobId } = model;
    const { port1, port2 } = new MessageChannel();
    let asked = 0;
    serveRows(port1, async (inputs, rowCount, said) => {
      if (asked++ === 0) turn.waits();
      try {
        return await models.run({ model, jobId, inputs, rowCount, said, ...CHECK, ...implementationOf(model) });
      } finally {
        if (--asked === 0) turn.goesOn();
      }
    });
    try {
      return await onThread(thread, told, port2);
    } finally {
      port1.close();
    }
  }

  return {
    async run(name, input, of) {
      const task = String(name);
      const { inputs, rowCount, manner } = input as CommonTasks["run"]["input"];
      const model = modelOf(input);
      if (isSubmitted(model) && task === "run")
        return models.run({
          model,
          jobId: model.jobId,
          inputs,
          rowCount,
          ...TRIAL,
          ...implementationOf(model),
          ...manner,
        });
      const job = of ?? model?.jobId ?? NOBODY;
      const output = await tasks.run({
        task,
        ...{ job, size: numbersOf(input) },
        submitter: job === NOBODY ? NOBODY : submitterOf(job),
        work: (thread, turn) =>
          isSubmitted(model) ? withRows(thread, { task, input }, model, turn) : onThread(thread, { task, input }, null),
      });
      // Threads may be done with much at the same time, and much follows from each.
      await loopTurns.room();
      return output as T[typeof name]["output"];
    },
    forget(jobId) {
      tasks.forget(jobId);
      models.cancel(jobId);
    },
    async close() {
      tasks.close();
      models.close();
      await Promise.all(pools.map((pool) => pool.destroy()));
    },
  };
}

type Model = ModelReference & { readonly jobId: string };

function implementationOf({ implementation = "first" }: ModelReference): Pick<RunManner, "implementation"> {
  return { implementation };
}

function isSubmitted(model: ModelReference | null): model is Model {
  return model?.jobId !== undefined;
}
