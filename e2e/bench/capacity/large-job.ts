/** One job with very many queries on a real coordinator: uploaded as a file, computed by volunteers that look answers up, read again. */
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loadMnist, MNIST_MODEL_FILES } from "../../../server/samples/mnist.ts";
import { ANSWERS_PER_PAGE_MAX } from "../../../shared/protocol/limits.ts";
import { tensorUploadedSchema } from "../../../shared/protocol/uploads-api.ts";
import { createParitabClient, type ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import type { CoordinatorProcess } from "../../coordinators/coordinator-process.ts";
import { processFigures } from "./process-figures.ts";
import { VolunteerThreads } from "./volunteer-threads.ts";

export interface LargeJobOptions {
  readonly coordinator: CoordinatorProcess;
  /** Of 784 numbers each. */
  readonly queries: number;
  readonly dtype: "U8" | "F32";
  readonly sessions: number;
  /** What the model says of each of the first digits, in their order. */
  readonly labels: readonly number[];
  readonly progress?: (line: string) => void;
}

export interface LargeJobOutcome {
  readonly uploadMs: number;
  /** From the last byte of the upload to the first batch that a volunteer has. */
  readonly firstBatchMs: number;
  /** From there to the end. */
  readonly computeMs: number;
  readonly batches: number;
  readonly cpuMs: number;
  /** Of heap, buffers and shared memory, above what they took before the upload. */
  readonly heldMb: { readonly whileUploaded: number; readonly whileComputed: number };
  /** Of the resident set, the same. */
  readonly rssMb: number;
  readonly longestStallMs: number;
  readonly loopP99Ms: number;
  readonly lost: number;
  readonly wrong: number;
}

const PIXELS = 784;
const DIGITS = 10_000;
const LOOK_MS = 250;
const JOB_MS_MAX = 3_600_000;

export async function largeJob(options: LargeJobOptions): Promise<LargeJobOutcome> {
  const { coordinator, queries, sessions, labels, progress = () => {} } = options;
  const { url, adminToken } = coordinator;
  const client = createParitabClient({ baseUrl: url });
  const volunteers = await VolunteerThreads.open({ url, sessions, muteShare: 0 });
  try {
    const { modelSha256 } = await client.uploadModel(await modelFiles());
    const rows = await rowsOf(options);
    const before = await processFigures(url, adminToken);
    const watch = watchProcess(coordinator);
    const startMs = Date.now();
    const { sha256, lastByteAtMs } = await upload(url, rows);
    const uploaded = watch.highest();
    progress(`${queries} queries are uploaded after ${Date.now() - startMs} ms`);
    const { jobId } = await client.submit({
      kind: "inference",
      source: { kind: "uploads", modelSha256, queriesSha256: sha256, inputScale: options.dtype === "U8" ? 1 / 255 : 1 },
      scheme: "systematic",
      queriesPerGroup: 4,
      stragglers: 1,
      liars: 0,
      spares: "backups",
    });
    await ended(client, jobId, progress);
    const endMs = Date.now();
    const after = await processFigures(url, adminToken);
    const highest = watch.stop();
    const { taken, firstBatchAtMs } = await volunteers.figures();
    if (firstBatchAtMs === null) throw new Error("large job: expected batches to reach volunteers, none did");
    progress("all answers are read and compared");
    return {
      uploadMs: lastByteAtMs - startMs,
      firstBatchMs: firstBatchAtMs - lastByteAtMs,
      computeMs: endMs - firstBatchAtMs,
      batches: taken,
      cpuMs: after.cpuMs - before.cpuMs,
      heldMb: { whileUploaded: uploaded.heldMb - before.heldMb, whileComputed: highest.heldMb - before.heldMb },
      rssMb: highest.rssMb - before.rssMb,
      longestStallMs: Math.max(highest.stallMs, after.loopMaxMs),
      loopP99Ms: highest.loopP99Ms,
      ...(await compared(client, jobId, queries, labels)),
    };
  } finally {
    await volunteers.close();
  }
}

/** An upload that breaks off in its middle. @returns what of it lies on the disk afterwards */
export async function brokenUpload(
  { url }: CoordinatorProcess,
  dataDirectory: string,
  bytes: number,
): Promise<string[]> {
  const file = headOf("U8", Math.floor(bytes / PIXELS));
  const sending = begin(url, file.length + Math.floor(bytes / PIXELS) * PIXELS);
  sending.on("error", () => {});
  sending.write(file);
  sending.write(new Uint8Array(Math.floor(bytes / 2)));
  const folder = join(dataDirectory, "blobs", "tmp");
  while ((await readdir(folder)).length === 0) await sleep(10);
  sending.destroy();
  for (let n = 0; n < 500 && (await readdir(folder)).length > 0; n++) await sleep(10);
  return readdir(folder);
}

async function modelFiles() {
  const { modelJson, weights } = MNIST_MODEL_FILES;
  const read = weights.map(async ({ name, path }) => ({ name, data: await readFile(path) }));
  return [{ name: "model.json", data: await readFile(modelJson) }, ...(await Promise.all(read))];
}

interface Rows {
  readonly head: Uint8Array;
  /** The digits, once. */
  readonly digits: Uint8Array;
  readonly bytes: number;
}

/** The digits over and over. */
async function rowsOf({ queries, dtype }: LargeJobOptions): Promise<Rows> {
  const { images } = await loadMnist("test");
  const floats = dtype === "F32" ? Float32Array.from(images, (pixel) => pixel / 255) : null;
  const digits = floats === null ? images : new Uint8Array(floats.buffer);
  const numberBytes = floats === null ? 1 : 4;
  return { head: headOf(dtype, queries), digits, bytes: queries * PIXELS * numberBytes };
}

/** As numpy writes it; no other file with this many rows is ever whole in memory. */
function headOf(dtype: LargeJobOptions["dtype"], queries: number): Uint8Array {
  const descr = dtype === "U8" ? "|u1" : "<f4";
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${queries}, ${PIXELS}), }`;
  const length = 118;
  return Uint8Array.from([
    0x93,
    ...Buffer.from("NUMPY"),
    1,
    0,
    length,
    0,
    ...Buffer.from(`${dict.padEnd(length - 1)}\n`),
  ]);
}

function begin(url: string, bytes: number) {
  const headers = { "content-type": "application/octet-stream", "content-length": String(bytes) };
  return request(`${url}/api/tensors`, { method: "POST", headers });
}

async function upload(url: string, { head, digits, bytes }: Rows): Promise<{ sha256: string; lastByteAtMs: number }> {
  const sending = begin(url, head.length + bytes);
  const answered = once(sending, "response");
  const refused = answered.then(async ([response]) => {
    if (response.statusCode === 201) return;
    throw new Error(`large job: expected 201 for the upload, got ${response.statusCode}: ${await textOf(response)}`);
  });
  sending.write(head);
  for (let at = 0; at < bytes; ) {
    const from = at % digits.length;
    const piece = digits.subarray(from, Math.min(from + (1 << 20), digits.length, from + bytes - at));
    if (!sending.write(piece)) await Promise.race([once(sending, "drain"), refused]);
    at += piece.length;
  }
  const finished = once(sending, "finish");
  sending.end();
  await finished;
  const lastByteAtMs = Date.now();
  const [response] = await answered;
  return { sha256: tensorUploadedSchema.parse(JSON.parse(await textOf(response))).tensorSha256, lastByteAtMs };
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response) text += chunk;
  return text;
}

async function ended(client: ParitabClient, jobId: string, progress: (line: string) => void): Promise<void> {
  const untilMs = performance.now() + JOB_MS_MAX;
  for (let looks = 0; performance.now() < untilMs; looks++) {
    const { state, error, answersByMark } = await client.inferenceJob(jobId);
    if (state === "done") return;
    if (state === "failed") throw new Error(`large job: expected it to be done, it failed: ${error}`);
    if (looks % 40 === 0) progress(`${state}: ${JSON.stringify(answersByMark)}`);
    await sleep(LOOK_MS);
  }
  throw new Error(`large job: expected it to be done within ${JOB_MS_MAX} ms`);
}

/** The highest of its figures, looked at now and then. */
function watchProcess({ url, adminToken }: CoordinatorProcess) {
  const highest = { heldMb: 0, rssMb: 0, stallMs: 0, loopP99Ms: 0 };
  let isOver = false;
  const look = async () => {
    while (!isOver) {
      const { heldMb, rssMb, loopMaxMs, loopP99Ms } = await processFigures(url, adminToken);
      highest.heldMb = Math.max(highest.heldMb, heldMb);
      highest.rssMb = Math.max(highest.rssMb, rssMb);
      highest.stallMs = Math.max(highest.stallMs, loopMaxMs);
      highest.loopP99Ms = Math.max(highest.loopP99Ms, loopP99Ms);
      await sleep(LOOK_MS);
    }
  };
  const looking = look().catch(() => {});
  return {
    highest: () => ({ ...highest }),
    stop() {
      isOver = true;
      void looking;
      return { ...highest };
    },
  };
}

async function compared(client: ParitabClient, jobId: string, queries: number, labels: readonly number[]) {
  let [lost, wrong] = [0, 0];
  for (let offset = 0; offset < queries; offset += ANSWERS_PER_PAGE_MAX) {
    const { answers } = await client.answers(jobId, { offset, limit: ANSWERS_PER_PAGE_MAX });
    for (const { index, label } of answers) {
      if (label === null) lost++;
      else if (label !== labels[index % DIGITS]) wrong++;
    }
  }
  return { lost, wrong };
}
