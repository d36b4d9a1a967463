/**
 * Is the simulation of `speeds` like life? Crowds a hundredfold apart once more in real time:
 *
 *     npm run bench -- speeds-real [--queries N] [--json FILE]
 *
 * A coordinator as operators run it in a process of its own for each scheme, and volunteers over real sockets that wait as long as their
 * speed says for each row. All schemes run at once: nearly all of the time is waiting.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { InferenceSubmission } from "../../shared/kinds/inference/submission.ts";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { createParitabClient } from "../../shared/sdk/paritab-client.ts";
import { startProcess } from "../coordinators/coordinator-process.ts";
import { openAnsweringVolunteer } from "../crowd/answering-volunteer.ts";
import { MODEL_FOLDERS, modelFilesOf } from "../models/model-files.ts";
import { comingAgain } from "../proofs/attacks/attacked-coordinator.ts";
import { countFlag } from "./flags.ts";
import { knownCasesOf, loadKnownCase } from "./inference-case.ts";
import { type JobWorld, jobWorld } from "./job-world.ts";
import type { Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { rowTimes, SPEED_QUERIES, SPEED_SCHEMES, SPEED_TABS } from "./speeds.ts";

const SPREAD = 100;
const COMPARED = ["uncoded, unchecked", "systematic with backups"] as const;

export async function run({ progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  const queries = countFlag(flags, "queries") ?? SPEED_QUERIES;
  const [known] = knownCasesOf(["mnist"]);
  const world = await jobWorld(await loadKnownCase(known!, queries, progress));
  const rows = await Promise.all(
    COMPARED.map(async (scheme) => ({ scheme, queries, ...(await realShares(world, SPEED_SCHEMES[scheme]!)) })),
  );
  world.inferenceCase.model.dispose();
  return {
    name: speedsReal.name,
    title: speedsReal.title,
    columns: [
      { key: "scheme", title: "scheme" },
      { key: "queries", title: "queries" },
      { key: "shareOfFirst", title: "share of a first job", digits: 3 },
      { key: "share", title: "share", digits: 3 },
      { key: "seconds", title: "s", digits: 1 },
    ],
    rows,
    notes: [
      `${SPEED_TABS} volunteers, the fastest ${SPREAD} times as fast as the slowest, over real sockets; batches as the coordinator sizes them.`,
      "share: queries over what all tabs would compute in that time without a pause.",
    ],
  };
}

async function realShares({ inferenceCase, common }: JobWorld, submission: Partial<InferenceSubmission>) {
  const { model, count } = inferenceCase;
  const times = rowTimes(SPREAD);
  const dataDirectory = await mkdtemp(join(tmpdir(), "paritab-speeds-"));
  // All volunteers come from this machine.
  const environment = { PARITAB_LOG_LEVEL: "silent", PARITAB_TRUST_LOOPBACK: "1" };
  const coordinator = await startProcess({ dataDirectory, environment, flags: ["--allow-faults"] });
  let isOver = false;
  const volunteers = await Promise.all(
    times.map((rowMs, tab) => {
      const answer = async (_: string, rows: Float32Array, rowCount: number) => {
        // What waits for its turn when the jobs have ended is nobody's any more.
        if (isOver) return null;
        const [outputs] = await Promise.all([model.run(rows, rowCount), sleep(rowMs * rowCount)]);
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
    const once = async () => {
      const startMs = performance.now();
      const { jobId } = await client.submit({ kind: "inference", ...submission, source });
      for await (const job of client.watch(jobId)) if (job.state === "failed") throw new Error(`bench: ${job.error}`);
      const ms = performance.now() - startMs;
      return { seconds: ms / 1e3, share: count / times.reduce((sum, rowMs) => sum + ms / rowMs, 0) };
    };
    const first = await once();
    return { shareOfFirst: first.share, ...(await once()) };
  } finally {
    isOver = true;
    for (const volunteer of volunteers) volunteer.stop();
    await coordinator.end("SIGTERM");
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

export const speedsReal: Measurer = {
  name: "speeds-real",
  title: "Crowds a hundredfold apart in real time, over real sockets",
  flags: ["queries"],
  run,
};
