/** A job in real time: a coordinator as operators run it in a process of its own, and volunteers over real sockets that sleep as long as is told. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { InferenceSubmission } from "../../shared/kinds/inference/submission.ts";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { createParitabClient, type ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { startProcess } from "../coordinators/coordinator-process.ts";
import { openAnsweringVolunteer } from "../crowd/answering-volunteer.ts";
import { MODEL_FOLDERS, modelFilesOf } from "../models/model-files.ts";
import { comingAgain } from "../proofs/attacks/attacked-coordinator.ts";
import type { JobWorld } from "./job-world.ts";

/** Milliseconds that a volunteer takes for its next batch. */
export type BatchMs = (rowCount: number) => number;

export interface RealCrowd {
  readonly client: ParitabClient;
  /** Uploaded before. @returns its id, when it has ended. @throws Error where it failed */
  runJob(submission: Partial<InferenceSubmission>): Promise<string>;
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
      const answer = async (_: string, rows: Float32Array, rowCount: number) => {
        // What waits for its turn when the jobs have ended is nobody's any more.
        if (isOver) return null;
        const [outputs] = await Promise.all([model.run(rows, rowCount), sleep(batchMs(rowCount))]);
        return outputs;
      };
      return comingAgain(() => openAnsweringVolunteer(coordinator.url, `tab ${tab}`, answer));
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
      for await (const job of client.watch(jobId)) if (job.state === "failed") throw new Error(`bench: ${job.error}`);
      return jobId;
    };
    return await use({ client, runJob });
  } finally {
    isOver = true;
    for (const volunteer of opened) volunteer.stop();
    await coordinator.end("SIGTERM");
    await rm(dataDirectory, { recursive: true, force: true });
  }
}
