/** A job in real time: a coordinator as operators run it in a process of its own, and volunteers over real sockets that sleep as long as is told. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { InferenceSubmission } from "../../shared/kinds/inference/submission.ts";
import type { RegressionSubmission } from "../../shared/kinds/regression/submission.ts";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { createParitabClient, type ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { startProcess } from "../coordinators/coordinator-process.ts";
import { type Answerer, openAnsweringVolunteer } from "../crowd/answering-volunteer.ts";
import { slicesOf } from "../crowd/compute-time.ts";
import { MODEL_FOLDERS, modelFilesOf } from "../models/model-files.ts";
import { comingAgain } from "../proofs/attacks/attacked-coordinator.ts";
import type { JobWorld } from "./job-world.ts";

/** Milliseconds that a volunteer takes for its next batch, or for its next product of so many rows. */
export type BatchMs = (rowCount: number) => number;

export interface TrainingFiles {
  readonly featuresNpy: Uint8Array<ArrayBuffer>;
  readonly labelsNpy: Uint8Array<ArrayBuffer>;
}

export interface RealCrowd {
  readonly client: ParitabClient;
  /** Uploaded before. @returns its id, when it has ended. @throws Error where it failed */
  runJob(submission: Partial<InferenceSubmission>): Promise<string>;
  /** @throws Error where it failed */
  runRegression(submission: Partial<RegressionSubmission>, data: TrainingFiles): Promise<void>;
}

/** @param volunteers what each takes */
export async function withRealCrowd<Answer>(
  { inferenceCase, common }: JobWorld,
  volunteers: readonly BatchMs[],
  use: (crowd: RealCrowd) => Promise<Answer>,
): Promise<Answer> {
  const { model } = inferenceCase;
  const dataDirectory = await mkdtemp(join(tmpdir(), "paritab-real-crowd-"));
  // All volunteers come from this machine.
  const environment = { PARITAB_LOG_LEVEL: "silent", PARITAB_TRUST_LOOPBACK: "1" };
  const coordinator = await startProcess({ dataDirectory, environment, flags: ["--allow-faults"] });
  let isOver = false;
  const opened = await Promise.all(
    volunteers.map((batchMs, tab) => {
      const answer: Answerer = async (_, rows, rowCount, isDropped) => {
        // What waits for its turn when the jobs have ended is nobody's any more.
        if (isOver) return null;
        const [outputs, isWhole] = await Promise.all([
          model.run(rows, rowCount),
          inSlices(batchMs(rowCount), isDropped),
        ]);
        return isWhole ? outputs : null;
      };
      const beforeProduct = (rows: number) => sleep(batchMs(rows));
      return comingAgain(() => openAnsweringVolunteer(coordinator.url, `tab ${tab}`, answer, "wasm", beforeProduct));
    }),
  );
  try {
    const client = createParitabClient({ baseUrl: coordinator.url });
    const files = (await modelFilesOf(MODEL_FOLDERS["mnist-mlp"])).map(({ name, bytes }) => ({ name, data: bytes }));
    const { modelSha256 } = await client.uploadModel(files);
    const { tensorSha256: queriesSha256 } = await client.uploadTensor(encodeNpy(common.queries));
    const source = { kind: "uploads", modelSha256, queriesSha256 } as const;
    const runJob = async (submission: Partial<InferenceSubmission>) => {
      const { jobId } = await client.submit({ kind: "inference", ...submission, source });
      await ended(client, jobId);
      return jobId;
    };
    const runRegression: RealCrowd["runRegression"] = async (submission, { featuresNpy, labelsNpy }) => {
      const [features, labels] = [await client.uploadTensor(featuresNpy), await client.uploadTensor(labelsNpy)];
      const files = { featuresSha256: features.tensorSha256, labelsSha256: labels.tensorSha256 };
      const source = { kind: "uploads", ...files } as const;
      const { jobId } = await client.submit({ kind: "regression", ...submission, source });
      await ended(client, jobId);
    };
    return await use({ client, runJob, runRegression });
  } finally {
    isOver = true;
    for (const volunteer of opened) volunteer.stop();
    await coordinator.end("SIGTERM");
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

/** [PR98] Waits as long as a batch takes. @returns false: it was dropped meanwhile, and let go of at the end of a slice */
async function inSlices(computeMs: number, isDropped: () => boolean): Promise<boolean> {
  const slices = slicesOf(computeMs);
  for (let slice = 0; slice < slices; slice++) {
    if (isDropped()) return false;
    await sleep(computeMs / slices);
  }
  return true;
}

async function ended(client: ParitabClient, jobId: string): Promise<void> {
  for await (const job of client.watch(jobId)) if (job.state === "failed") throw new Error(`bench: ${job.error}`);
}
