/** An honest volunteer without a browser whose answers come from a function: computed plainly, or looked up. */
import { io, type Socket } from "socket.io-client";
import type { ProductAssignment, ShardAssignment } from "../../shared/coded/assignments.ts";
import { probeBundle } from "../../shared/compute/probe.ts";
import { createPlainRuntime } from "../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import type { AssignmentMessage } from "../../shared/kinds/assignments.ts";
import type { BatchMessage } from "../../shared/kinds/inference/batch.ts";
import { rowsOfBatch } from "../../shared/kinds/inference/batch-rows.ts";
import { decodeFrame, encodeFrame } from "../../shared/protocol/frame.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/limits.ts";
import type { Challenge, Payload, Result } from "../../shared/protocol/messages.ts";
import { HonestWork, productResult } from "./honest-work.ts";
import { onAssignments } from "./on-assignments.ts";
import { VolunteerKey } from "./volunteer-key.ts";

/**
 * rows: rowCount x D.
 * @param isDropped does nobody wait for them any more?
 * @returns rowCount x C; null: it has no answer to this model, or let go of rows that were dropped
 */
export type Answerer = (
  modelSha256: string,
  rows: Float32Array,
  rowCount: number,
  isDropped: () => boolean,
) => Promise<Float32Array | null>;

export interface AnsweringVolunteer {
  stop(): void;
}

/**
 * Resolves once it has proved its key.
 * @param backend what it says that its answers were computed on: of WebAssembly no bit may differ from the coordinator's
 * @param beforeProduct awaited before each product of a shard, which is computed for real: as long as its device would take
 */
export async function openAnsweringVolunteer(
  url: string,
  nickname: string,
  answer: Answerer,
  backend: "wasm" | "cpu",
  beforeProduct: (rows: number) => Promise<unknown> = async () => {},
): Promise<AnsweringVolunteer> {
  const key = await VolunteerKey.make();
  const probe = await createPlainRuntime().load(probeBundle());
  const socket = io(url, { transports: ["websocket"], forceNew: true, extraHeaders: { origin: url } });

  socket.on("challenge", async ({ buildHash, nonce }: Challenge) => {
    const { publicKey } = key;
    const signature = await key.proof(new Uint8Array(nonce));
    const own = { protocolVersion: PROTOCOL_VERSION, buildHash, publicKey, signature, nickname, backend };
    socket.emit("identify", own);
  });
  const cancelled = new Set<string>();
  let atWork: string | null = null;
  // What waits is let go of at once; what is under way when the answerer has let go of it.
  socket.on("cancel", ({ token }: { token: string }) => {
    cancelled.add(token);
    if (token !== atWork) socket.emit("returned", { token });
  });
  // One after the other, as a tab does.
  let lastTurn: Promise<void> = Promise.resolve();
  onAssignments(socket, (assignment) => {
    lastTurn = lastTurn.then(() => turnOf(assignment));
  });
  const honest = new HonestWork({
    load: createPlainRuntime().load,
    fetchBlob: (token, sha256) => blob(url, sha256, token),
  });

  async function turnOf(assignment: AssignmentMessage): Promise<void> {
    const { token } = assignment;
    if (cancelled.delete(token)) return;
    atWork = token;
    await work(assignment);
    atWork = null;
    if (cancelled.delete(token)) socket.emit("returned", { token });
  }

  /** Of what was cancelled meanwhile nothing is sent. */
  function send(result: Result): void {
    if (!cancelled.has(result.token)) socket.emit("result", result, () => {});
  }

  async function work(assignment: AssignmentMessage): Promise<void> {
    if (assignment.work === "batch") return workOnBatch(assignment);
    if (assignment.work === "product") return multiply(assignment);
    if (assignment.work === "shard") return hold(assignment);
  }

  async function hold(assignment: ShardAssignment): Promise<void> {
    const result: Result = { token: assignment.token, computeMs: 0, output: { kind: "held" } };
    if (await honest.hold(assignment)) send(result);
  }

  async function multiply(assignment: ProductAssignment): Promise<void> {
    await beforeProduct(assignment.shard[assignment.product]!.rows);
    const residues = await honest.multiply(assignment);
    if (residues === null) return;
    send(await key.signed(assignment, productResult(assignment, residues)));
  }

  async function workOnBatch(batch: BatchMessage): Promise<void> {
    const { token, kind, model, rowCount, outputSize } = batch;
    const frameBytes = await payload(url, batch.input, token);
    if (frameBytes === null) return;
    const floats = rowsOfBatch(decodeFrame(frameBytes), batch);
    const data =
      kind === "probe"
        ? await probe.run(floats, rowCount)
        : await answer(model.sha256, floats, rowCount, () => cancelled.has(token));
    if (data === null) {
      if (!cancelled.has(token)) socket.emit("failed", { token, message: "no answer to this model" });
      return;
    }
    const frame = encodeFrame({ outputs: { dtype: "F32", shape: [rowCount, outputSize], data } });
    const result: Result = { token, computeMs: 1, output: { kind: "inline", frame } };
    send(await key.signed(batch, result));
  }

  await welcomed(socket);
  socket.emit("availability", { available: true });
  return { stop: () => void socket.disconnect() };
}

function welcomed(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("welcome", () => resolve());
    socket.once("refused", ({ message }: { message: string }) =>
      reject(new Error(`a volunteer was refused: ${message}`)),
    );
  });
}

/** @returns null: the assignment was taken back meanwhile, and says so by itself */
async function payload(url: string, sent: Payload, token: string): Promise<Uint8Array | null> {
  // A copy of its own: a message's bytes lie anywhere, and frames are read as aligned views.
  return sent.kind === "inline" ? Uint8Array.from(sent.frame) : blob(url, sent.sha256, token);
}

async function blob(url: string, sha256: string, token: string): Promise<Uint8Array | null> {
  for (let tries = 1; ; tries++) {
    try {
      const response = await fetch(`${url}/blobs/${sha256}`, { headers: { authorization: `Bearer ${token}` } });
      if (response.status === 404) return null;
      if (!response.ok) throw new Error(`GET /blobs: got ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      // The coordinator closes connections that idle. A browser asks anew where one was closed as it asked; Node does not.
      if (!(error instanceof TypeError) || tries === FETCH_TRIES_MAX) throw error;
    }
  }
}
const FETCH_TRIES_MAX = 4;
