/**
 * What a signed receipt costs, and what it takes to check it:
 *
 *     npm run bench -- receipts [--answers N] [--volunteers N] [--seed N] [--json FILE]
 *
 * A job that nobody ran, as large as is asked for: its answers are made up, its draws are those of its secret. The coordinator signs it,
 * and `paritab verify` checks it in a process of its own.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { initialState } from "../../server/coordinator/state.ts";
import { answerRuleOf } from "../../server/kinds/inference/engine/answer-rule.ts";
import { JobAnswers, MARK } from "../../server/kinds/inference/engine/job-answers.ts";
import { signedResult } from "../../server/kinds/inference/engine/signed-results.ts";
import { encodePlan } from "../../server/kinds/inference/engine/stored-plan.ts";
import { receiptOf } from "../../server/kinds/inference/receipt.ts";
import { receiptParts } from "../../server/kinds/inference/receipt-parts.ts";
import { someInferenceJob } from "../../server/kinds/inference/testing/some-inference-job.ts";
import { type AnswersOfJob, allAnswers } from "../../server/kinds/inference/views.ts";
import { answersNpy } from "../../server/kinds/inference/web/answer-files.ts";
import { ReceiptKeys } from "../../server/receipts/receipt-keys.ts";
import { systemClock } from "../../server/shell/clock.ts";
import { ReceiptOffice } from "../../server/shell/receipt-office.ts";
import type { StoredContribution, StoredRound } from "../../server/store/store.ts";
import { MemoryStore } from "../../server/store/testing/memory-store.ts";
import { inferenceSubmissionSchema } from "../../shared/kinds/inference/submission.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { commitmentTo, drawBatchRows } from "../../shared/receipts/job-draws.ts";
import { receiptFile } from "../../shared/receipts/receipt-file.ts";
import { resultDigest, resultStatement } from "../../shared/receipts/result-digest.ts";
import { emptyTally } from "../../shared/verify/estimate-confidence.ts";
import { VolunteerKey } from "../crowd/volunteer-key.ts";
import { countFlag } from "./flags.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";

const ANSWERS = 1_000_000;
const VOLUNTEERS = 100;
const CODE = { queriesPerGroup: 4, stragglers: 1, liars: 1 };
/** Numbers of an answer. */
export const WIDTH = 10;
/** The job has ended in rounds: each has so many groups. */
export const BATCH_ROWS = 40;
const JOB_ID = "a-large-job";

export interface ReceiptsOptions extends MeasureOptions {
  readonly answers?: number;
  readonly volunteers?: number;
}

const COLUMNS: readonly Column[] = [
  { key: "what", title: "" },
  { key: "value", title: "", digits: 1 },
  { key: "limit", title: "limit" },
];

export async function run({ seed, progress, flags = {}, ...options }: ReceiptsOptions): Promise<Measurement> {
  const answers = options.answers ?? countFlag(flags, "answers") ?? ANSWERS;
  const volunteers = options.volunteers ?? countFlag(flags, "volunteers") ?? VOLUNTEERS;
  const { office, found, signingUs } = await signingCost(answers, volunteers, seed, progress);
  const sealed = await office.sealed(JOB_ID);
  if (sealed === null || typeof sealed === "string")
    throw new Error(`bench receipts: expected a receipt, got ${sealed}`);
  const folder = mkdtempSync(join(tmpdir(), "paritab-receipts-"));
  try {
    const bytes = receiptFile(sealed);
    writeFileSync(join(folder, "receipt.json"), bytes);
    writeFileSync(join(folder, "answers.npy"), answersNpy(await allAnswers(initialState(), found)));
    let beside = 0;
    for (const name of ["rows.bin", "batches.jsonl", "signatures.jsonl"]) {
      const file = (await office.file(JOB_ID, name))!;
      beside += file.length;
      writeFileSync(join(folder, name), file);
    }
    progress("it is checked");
    const program = fileURLToPath(new URL("receipts-verify.ts", import.meta.url));
    const { stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", program, join(folder, "receipt.json")], {
      encoding: "utf8",
    });
    if (stdout === "") throw new Error(`bench receipts: ${stderr}`);
    const checked = JSON.parse(stdout) as { code: number; cpuMs: number; ms: number; megabytes: number };
    const rows = [
      {
        what: "signing beyond the receipt of before, µs an answer",
        value: round(signingUs),
        limit: null,
      },
      { what: "receipt, kB", value: round(bytes.length / 1_000), limit: 256 },
      { what: "files beside it, bytes an answer", value: round(beside / answers), limit: 100 },
      { what: "paritab verify, s of processor time", value: round(checked.cpuMs / 1_000), limit: null },
      { what: "paritab verify, s", value: round(checked.ms / 1_000), limit: 60 },
      { what: "paritab verify, MB", value: round(checked.megabytes), limit: 500 },
      { what: "its exit code", value: checked.code, limit: 0 },
    ];
    const notes = [`${answers} answers of ${WIDTH} numbers, ${volunteers} volunteers, batches of ${BATCH_ROWS} rows.`];
    return { name: receipts.name, title: receipts.title, columns: COLUMNS, rows, notes };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A made-up job, signed by an office of its own.
 * @returns signingUs: µs of processor time an answer, of all threads, beyond what the unsigned receipt of before took
 */
export async function signingCost(
  answers: number,
  volunteers: number,
  seed: number,
  progress: (message: string) => void = () => {},
) {
  const signer = ReceiptKeys.inMemory(() => 0, "5e".repeat(32));
  progress("answers are made up");
  const keys = await Promise.all(Array.from({ length: volunteers }, () => VolunteerKey.make()));
  const { found, rounds } = await madeUp(answers, keys, signer.jobSecret(JOB_ID), seed);
  const contributions = keys.map(contributionOf);
  const [store, state] = [new MemoryStore(), initialState()];
  const source = { rounds: async () => rounds, contributions: async () => contributions, blocks: async () => [] };
  const office = new ReceiptOffice({
    ...{ store, state, signer, clock: systemClock() },
    onProblem: (message, error) => {
      throw new Error(message, { cause: error });
    },
    receipt: () => receiptOf(source, state, found, "b".repeat(64)),
    parts: () => receiptParts(state, found, rounds),
  });
  progress("the receipt of before is made");
  const plainMs = await cpuMsOf(() => receiptOf(source, state, found, "b".repeat(64)));
  progress("it is signed");
  const signedMs = await cpuMsOf(() => office.sealed(JOB_ID));
  return { office, found, signingUs: (1_000 * (signedMs - plainMs)) / answers };
}

const round = (value: number) => Number(value.toPrecision(3));

export async function cpuMsOf(act: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function contributionOf({ volunteerId }: VolunteerKey): StoredContribution {
  const nothing = { failedRows: 0, rejectedRows: 0, withdrawnAssignments: 0, withdrawnRows: 0 };
  return {
    jobId: JOB_ID,
    volunteerId,
    assignments: 250,
    rows: 10_000,
    auditedRows: 500,
    ...nothing,
    auditsPassedAtEnd: 2_000,
  };
}

/** Answers are drawn; rows that the secret draws are exact, the others audited. */
async function madeUp(queryCount: number, keys: readonly VolunteerKey[], secret: Uint8Array, seed: number) {
  const source = { kind: "uploads", modelSha256: "a".repeat(64), queriesSha256: "b".repeat(64) };
  const submission = inferenceSubmissionSchema.parse({ kind: "inference", source, scheme: "systematic", ...CODE });
  const queries = "b".repeat(64);
  const job = someInferenceJob(JOB_ID, {
    roundSizes: [{ fromRound: 0, firstPlace: 0, groupsPerRound: BATCH_ROWS }],
    ...{ submission, queryCount, outputSize: WIDTH, state: "done", finishedMs: 1_700_000_100_000, liarShare: 0.1 },
    commitment: { commitment: commitmentTo(secret, "", queries), nonce: "", queries },
  });
  const answers = new JobAnswers(queryCount, WIDTH, answerRuleOf(job));
  const random = simulationRandom(seed);
  const { queriesPerGroup: K } = CODE;
  const roundRows = K * BATCH_ROWS;
  const rounds: StoredRound[] = [];
  for (let first = 0; first < queryCount; first += roundRows) {
    const round = await roundOf(rounds.length, first, Math.min(queryCount, first + roundRows));
    rounds.push(round);
    answers.importRound(round);
  }
  const records = new Map(keys.map(({ volunteerId }) => [volunteerId, 2_000]));
  const found: AnswersOfJob = { job, answers, records, durableRecords: records };
  return { found, rounds };

  async function roundOf(roundIndex: number, first: number, end: number): Promise<StoredRound> {
    const rows = end - first;
    const batchRows = Math.ceil(rows / K);
    const drawnRows = Math.max(1, Math.ceil(batchRows / 20));
    const own = Array.from({ length: K }, (_, worker) => keys[(roundIndex * K + worker) % keys.length]!);
    const ids = own.map(({ volunteerId }) => volunteerId);
    const outputs = Float32Array.from({ length: rows * WIDTH }, () => random.uniform());
    const marks = new Uint8Array(rows).fill(MARK.audited);
    ids.forEach((volunteerId, workerIndex) => {
      for (const row of drawBatchRows(secret, { roundIndex, workerIndex, volunteerId }, batchRows, drawnRows)) {
        if (row * K + workerIndex < rows) marks[row * K + workerIndex] = MARK.exact;
      }
    });
    const sources = [
      ...ids.map((volunteerId) => ({
        volunteerId,
        precision: "float32" as const,
        auditedRows: drawnRows,
        opinionBy: null,
      })),
      null,
      null,
    ];
    return {
      ...{ jobId: JOB_ID, roundIndex, generation: 0, marks, volunteers: ids },
      queryIndices: Uint32Array.from({ length: rows }, (_, row) => first + row),
      outputs,
      sources: Uint8Array.from({ length: rows }, (_, row) => row % K),
      firstLabels: new Int32Array(rows),
      firstMarks: marks,
      plan: encodePlan({
        ...{ placements: null, batchRows, rowsPerGroup: K, sources, estimates: [], heldOut: emptyTally() },
        signed: [...(await Promise.all(own.map(signedBy))), null, null],
      }),
      ...{ firstMs: 1, exactMs: 2, estimatedAtFirst: 0, redispatched: 0 },
    };

    /** Its rows, one in K, as a tab signs them. */
    async function signedBy(key: VolunteerKey, worker: number) {
      const sent = Float32Array.from({ length: batchRows * WIDTH }, (_, i) => {
        const row = Math.floor(i / WIDTH) * K + worker;
        return row < rows ? outputs[row * WIDTH + (i % WIDTH)]! : 0;
      });
      const assignmentId = String(roundIndex * K + worker).padStart(24, "0");
      const tensor = { dtype: "F32", shape: [batchRows, WIDTH], data: sent } as const;
      const signature = await key.sign(resultStatement({ jobId: JOB_ID, assignmentId }, resultDigest(tensor)));
      return signedResult({ assignmentId, publicKey: key.publicKey, signature }, sent, WIDTH);
    }
  }
}

export const receipts: Measurer = {
  name: "receipts",
  title: "What a signed receipt costs the coordinator, how large it is, and what it takes to check it",
  flags: ["answers", "volunteers"],
  run,
};
