/** One scheme of the training demo: the job in the crowd, and what came of it. */
import type { RegressionJobView } from "../../../shared/kinds/regression/job-view.ts";
import { parseNpy } from "../../../shared/protocol/npy.ts";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import type { Crowd } from "../../crowd/browser/open-crowd.ts";
import { crowdReady } from "../crowd-ready.ts";
import type { ProgressBar } from "../progress-bar.ts";
import { until } from "../until.ts";
import { submissionFor, type TrainingScheme } from "./training-cases.ts";
import type { TrainingRecord } from "./training-figures.ts";
import { isSame, type TrainingTruth } from "./training-truth.ts";

const JOB_MS_MAX = 480_000;

export interface TrainingRun {
  readonly client: ParitabClient;
  readonly crowd: Crowd;
  readonly scheme: TrainingScheme;
  readonly truth: TrainingTruth;
  readonly progress: ProgressBar;
  readonly signal: AbortSignal;
}

/** @throws Error where the job ends without weights, or not in time */
export async function runTraining(run: TrainingRun): Promise<TrainingRecord> {
  const { client, crowd, scheme, truth, signal } = run;
  await crowdReady(client, crowd, signal);
  const { jobId } = await client.submit(submissionFor(scheme), signal);
  await ended(run, jobId);
  const weights = parseNpy(await client.weightsFile(jobId, "npy", signal));
  const { predictions } = await client.predict(jobId, truth.testFeaturesNpy, signal);
  return {
    scheme,
    tabs: crowd.tabs.length,
    history: await client.history(jobId, signal),
    receipt: await client.receiptOf("regression", jobId, signal),
    lyingTabs: crowd.tabs.filter(({ faults }) => faults.some(({ kind }) => kind === "liar")).map(({ name }) => name),
    // This one's labels are numbers.
    predictions: predictions.map(Number),
    truth: truth.testLabels,
    isExact: weights.dtype === "F64" && isSame(weights.data, truth.weights),
  };
}

function ended({ client, scheme, progress, signal }: TrainingRun, jobId: string): Promise<RegressionJobView> {
  return until(signal, JOB_MS_MAX, async () => {
    const job = await client.regressionJob(jobId, signal);
    progress.show(`${scheme}${job.waitingFor === null ? "" : `, ${job.waitingFor}`}`, job.iteration, job.iterations);
    if (job.finishedMs === null) {
      return `the job of ${scheme} is ${job.state}, iteration ${job.iteration}; ${job.waitingFor ?? "it moves"}`;
    }
    if (job.weightsOf === null) {
      throw new Error(
        `demo: expected the job of ${scheme} to end with weights, but it ${job.endKind}: ${job.endReason}`,
      );
    }
    return job;
  });
}
