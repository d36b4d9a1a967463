/** Many volunteers in one thread, protocol-true and without a browser: what they have computed once they look up. */
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { io, type Socket } from "socket.io-client";
import { FINAL_REFUSALS } from "../../../client/session/final-refusals.ts";
import { reconnectDelayMs } from "../../../client/session/reconnect-delay.ts";
import { createPlainRuntime } from "../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import type { AssignmentMessage } from "../../../shared/kinds/assignments.ts";
import { rowsOfBatch } from "../../../shared/kinds/inference/batch-rows.ts";
import { decodeFrame } from "../../../shared/protocol/frame.ts";
import { PROTOCOL_VERSION } from "../../../shared/protocol/limits.ts";
import { type Challenge, RECEIVED, type Refused, type ResultAck } from "../../../shared/protocol/messages.ts";
import { rowKey } from "../../crowd/fnv.ts";
import { batchResult, HonestWork } from "../../crowd/honest-work.ts";
import { onAssignments } from "../../crowd/on-assignments.ts";
import { VolunteerKey } from "../../crowd/volunteer-key.ts";

export interface ThreadTask {
  readonly url: string;
  readonly sessions: number;
  /** Of them, those that take batches and never answer. */
  readonly muteShare: number;
}

export interface ThreadFigures {
  /** Results that the coordinator took. */
  readonly taken: number;
  /** From the sending of each to its acknowledgement. */
  readonly ackMs: readonly number[];
  /** When the first batch of queries came, by the clock of the machine; null: none has come. */
  readonly firstBatchAtMs: number | null;
}

const CONNECTING_AT_ONCE_MAX = 32;
/** About five minutes. */
const TRIES_MAX = 30;

const { url, sessions, muteShare } = workerData as ThreadTask;
const port = parentPort!;
const outputsOf = new Map<string, Float32Array>();
const honest = new HonestWork({ load: createPlainRuntime().load, fetchBlob });
const noFigures = () => ({ taken: 0, ackMs: [] as number[], firstBatchAtMs: null as number | null });
let figures = noFigures();

port.on("message", (asked: "figures" | "connected") => {
  if (asked === "connected") return port.postMessage({ connected: welcome.size });
  port.postMessage({ figures });
  figures = noFigures();
});

/** Those that are welcome now. */
const welcome = new Set<Socket>();
let begun = 0;
await Promise.all(Array.from({ length: CONNECTING_AT_ONCE_MAX }, connectMore));
port.postMessage({ connected: welcome.size });

async function connectMore(): Promise<void> {
  while (begun < sessions) {
    begun++;
    const isMute = Math.floor(begun * muteShare) > Math.floor((begun - 1) * muteShare);
    // Each is a volunteer of its own, as most tabs are: those of one would not check each other.
    await welcomed(await VolunteerKey.make(), isMute);
  }
}

/**
 * As a tab does: where it is turned away for now, or not answered in time, it comes again.
 * @param tries that it has made in vain
 * @throws Error where it is refused for good, or was turned away so often
 */
async function welcomed(own: VolunteerKey, isMute: boolean, tries = 0): Promise<void> {
  for (let attempt = tries; attempt < TRIES_MAX; attempt++) {
    const socket = await connected(own, isMute);
    if (socket !== null) {
      welcome.add(socket);
      socket.once("disconnect", () => {
        welcome.delete(socket);
        void again(own, isMute);
      });
      return;
    }
    await sleep(reconnectDelayMs(attempt, Math.random()));
  }
  throw new Error(`volunteer: expected to be welcome, was turned away ${TRIES_MAX} times`);
}

/** As a tab does whose coordinator has gone: until it is back. Whoever is not welcome by then is missing in the figures. */
async function again(own: VolunteerKey, isMute: boolean): Promise<void> {
  await sleep(reconnectDelayMs(0, Math.random()));
  await welcomed(own, isMute, 1).catch(() => {});
}

/** null: it is to come again. */
function connected(own: VolunteerKey, isMute: boolean): Promise<Socket | null> {
  const extraHeaders = { origin: url };
  const socket = io(url, { transports: ["websocket"], reconnection: false, forceNew: true, extraHeaders });
  socket.on("challenge", async ({ buildHash, nonce }: Challenge) => {
    const signature = await own.proof(new Uint8Array(nonce));
    const { publicKey } = own;
    const protocolVersion = PROTOCOL_VERSION;
    socket.emit("identify", { protocolVersion, buildHash, publicKey, signature, nickname: "", backend: "cpu" });
  });
  onAssignments(socket, (assignment) => {
    if (!isMute || (assignment.work === "batch" && assignment.kind === "probe")) void work(socket, own, assignment);
  });
  socket.on("cancel", ({ token }: { token: string }) => socket.emit("returned", { token }));
  return new Promise((resolve, reject) => {
    socket.on("welcome", () => {
      socket.emit("availability", { available: true });
      resolve(socket);
    });
    socket.on("refused", ({ code, message }: Refused) => {
      if (FINAL_REFUSALS.has(code)) return reject(new Error(`volunteer: refused: ${message}`));
      socket.disconnect();
      resolve(null);
    });
    socket.once("disconnect", () => resolve(null));
    socket.on("connect_error", () => {
      socket.disconnect();
      resolve(null);
    });
  });
}

async function work(socket: Socket, own: VolunteerKey, assignment: AssignmentMessage): Promise<void> {
  if (assignment.work !== "batch") return;
  if (assignment.kind === "inference") figures.firstBatchAtMs ??= Date.now();
  const outputs = known(assignment) ?? (await computed(assignment));
  if (outputs === null) return;
  const result = await own.signed(assignment, batchResult(assignment, outputs));
  const sentMs = performance.now();
  socket.emit("result", result, ({ verdict }: ResultAck = RECEIVED) => {
    if (verdict !== "received" || assignment.kind !== "inference") return;
    figures.taken++;
    figures.ackMs.push(performance.now() - sentMs);
  });
}

type BatchMessage = Extract<AssignmentMessage, { work: "batch" }>;

/** null: some row of it has not been met. */
function known(batch: BatchMessage): Float32Array | null {
  if (batch.input.kind !== "inline") return null;
  const rows = rowsOfBatch(decodeFrame(Uint8Array.from(batch.input.frame)), batch);
  const outputs = new Float32Array(batch.rowCount * batch.outputSize);
  for (let row = 0; row < batch.rowCount; row++) {
    const found = outputsOf.get(nameOf(batch, rows, row));
    if (found === undefined) return null;
    outputs.set(found, row * batch.outputSize);
  }
  return outputs;
}

async function computed(batch: BatchMessage): Promise<Float32Array | null> {
  const done = await honest.batch(batch);
  if (done === null) return null;
  for (let row = 0; row < batch.rowCount; row++) {
    const outputs = done.outputs.slice(row * batch.outputSize, (row + 1) * batch.outputSize);
    outputsOf.set(nameOf(batch, done.rows, row), outputs);
  }
  return done.outputs;
}

/** No two of a few thousand rows share it, or answers would be wrong, and the bench says so. */
function nameOf({ model, inputSize }: BatchMessage, rows: Float32Array, row: number): string {
  return `${model.sha256} ${rowKey(rows.subarray(row * inputSize, (row + 1) * inputSize))}`;
}

async function fetchBlob(token: string, sha256: string): Promise<Uint8Array | null> {
  const response = await fetch(`${url}/blobs/${sha256}`, { headers: { authorization: `Bearer ${token}` } });
  return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
}
