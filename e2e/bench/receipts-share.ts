/**
 * What receipts are of a coordinator's processor time:
 *
 *     npm run bench -- receipts-share [--answers N] [--seed N] [--json FILE]
 *
 * Below: the processor time of a real coordinator, in a process of its own with its threads and the processes that run models, for a job
 * that tabs over real sockets have answered, from the submission until its receipt is signed; with receipts, for no coordinator is without.
 * Above: what of it is for receipts, each part done alone in this process, as often as such a job does it, and timed as all threads
 * together. The difference of two whole runs would be smaller than what two runs differ by.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signedResult } from "../../server/kinds/inference/engine/signed-results.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { drawBatchRows } from "../../shared/receipts/job-draws.ts";
import { createParitabClient } from "../../shared/sdk/paritab-client.ts";
import { startProcess } from "../coordinators/coordinator-process.ts";
import { openAnsweringVolunteer } from "../crowd/answering-volunteer.ts";
import { Submitter } from "../proofs/attacks/attacked-coordinator.ts";
import { answersTo, honestWork } from "../proofs/attacks/honest-job.ts";
import { countFlag } from "./flags.ts";
import { meanInterval } from "./mean-interval.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { BATCH_ROWS, cpuMsOf, signingCost, WIDTH } from "./receipts.ts";

const ANSWERS = 4_000;
const TABS = 7;
/** Parts are done for so many answers: each takes microseconds. */
const PARTS_ANSWERS = 200_000;
const PARTS_VOLUNTEERS = 20;
const RUNS = 5;
const LIMIT_PERCENT = 3;

const COLUMNS: readonly Column[] = [
  { key: "answers", title: "answers" },
  { key: "arrivalUs", title: "as results come, µs an answer", digits: 1 },
  { key: "signingUs", title: "at the end", digits: 1 },
  { key: "wholeUs", title: "all of the coordinator" },
  { key: "wholeHalfWidth", title: "±" },
  { key: "share", title: "receipts, % of it", digits: 1 },
  { key: "limit", title: "limit" },
];

async function run({ seed, progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  const answers = countFlag(flags, "answers") ?? ANSWERS;
  progress("parts");
  const arrival = await arrivalUs(seed);
  const signing = await signingCost(PARTS_ANSWERS, PARTS_VOLUNTEERS, seed);
  const receipts = arrival + signing.signingUs;
  const whole: number[] = [];
  for (let n = 0; n < RUNS; n++) {
    progress(`a job of ${answers}, ${n + 1} of ${RUNS}`);
    whole.push(await coordinatorUs(answers, seed));
  }
  const { mean, halfWidth } = meanInterval(whole);
  const rows = [
    {
      answers,
      runs: RUNS,
      arrivalUs: arrival,
      signingUs: signing.signingUs,
      wholeUs: mean,
      wholeHalfWidth: halfWidth,
      share: (100 * receipts) / mean!,
      limit: LIMIT_PERCENT,
    },
  ];
  const notes = [
    `A small dense model, K = 4, batches of ${BATCH_ROWS} rows, ${TABS} tabs; mean of ${RUNS} runs with half of the 95 % interval.`,
    "as results come: hashes of rows and draws. at the end: records, trees, volunteers' signatures and signing.",
    `Parts: of ${PARTS_ANSWERS} made-up answers of ${WIDTH} numbers.`,
  ];
  return { name: receiptsShare.name, title: receiptsShare.title, columns: COLUMNS, rows, notes };
}

/** [RC7] [RC9] What each result costs when it comes. */
async function arrivalUs(seed: number): Promise<number> {
  const random = simulationRandom(seed);
  const batches = PARTS_ANSWERS / BATCH_ROWS;
  const sent = Float32Array.from({ length: BATCH_ROWS * WIDTH }, () => random.uniform());
  const signature = { assignmentId: "0".repeat(24), publicKey: new Uint8Array(65), signature: new Uint8Array(64) };
  const secret = new Uint8Array(32).fill(5);
  const ms = await cpuMsOf(async () => {
    for (let batch = 0; batch < batches; batch++) {
      signedResult(signature, sent, WIDTH);
      drawBatchRows(secret, { roundIndex: batch, workerIndex: 0, volunteerId: "0".repeat(32) }, BATCH_ROWS, 2);
    }
  });
  return (1_000 * ms) / PARTS_ANSWERS;
}

async function coordinatorUs(answers: number, seed: number): Promise<number> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "paritab-share-"));
  const environment = { PARITAB_LOG_LEVEL: "silent" };
  // Programs without an Origin, as these tabs are, may connect.
  const coordinator = await startProcess({ dataDirectory, environment, flags: ["--allow-faults"] });
  const { url } = coordinator;
  const work = await honestWork(answers, seed);
  const answer = await answersTo(work, 0);
  const tabs = await Promise.all(
    Array.from({ length: TABS }, (_, n) => openAnsweringVolunteer(url, `tab ${n}`, answer, "cpu")),
  );
  try {
    const client = createParitabClient({ baseUrl: url });
    while ((await client.sessions()).filter(({ state }) => state === "idle" || state === "working").length < TABS)
      await pause(50);
    const source = await new Submitter(client).upload(work.model, work.queries);
    const before = await cpuSeconds(url);
    const code = {
      scheme: "systematic",
      queriesPerGroup: 4,
      stragglers: 2,
      liars: 1,
    } as const;
    const { jobId } = await client.submit({ kind: "inference", task: "regression", ...code, source });
    for await (const job of client.watch(jobId)) if (job.state === "failed") throw new Error(`bench: ${job.error}`);
    await client.signedReceipt(jobId);
    return (1e6 * ((await cpuSeconds(url)) - before)) / answers;
  } finally {
    for (const tab of tabs) tab.stop();
    await coordinator.end("SIGTERM");
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

/** Of the process with all its threads, and of those that run models. */
async function cpuSeconds(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const sum = (name: string) =>
    [...metrics.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "gm"))].reduce(
      (total, [, n]) => total + Number(n),
      0,
    );
  return sum("process_cpu_seconds_total") + sum("paritab_trusted_cpu_seconds");
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export const receiptsShare: Measurer = {
  name: "receipts-share",
  title: "What receipts are of the coordinator's processor time for a checked answer",
  flags: ["answers"],
  run,
};
