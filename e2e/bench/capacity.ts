/**
 * What one coordinator gives with how many tabs connected:
 *
 *     npm run bench -- capacity [--sessions 16,1000,5000] [--jobs N] [--json FILE]
 *
 * A real process with its real store; volunteers that speak the protocol from other threads of this process and look answers up, so that
 * they hardly compete for processors; beside it, in the same run, what a bare Socket.IO server spends on acknowledging one such answer.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loadMnist } from "../../server/samples/mnist.ts";
import { loadMnistModel } from "../../server/samples/mnist-model.ts";
import { createPlainRuntime } from "../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import { quantile } from "../../shared/numbers/quantile.ts";
import { ANSWERS_PER_PAGE_MAX } from "../../shared/protocol/limits.ts";
import { createParitabClient, type ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { startProcess } from "../coordinators/coordinator-process.ts";
import { echoCostMs } from "./capacity/echo-cost.ts";
import { processFigures } from "./capacity/process-figures.ts";
import { VolunteerThreads } from "./capacity/volunteer-threads.ts";
import { countFlag } from "./flags.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";

const SESSIONS = [16, 1_000, 5_000];
/** All of the MNIST test set, in batches of ten rows. */
const QUERIES = 10_000;
const JOBS = 3;
const PIXELS = 784;
const OUTPUTS = 10;
const LOOK_MS = 100;
const JOB_MS_MAX = 600_000;

export async function run({ progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  const sizes = flags.sessions === undefined ? SESSIONS : flags.sessions.split(",").map(Number);
  const jobs = countFlag(flags, "jobs") ?? JOBS;
  const labels = await knownLabels();
  const rows: Measurement["rows"][number][] = [];
  const echoMs: number[] = [];
  for (const sessions of sizes) {
    echoMs.push(await echoCostMs());
    progress(`${sessions} sessions; an echo costs ${echoMs.at(-1)!.toFixed(3)} ms`);
    const row = await measured(sessions, jobs, labels, progress);
    progress(JSON.stringify(row));
    rows.push({ scenario: "connected", sessions, ...row, ratioToEcho: row.cpuMsPerBatch / echoMs.at(-1)! });
  }
  const echoes = `An echo cost ${echoMs.map((ms) => ms.toFixed(3)).join(", ")} ms, measured before each row.`;
  return { name: capacity.name, title: capacity.title, columns: COLUMNS, rows, notes: [...NOTES, echoes] };
}

/** What the model itself says of each digit. */
async function knownLabels(): Promise<number[]> {
  const { images } = await loadMnist("test");
  const model = await createPlainRuntime().load(await loadMnistModel());
  const pixels = Float32Array.from(images.subarray(0, QUERIES * PIXELS), (pixel) => pixel / 255);
  const outputs = await model.run(pixels, QUERIES);
  return Array.from({ length: QUERIES }, (_, query) => {
    const row = outputs.subarray(query * OUTPUTS, (query + 1) * OUTPUTS);
    return row.indexOf(Math.max(...row));
  });
}

async function measured(sessions: number, jobs: number, labels: readonly number[], progress: (line: string) => void) {
  const dataDirectory = await mkdtemp(join(tmpdir(), "paritab-capacity-"));
  const coordinator = await startProcess({ dataDirectory, environment: { PARITAB_LOG_LEVEL: "error" } });
  const { url, adminToken } = coordinator;
  let volunteers: VolunteerThreads | null = null;
  try {
    const client = createParitabClient({ baseUrl: url });
    const idle = await processFigures(url, adminToken);
    volunteers = await VolunteerThreads.open(url, sessions);
    const held = await processFigures(url, adminToken);
    progress(`${sessions} sessions are connected, ${(held.rssMb - idle.rssMb).toFixed(0)} MiB more`);
    // Records are made, and answers are met for the first time.
    await jobDone(client);
    await volunteers.figures();
    const before = await processFigures(url, adminToken);
    const startMs = performance.now();
    const jobIds: string[] = [];
    for (let n = 0; n < jobs; n++) jobIds.push(await jobDone(client));
    const seconds = (performance.now() - startMs) / 1e3;
    const after = await processFigures(url, adminToken);
    const { taken, ackMs } = await volunteers.figures();
    const found = await Promise.all(jobIds.map((jobId) => compared(client, jobId, labels)));
    return {
      batchesPerSecond: taken / seconds,
      cpuMsPerBatch: (after.cpuMs - before.cpuMs) / taken,
      p50Ms: quantile(ackMs, 0.5),
      p95Ms: quantile(ackMs, 0.95),
      rssMb: held.rssMb - idle.rssMb,
      loopP99Ms: after.loopP99Ms,
      lost: found.reduce((sum, { lost }) => sum + lost, 0),
      wrong: found.reduce((sum, { wrong }) => sum + wrong, 0),
    };
  } finally {
    await volunteers?.close();
    await coordinator.end("SIGKILL");
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

/** Checked and durable. @returns its id */
async function jobDone(client: ParitabClient): Promise<string> {
  const { jobId } = await client.submit({
    kind: "inference",
    source: { kind: "sample", sample: "mnist", queryStart: 0, queryCount: QUERIES },
    scheme: "systematic",
    queriesPerGroup: 4,
    stragglers: 1,
    liars: 0,
    spares: "backups",
    groupsPerRound: 10,
    roundsInFlight: 16,
  });
  for (const untilMs = performance.now() + JOB_MS_MAX; performance.now() < untilMs; await sleep(LOOK_MS)) {
    const { state, error } = await client.inferenceJob(jobId);
    if (state === "done") return jobId;
    if (state === "failed") throw new Error(`capacity: expected the job to be done, it failed: ${error}`);
  }
  throw new Error(`capacity: expected the job to be done within ${JOB_MS_MAX} ms`);
}

async function compared(client: ParitabClient, jobId: string, labels: readonly number[]) {
  let [lost, wrong] = [0, 0];
  for (let offset = 0; offset < QUERIES; offset += ANSWERS_PER_PAGE_MAX) {
    const { answers } = await client.answers(jobId, { offset, limit: ANSWERS_PER_PAGE_MAX });
    for (const { index, label } of answers) {
      if (label === null) lost++;
      else if (label !== labels[index]) wrong++;
    }
  }
  return { lost, wrong };
}

const COLUMNS: readonly Column[] = [
  { key: "scenario", title: "scenario" },
  { key: "sessions", title: "sessions" },
  { key: "batchesPerSecond", title: "batches /s" },
  { key: "cpuMsPerBatch", title: "cpu ms a batch", digits: 2 },
  { key: "ratioToEcho", title: "echoes", digits: 1 },
  { key: "p50Ms", title: "ack p50, ms", digits: 1 },
  { key: "p95Ms", title: "ack p95, ms", digits: 1 },
  { key: "rssMb", title: "MiB of sessions" },
  { key: "loopP99Ms", title: "loop p99, ms", digits: 1 },
  { key: "lost", title: "lost" },
  { key: "wrong", title: "wrong" },
];

const NOTES = [
  `Jobs of ${QUERIES} queries of mnist-mlp, systematic, K = 4, S = 1 with backups, ten rows a batch, after one such job that is not counted.`,
  "cpu: of the coordinator's process with all its threads; processes that run models are not in it. echoes: that, over what a bare Socket.IO",
  "server spends on acknowledging an answer of that size. ack: from sending a result to its acknowledgement. loop p99: delay of the event loop.",
];

export const capacity: Measurer = {
  name: "capacity",
  title: "What one coordinator gives with how many tabs connected, beside a bare Socket.IO echo",
  flags: ["sessions", "jobs"],
  run,
};
