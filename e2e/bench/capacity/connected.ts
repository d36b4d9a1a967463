/** Jobs of ten-row batches on a coordinator with so many tabs connected. */
import { setTimeout as sleep } from "node:timers/promises";
import { quantile } from "../../../shared/numbers/quantile.ts";
import { ANSWERS_PER_PAGE_MAX } from "../../../shared/protocol/limits.ts";
import { createParitabClient, type ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { patiently } from "../../../shared/sdk/patience.ts";
import { submissionKey } from "../../../shared/sdk/submit-once.ts";
import type { CoordinatorProcess } from "../../coordinators/coordinator-process.ts";
import { processFigures } from "./process-figures.ts";
import { VolunteerThreads } from "./volunteer-threads.ts";

export interface ConnectedOptions {
  readonly sessions: number;
  /** That take batches and never answer. */
  readonly muteShare: number;
  readonly jobs: number;
  /** What each job asks for; by default all digits. */
  readonly digits?: Digits;
  /** No spare batches: each row goes out once, and the rows that volunteers check come on top. */
  readonly isPlain?: boolean;
  readonly labels: readonly number[];
  progress(line: string): void;
  /** Awaited before what counts begins: others may not be ready. */
  readonly begins?: () => Promise<void>;
}

export interface Digits {
  readonly from: number;
  readonly count: number;
}

/** All of the MNIST test set, in batches of ten rows. */
export const CONNECTED_QUERIES = 10_000;
const ALL: Digits = { from: 0, count: CONNECTED_QUERIES };
const LOOK_MS = 100;
const JOB_MS_MAX = 600_000;

export async function connected({ url, adminToken }: CoordinatorProcess, options: ConnectedOptions) {
  const {
    sessions,
    muteShare,
    jobs,
    digits = ALL,
    isPlain = false,
    labels,
    progress,
    begins = async () => {},
  } = options;
  const client = createParitabClient({ baseUrl: url });
  const idle = await processFigures(url, adminToken);
  const volunteers = await VolunteerThreads.open({ url, sessions, muteShare });
  try {
    const held = await processFigures(url, adminToken);
    progress(`${sessions} sessions are connected, ${(held.rssMb - idle.rssMb).toFixed(0)} MiB more`);
    // Records are made, and answers are met for the first time.
    await jobDone(client, digits, isPlain);
    await begins();
    await volunteers.figures();
    const before = await processFigures(url, adminToken);
    const startMs = performance.now();
    const jobIds: string[] = [];
    for (let n = 0; n < jobs; n++) jobIds.push(await jobDone(client, digits, isPlain));
    const seconds = (performance.now() - startMs) / 1e3;
    const after = await processFigures(url, adminToken);
    const { taken, ackMs } = await volunteers.figures();
    const found = await Promise.all(jobIds.map((jobId) => compared(client, jobId, digits, labels)));
    const cpuMs = after.cpuMs - before.cpuMs;
    return {
      batchesPerSecond: taken / seconds,
      cpuMsPerBatch: cpuMs / taken,
      cpuMsPerAnswer: cpuMs / (jobs * digits.count),
      auditShare: found.reduce((sum, { audited }) => sum + audited, 0) / (jobs * digits.count),
      p50Ms: quantile(ackMs, 0.5),
      p95Ms: quantile(ackMs, 0.95),
      rssMb: held.rssMb - idle.rssMb,
      loopP99Ms: after.loopP99Ms,
      lost: found.reduce((sum, { lost }) => sum + lost, 0),
      wrong: found.reduce((sum, { wrong }) => sum + wrong, 0),
    };
  } finally {
    await volunteers.close();
  }
}

/** Checked and durable. @returns its id */
async function jobDone(client: ParitabClient, { from, count }: Digits, isPlain: boolean): Promise<string> {
  const submission = {
    kind: "inference",
    source: { kind: "sample", sample: "mnist", queryStart: from, queryCount: count },
    scheme: "systematic",
    queriesPerGroup: 4,
    liars: 0,
    stragglers: isPlain ? 0 : 1,
    spares: "backups",
  } as const;
  const key = submissionKey();
  // [CE1] Of several coordinators on a busy machine one is not sure of its lease for a moment, and says so.
  const { jobId } = await patiently(client, () => client.submit(submission, undefined, key));
  for (const untilMs = performance.now() + JOB_MS_MAX; performance.now() < untilMs; await sleep(LOOK_MS)) {
    const { state, error } = await patiently(client, () => client.inferenceJob(jobId));
    if (state === "done") return jobId;
    if (state === "failed") throw new Error(`capacity: expected the job to be done, it failed: ${error}`);
  }
  throw new Error(`capacity: expected the job to be done within ${JOB_MS_MAX} ms`);
}

async function compared(client: ParitabClient, jobId: string, { from, count }: Digits, labels: readonly number[]) {
  let [lost, wrong] = [0, 0];
  for (let offset = 0; offset < count; offset += ANSWERS_PER_PAGE_MAX) {
    const { answers } = await patiently(client, () => client.answers(jobId, { offset, limit: ANSWERS_PER_PAGE_MAX }));
    for (const { index, label } of answers) {
      if (label === null) lost++;
      else if (label !== labels[from + index]) wrong++;
    }
  }
  const { auditedRows: audited } = await patiently(client, () => client.inferenceJob(jobId));
  return { lost, wrong, audited };
}
