/** What a coordinator computes with: threads for arrays, processes for models. Both may serve several coordinators of one program. */
import type { Config } from "./config.ts";
import { type KindsExecutor, modelOf, numbersOf, TASKS_MODULE } from "./kinds/numerics-tasks.ts";
import { threadPoolExecutor } from "./numerics/thread-pool-executor.ts";
import type { Elsewhere } from "./trusted/elsewhere.ts";
import { ModelRuns } from "./trusted/model-runs.ts";

export interface Compute {
  /** Ends the model runs too when it is closed. */
  readonly executor: KindsExecutor;
  readonly modelRuns: ModelRuns;
}

/** Who is charged for a job. */
export type SubmitterOf = (jobId: string) => string;

export interface ComputeOptions extends Pick<Config, "numericsThreads" | "trustedProcesses"> {
  readonly submitterOf: SubmitterOf;
  /** Processor time of one trial, where it is not the usual limit: proofs are in a hurry. */
  readonly trialMsMax?: number;
  /** Machines that compute checks beside this one. */
  readonly elsewhere?: Elsewhere | undefined;
  /** A process that ran a model was ended. */
  readonly onLost?: (why: string) => void;
}

export function openCompute({
  numericsThreads,
  trustedProcesses,
  submitterOf,
  onLost,
  trialMsMax,
  elsewhere,
}: ComputeOptions): Compute {
  const modelRuns = new ModelRuns({
    processes: trustedProcesses,
    ...(trialMsMax === undefined ? {} : { trialMsMax }),
    ...(elsewhere === undefined ? {} : { elsewhere }),
    onLost: ({ kind, message }) => onLost?.(`${kind}: ${message}`),
  });
  const models = {
    run: (rows) => modelRuns.run({ ...rows, submitter: submitterOf(rows.jobId) }),
    cancel: (jobId) => modelRuns.cancel(jobId),
    close: () => modelRuns.close(),
  } satisfies Parameters<typeof threadPoolExecutor>[0]["models"];
  return {
    executor: threadPoolExecutor({
      ...{ threads: numericsThreads, module: TASKS_MODULE },
      ...{ models, modelOf, numbersOf, submitterOf },
    }),
    modelRuns,
  };
}
