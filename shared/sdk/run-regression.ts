/** Data in, a trained model out: uploads, submission, watching and cancelling in one. */
import type { JobView } from "../kinds/kinds.ts";
import type { RegressionJobView } from "../kinds/regression/job-view.ts";
import type { JobSubmitted } from "../protocol/job-api.ts";
import type { TensorUploaded } from "../protocol/uploads-api.ts";
import { asNpy, type Numbers } from "./as-npy.ts";
import { type Asker, patiently } from "./patience.ts";
import type { RegressionSubmissionInput } from "./regression-calls.ts";
import { cancelInPassing, submitOnce } from "./submit-once.ts";
import { watchJob } from "./watch-job.ts";

export interface RegressionRun extends Omit<RegressionSubmissionInput, "kind" | "source"> {
  /** X: rows x columns */
  readonly features: Numbers | { readonly tensorSha256: string };
  /** y: one number a row */
  readonly labels: Numbers | { readonly tensorSha256: string };
  /** x = entry * inputScale: 1/255 for 8-bit pixels. */
  readonly inputScale?: number | undefined;
  /** Names of X's columns, in its order; with them `columns` tells how rows to predict have to stand. */
  readonly columnNames?: readonly string[] | undefined;
  /** Aborting it ends the iteration and cancels the job. */
  readonly signal?: AbortSignal | undefined;
  /** Called once the job is accepted and durable; invitations of a T-private job are told here alone. */
  onSubmitted?(submitted: JobSubmitted): void;
}

/** What a run needs of a client. */
export interface RegressionCaller extends Asker {
  uploadTensor(npy: Blob | Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<TensorUploaded>;
  submit(submission: RegressionSubmissionInput, signal?: AbortSignal, key?: string): Promise<JobSubmitted>;
  regressionJob(jobId: string, signal?: AbortSignal): Promise<RegressionJobView>;
  cancel(jobId: string, signal?: AbortSignal): Promise<JobView>;
}

/**
 * Gives the job at each change, the last time as it ended, whatever its end was; then weightsFile and predict have what
 * it learned. Begins at the first step of the iteration; leaving the loop early cancels the job.
 * @throws ParitabApiError where the coordinator refuses, or stays away for too long
 */
export async function* runRegression(
  caller: RegressionCaller,
  run: RegressionRun,
): AsyncGenerator<RegressionJobView, void, undefined> {
  const { features, labels, inputScale, columnNames, signal, onSubmitted, ...settings } = run;
  const tensor = async (numbers: Numbers | { readonly tensorSha256: string }) => {
    if ("tensorSha256" in numbers) return numbers.tensorSha256;
    const npy = asNpy(numbers);
    return (await patiently(caller, () => caller.uploadTensor(npy, signal), signal)).tensorSha256;
  };
  const featuresSha256 = await tensor(features);
  const labelsSha256 = await tensor(labels);
  const said = {
    ...(inputScale !== undefined && { inputScale }),
    ...(columnNames !== undefined && { columnNames: [...columnNames] }),
  };
  signal?.throwIfAborted();
  const source = { kind: "uploads", featuresSha256, labelsSha256, ...said } as const;
  const submission = { ...settings, kind: "regression", source } as const;
  const submitted = await submitOnce(caller, (cut, key) => caller.submit(submission, cut, key), signal);
  const { jobId } = submitted;
  let ended = false;
  try {
    onSubmitted?.(submitted);
    for await (const job of watchJob(caller, (giveUp) => caller.regressionJob(jobId, giveUp), signal)) {
      ended = job.finishedMs !== null;
      yield job;
    }
  } finally {
    if (!ended) await cancelInPassing(caller, jobId);
  }
}
