/**
 * The session against a real Socket.IO and HTTP server, with a compute thread on the other end of a real message channel.
 * What only a browser has (its keys, its workers) is spared here; Playwright specs have it. One file, though long: all of it needs that server.
 */
import { createHash, randomBytes } from "node:crypto";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as Comlink from "comlink";
import { Server, type Socket } from "socket.io";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { VolunteerKey } from "../../e2e/crowd/volunteer-key.ts";
import type { ComputeTask, ComputeThreadApi } from "../../shared/compute/compute-thread-api.ts";
import type { BackendName } from "../../shared/compute/model-runtime.ts";
import type { AssignmentMessage } from "../../shared/kinds/assignments.ts";
import type { BatchMessage } from "../../shared/kinds/inference/batch.ts";
import { NextBatchReader, NextBatchWriter } from "../../shared/kinds/inference/next-batch.ts";
import { ShortAnswerReader } from "../../shared/kinds/inference/short-answer.ts";
import { decodeFrame, encodeFrame } from "../../shared/protocol/frame.ts";
import { PROTOCOL_VERSION, RESULT_INLINE_BYTES_MAX } from "../../shared/protocol/limits.ts";
import type {
  Availability,
  Challenge,
  ChoiceMessage,
  Failed,
  Identify,
  ModelBackend,
  Refused,
  Result,
  Returned,
} from "../../shared/protocol/messages.ts";
import { bothPackets, type PacketParser } from "../../shared/protocol/short-packets.ts";
import { base64Of } from "../../shared/receipts/ed25519.ts";
import { rowHashesOf } from "../../shared/receipts/result-digest.ts";
import { isSignedResult } from "../../shared/receipts/signature-lines.ts";
import { VolunteerKeys } from "../../shared/receipts/volunteer-keys.ts";
import { BUILD_HASH } from "./build-hash.ts";
import type { ComputeThreadWorker } from "./compute-thread-link.ts";
import type { HoldReason } from "./may-work.ts";
import { type SessionCore, type SessionOptions, startSession } from "./session-core.ts";
import { NOT_STARTED, type SessionStatus } from "./session-status.ts";

const model = randomBytes(100);
const modelSha256 = createHash("sha256").update(model).digest("hex");
const outputSize = 2;
/** What can be downloaded, by hash. */
const blobs = new Map<string, Uint8Array>([[modelSha256, model]]);
const PAUSED: HoldReason = { kind: "paused", untilMs: null };

let http: HttpServer;
let io: Server;
let tab: Socket;
let session: SessionCore | null;
let status: SessionStatus;
let challenge: Challenge;
let heard: {
  identify: Identify[];
  result: Result[];
  failed: Failed[];
  returned: Returned[];
  availability: boolean[];
  becauses: Availability["because"][];
  backend: ModelBackend[];
  choice: unknown[];
  downloads: string[];
  uploads: Buffer[];
};
/** What the thread does with a task. */
let compute: (task: ComputeTask) => Promise<Float32Array>;
let threadsEnded: number;

const url = () => `http://127.0.0.1:${(http.address() as AddressInfo).port}`;

async function listen(port = 0): Promise<void> {
  http = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method === "PUT") {
      heard.uploads.push(Buffer.concat(chunks));
      response.end("{}");
    } else {
      heard.downloads.push(`${request.url} ${request.headers.authorization}`);
      const [, , sha256] = request.url!.split("/");
      response.end(blobs.get(sha256!) ?? "something else");
    }
  });
  io = new Server(http, {
    transports: ["websocket"],
    parser: bothPackets(new Server()._parser as unknown as PacketParser),
  });
  io.on("connection", (socket) => {
    tab = socket;
    socket.on("identify", (message: Identify) => {
      heard.identify.push(message);
      const seat = message.seat === undefined ? {} : { seat: { sheet: "7b", number: 3 } };
      socket.emit("welcome", { sessionId: "s", volunteerId: "v", credit: { macs: 7, assignments: 1 }, ...seat });
    });
    const answers = new ShortAnswerReader();
    const batches = new NextBatchReader();
    let knowsLast = false;
    // As the coordinator's end has it, which knows what went out.
    const sent = socket as { onAnyOutgoing(listener: (name: string, message: unknown) => void): void };
    sent.onAnyOutgoing((name, message) => {
      if (name === "assignment") batches.whole(message as AssignmentMessage);
      if (name === "assignment") answers.sent(message as AssignmentMessage);
      else if (name === "next" && knowsLast) answers.sent(batches.next(message as Uint8Array));
      knowsLast = name === "assignment" && (message as BatchMessage).rowCount > 0;
    });
    socket.on("answer", (bytes: Uint8Array, ack: (reply: unknown) => void) => {
      heard.result.push(answers.read(bytes)!);
      ack({ verdict: "received" });
    });
    socket.on("result", (message: Result, ack: (reply: unknown) => void) => {
      heard.result.push(message);
      ack({ verdict: "received" });
    });
    socket.on("failed", (message: Failed) => heard.failed.push(message));
    socket.on("returned", (message: Returned) => heard.returned.push(message));
    socket.on("availability", ({ available, because }: Availability) => {
      heard.availability.push(available);
      heard.becauses.push(because);
    });
    socket.on("backend", (told: ModelBackend) => heard.backend.push(told));
    socket.on("choice", ({ choice }: ChoiceMessage) => heard.choice.push(choice));
    socket.emit("challenge", challenge);
  });
  await new Promise<void>((listening) => http.listen(port, "127.0.0.1", listening));
}

beforeEach(async () => {
  heard = {
    identify: [],
    result: [],
    failed: [],
    returned: [],
    availability: [],
    becauses: [],
    backend: [],
    choice: [],
    downloads: [],
    uploads: [],
  };
  challenge = { protocolVersion: PROTOCOL_VERSION, buildHash: BUILD_HASH, nonce: randomBytes(32) };
  compute = async ({ rowCount }) => new Float32Array(rowCount * outputSize).fill(rowCount);
  status = NOT_STARTED;
  threadsEnded = 0;
  session = null;
  await listen();
});
afterEach(async () => {
  session?.stop();
  await io.close();
});

function createComputeThread(backend: BackendName = "cpu"): ComputeThreadWorker {
  const held = new Set<string>();
  const api: ComputeThreadApi = {
    start: async () => ({ backend, candidates: [] }),
    holdsModel: async (sha256) => held.has(sha256),
    addModel: async (sha256) => void held.add(sha256),
    run: async (task) => {
      if (!held.has(task.modelSha256)) throw new Error("model not held");
      return { outputs: await compute(task), computeMs: 1, backend };
    },
    dropModel: async () => undefined,
    holdsShard: async (sha256) => held.has(sha256),
    addShard: async (sha256) => void held.add(sha256),
    multiply: async ({ vector }) => ({ residues: vector, computeMs: 1, backend: "plain" }),
  };
  const { port1, port2 } = new MessageChannel();
  Comlink.expose(api, port2);
  const terminate = () => {
    threadsEnded++;
    port1.close();
  };
  return Object.assign(port1, { terminate });
}

function start(options: Partial<SessionOptions> = {}): SessionCore {
  const identity = { publicKey: new Uint8Array(65), sign: async () => new Uint8Array(64) };
  session = startSession({
    createComputeThread: () => createComputeThread(),
    identity,
    url: url(),
    forcedBackend: null,
    report: (next) => {
      status = next;
    },
    ...options,
  });
  return session;
}

const until = (isSo: () => void) => vi.waitFor(isSo, { timeout: 60_000, interval: 5 });
const activity = (kind: SessionStatus["activity"]["kind"]) => until(() => expect(status.activity.kind).toBe(kind));

async function welcomed(options: Partial<SessionOptions> = {}): Promise<SessionCore> {
  const started = start(options);
  await activity("waiting");
  await until(() => expect(heard.availability).toHaveLength(1));
  return started;
}

function assignment(changes: Partial<BatchMessage> = {}): BatchMessage {
  const rowCount = changes.rowCount ?? 3;
  const rows = { dtype: "F32" as const, shape: [rowCount, 1], data: new Float32Array(rowCount) };
  return {
    token: randomBytes(18).toString("base64url"),
    kind: "inference",
    work: "batch",
    jobId: "j",
    jobName: "digits",
    submitter: "Ada",
    assignmentId: "A".repeat(22),
    model: { sha256: modelSha256, bytes: model.length },
    input: { kind: "inline", frame: encodeFrame({ rows }) },
    rowCount,
    inputSize: 1,
    outputSize,
    deadlineMs: 5_000,
    ...changes,
  };
}

describe("handshake", () => {
  test("a tab signs the nonce, says it is available, and knows its credit", async () => {
    await welcomed();
    expect(heard.identify[0]).toMatchObject({
      protocolVersion: PROTOCOL_VERSION,
      buildHash: BUILD_HASH,
      backend: "cpu",
    });
    expect(heard.identify[0]!.signature).toHaveLength(64);
    expect(heard.availability).toEqual([true]);
    expect(status.credit).toEqual({ macs: 7, assignments: 1 });
  });

  test.each([
    ["protocol", { protocolVersion: PROTOCOL_VERSION + 1 }],
    ["build", { buildHash: "another" }],
  ])("a coordinator of another %s gets no signature, and the page is told to reload", async (_what, changes) => {
    challenge = { ...challenge, ...changes };
    start();
    await activity("upgrade-needed");
    expect(heard.identify).toEqual([]);
    expect(threadsEnded).toBe(1);
  });

  test.each<[Refused["code"], SessionStatus["activity"]["kind"]]>([
    ["wrong-answers", "refused"],
    ["upgrade-needed", "upgrade-needed"],
    ["overloaded", "reconnecting"],
  ])("refused with %s, the session is %s", async (code, kind) => {
    await welcomed();
    tab.emit("refused", { code, message: "as told" });
    tab.disconnect(true);
    await activity(kind);
    if (kind === "reconnecting") await activity("waiting");
    else expect(threadsEnded).toBe(1);
  });
});

describe("pointed elsewhere", () => {
  const asksFor = () => tab.handshake.query.cell;

  test("[PR95] the next connection goes to the same address and asks there for the name that was told, the one after it for none", async () => {
    await welcomed();
    expect(asksFor()).toBeUndefined();
    for (const [told, asked] of [
      ["b", "b"],
      [undefined, undefined],
    ] as const) {
      const before = tab;
      before.emit("refused", { code: told === undefined ? "overloaded" : "elsewhere", message: "as told", cell: told });
      before.disconnect(true);
      await activity("reconnecting");
      await activity("waiting");
      expect(tab).not.toBe(before);
      expect(asksFor()).toBe(asked);
    }
  });

  test.each(["https://mallory.example", "mallory.example/x", "a b", "", 7])(
    "[PR95] %j is no name, and nobody goes there",
    async (cell) => {
      await welcomed();
      tab.emit("refused", { code: "elsewhere", message: "as told", cell });
      tab.disconnect(true);
      await activity("reconnecting");
      await activity("waiting");
      expect(asksFor()).toBeUndefined();
      expect(heard.identify).toHaveLength(2);
    },
  );
});

describe("work", () => {
  test("an assignment is computed and its result sent, the model fetched once with the token", async () => {
    await welcomed();
    const [first, second] = [assignment(), assignment({ rowCount: 2 })];
    tab.emit("assignment", first);
    tab.emit("assignment", second);
    await until(() => expect(heard.result).toHaveLength(2));
    const { output } = heard.result[1]! as { output: { frame: Uint8Array } };
    expect(decodeFrame(new Uint8Array(output.frame)).outputs).toMatchObject({ dtype: "F32", shape: [2, 2] });
    expect(heard.result.map(({ token }) => token)).toEqual([first.token, second.token]);
    expect(heard.downloads).toEqual([`/blobs/${modelSha256}/pieces/0 Bearer ${first.token}`]);
    await until(() => expect(status.counts.answered).toBe(2));
  });

  test("[PR89] it is signed by the volunteer's key: the job, the assignment's id, and a digest of the rows", async () => {
    const key = await VolunteerKey.make();
    await welcomed({ identity: key });
    const batch = assignment();
    tab.emit("assignment", batch);
    await until(() => expect(heard.result).toHaveLength(1));
    const { signature, output } = heard.result[0]! as Result & { output: { frame: Uint8Array } };
    const rowHashes = base64Of(
      rowHashesOf(decodeFrame(Uint8Array.from(output.frame)).outputs!.data as Float32Array, 3),
    );
    const { assignmentId, jobId } = batch;
    const signed = {
      ...{ assignmentId, rowHashes, publicKey: base64Of(key.publicKey) },
      signature: base64Of(Uint8Array.from(signature!)),
    };
    expect(await isSignedResult(jobId, signed, new VolunteerKeys())).toBe(true);
    for (const other of [{ assignmentId: "B".repeat(22) }, { rowHashes: base64Of(new Uint8Array(48)) }]) {
      expect(await isSignedResult(jobId, { ...signed, ...other }, new VolunteerKeys())).toBe(false);
    }
    expect(await isSignedResult("another job", signed, new VolunteerKeys())).toBe(false);
  });

  test("a result too large for a message is uploaded first", async () => {
    await welcomed();
    tab.emit("assignment", assignment({ rowCount: RESULT_INLINE_BYTES_MAX / 8 + 1 }));
    await until(() => expect(heard.result).toHaveLength(1));
    expect(heard.result[0]!.output).toEqual({ kind: "uploaded" });
    expect(heard.uploads[0]!.length).toBeGreaterThan(RESULT_INLINE_BYTES_MAX);
  });

  test("a blob that is not what its hash says fails the assignment", async () => {
    await welcomed();
    tab.emit("assignment", assignment({ model: { sha256: "0".repeat(64), bytes: "something else".length } }));
    await until(() => expect(heard.failed[0]?.message).toMatch(/expected sha-256 0000/));
    expect(status.counts.failed).toBe(1);
  });

  test("a thread that hangs is ended, the assignment reported, and the next one done by a new thread", async () => {
    await welcomed();
    compute = () => new Promise(() => undefined);
    tab.emit("assignment", assignment({ deadlineMs: 5 }));
    await until(() => expect(heard.failed[0]?.message).toMatch(/run: expected an answer within 50 ms/));
    expect(threadsEnded).toBe(1);
    compute = async () => new Float32Array(6);
    tab.emit("assignment", assignment());
    await until(() => expect(heard.result).toHaveLength(1));
  });

  test("a message that is not as agreed is dropped, and said so", async () => {
    await welcomed();
    tab.emit("assignment", { ...assignment(), rowCount: -1 });
    await until(() =>
      expect(status.lastError).toMatch(
        /^The coordinator sent a message “assignment” that is not as agreed: rowCount: Too small/,
      ),
    );
    tab.emit("assignment", assignment());
    await until(() => expect(heard.result).toHaveLength(1));
  });

  test("[PR99] a batch that is like the last one is computed, and one without a last one is not", async () => {
    await welcomed();
    const [first, second] = [assignment(), assignment({ rowCount: 2 })];
    const writer = new NextBatchWriter();
    writer.write(first);
    const next = writer.write(second)!;
    tab.emit("assignment", first);
    tab.emit("next", next);
    await until(() => expect(heard.result.map(({ token }) => token)).toEqual([first.token, second.token]));
    // After one that is not as agreed nothing is known of the last one.
    tab.emit("assignment", { ...first, rowCount: -1 });
    tab.emit("next", next);
    await until(() => expect(status.lastError).toMatch(/a message “next” .*: expected a batch before it, got none/));
    expect(heard.result).toHaveLength(2);
  });
});

/** A thread that computes until it is told. */
function heldBack() {
  let letGo!: () => void;
  const gate = new Promise<void>((open) => {
    letGo = open;
  });
  compute = async ({ rowCount }) => {
    await gate;
    return new Float32Array(rowCount * outputSize);
  };
  return letGo;
}

/** So many turns of the loop that both ends share: anything that is going to arrive has arrived, however slow the machine. */
const aMoment = async () => {
  for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe("[PR36] a batch that comes before the one before it is answered", () => {
  /** A batch whose rows are a blob. */
  function withBlob(): BatchMessage {
    const frame = encodeFrame({ rows: { dtype: "F32", shape: [3, 1], data: new Float32Array(3) } });
    const sha256 = createHash("sha256").update(frame).digest("hex");
    blobs.set(sha256, frame);
    return assignment({ input: { kind: "blob", sha256, bytes: frame.length } });
  }

  const tokenOf = (download: string) => download.split(" ").at(-1)!;

  test("has its rows fetched meanwhile, once, and is computed when the other one has been", async () => {
    await welcomed();
    const letGo = heldBack();
    const [first, second] = [assignment(), withBlob()];
    tab.emit("assignment", first);
    await activity("computing");
    tab.emit("assignment", second);
    // The model, for the first one, and the rows of the second.
    await until(() => expect(heard.downloads.map(tokenOf).sort()).toEqual([first.token, second.token].sort()));
    expect(heard.result).toEqual([]);
    expect(status.underWay).toHaveLength(1);
    letGo();
    await until(() => expect(heard.result.map(({ token }) => token)).toEqual([first.token, second.token]));
    expect(heard.downloads).toHaveLength(2);
  });

  test("fails by itself where its rows cannot be had, and not before it is its turn", async () => {
    await welcomed();
    const letGo = heldBack();
    const first = assignment();
    const second = assignment({ input: { kind: "blob", sha256: "0".repeat(64), bytes: "something else".length } });
    tab.emit("assignment", first);
    await activity("computing");
    tab.emit("assignment", second);
    await aMoment();
    expect(heard.failed).toEqual([]);
    letGo();
    await until(() => expect(heard.failed.map(({ token }) => token)).toEqual([second.token]));
    expect(heard.result.map(({ token }) => token)).toEqual([first.token]);
  });

  test("is given back uncomputed when it is cancelled, and the other one is answered", async () => {
    await welcomed();
    const letGo = heldBack();
    const [first, second] = [assignment(), assignment()];
    tab.emit("assignment", first);
    await activity("computing");
    tab.emit("assignment", second);
    tab.emit("cancel", { token: second.token });
    await until(() => expect(heard.returned).toEqual([{ token: second.token }]));
    letGo();
    await until(() => expect(heard.result.map(({ token }) => token)).toEqual([first.token]));
    await until(() => expect(status.counts).toEqual({ answered: 1, late: 0, cancelled: 0, failed: 0 }));
  });

  test("is given back uncomputed by a tab that is to finish, then stop", async () => {
    const running = await welcomed();
    const letGo = heldBack();
    const [first, second] = [assignment(), assignment()];
    tab.emit("assignment", first);
    await activity("computing");
    tab.emit("assignment", second);
    await aMoment();
    running.finishThenStop();
    await until(() => expect(heard.returned).toEqual([{ token: second.token }]));
    letGo();
    await activity("off");
    expect(heard.result.map(({ token }) => token)).toEqual([first.token]);
  });

  test("waits for the end of the rest that the other one has earned", async () => {
    const begunAtMs: number[] = [];
    compute = async ({ rowCount }) => {
      begunAtMs.push(performance.now());
      return new Float32Array(rowCount * outputSize);
    };
    await welcomed({ intensity: 1 / 201 });
    tab.emit("assignment", assignment());
    tab.emit("assignment", assignment());
    await until(() => expect(heard.result).toHaveLength(2));
    expect(begunAtMs[1]! - begunAtMs[0]!).toBeGreaterThan(190);
  });

  test("[JB2] is told with its reason: a rest is no pause, and a rule says which one it is", async () => {
    const running = await welcomed({ intensity: 1 / 100_000 });
    tab.emit("assignment", assignment());
    await until(() => expect(heard.becauses).toEqual([undefined, "resting"]));
    running.hold({ kind: "pressure" });
    running.hold({ kind: "battery" });
    await until(() => expect(heard.becauses).toEqual([undefined, "resting", "busy", "battery"]));
    expect(heard.availability).toEqual([true, false, false, false]);
  });

  test("waits through a rest without holding up a probe", async () => {
    await welcomed({ intensity: 1 / 100_000 });
    const [first, second, probe] = [assignment(), assignment(), assignment({ kind: "probe" })];
    tab.emit("assignment", first);
    tab.emit("assignment", second);
    await until(() => expect(heard.availability).toEqual([true, false]));
    tab.emit("assignment", probe);
    await until(() => expect(heard.result.map(({ token }) => token)).toEqual([first.token, probe.token]));
    tab.emit("cancel", { token: second.token });
    await until(() => expect(heard.returned).toEqual([{ token: second.token }]));
  });

  test("is what the page says is computed, from the moment that the other one is through", async () => {
    const said = new Set<string>();
    await welcomed({
      report: (next) => {
        if (status.activity.kind === "computing") said.add(next.activity.kind);
        status = next;
      },
    });
    const letGo = heldBack();
    for (let n = 0; n < 3; n++) tab.emit("assignment", assignment());
    await activity("computing");
    await aMoment();
    letGo();
    await until(() => expect(heard.result).toHaveLength(3));
    // It says that it waits once, at the end.
    await activity("waiting");
    expect([...said].sort()).toEqual(["computing", "waiting"]);
    expect(status.counts.answered).toBe(3);
  });
});

describe("control", () => {
  test("a cancelled assignment is not answered, and the next one is", async () => {
    await welcomed();
    const letGo = heldBack();
    const [cancelled, next] = [assignment(), assignment()];
    tab.emit("assignment", cancelled);
    await activity("computing");
    tab.emit("cancel", { token: cancelled.token });
    tab.emit("assignment", next);
    await aMoment();
    letGo();
    await until(() => expect(heard.result).toHaveLength(1));
    expect(heard.result[0]!.token).toBe(next.token);
    expect(heard.failed).toEqual([]);
    expect(status.counts).toMatchObject({ cancelled: 1 });
    expect(heard.returned).toEqual([{ token: cancelled.token }]);
  });

  test("paused, it finishes what runs, gives back what waits, and takes nothing new", async () => {
    const running = await welcomed();
    const letGo = heldBack();
    const [first, second, third] = [assignment(), assignment(), assignment()];
    tab.emit("assignment", first);
    tab.emit("assignment", second);
    await activity("computing");
    await aMoment();
    running.hold(PAUSED);
    expect(status.activity).toMatchObject({
      kind: "held",
      because: PAUSED,
      finishing: { assignment: { assignmentId: first.assignmentId } },
    });
    tab.emit("assignment", third);
    await until(() =>
      expect(heard.returned.map(({ token }) => token).sort()).toEqual([second.token, third.token].sort()),
    );
    letGo();
    await until(() => expect(heard.result.map(({ token }) => token)).toEqual([first.token]));
    await until(() => expect(status.activity).toEqual({ kind: "held", because: PAUSED, finishing: null }));
    running.hold(null);
    await until(() => expect(heard.availability).toEqual([true, false, true]));
  });

  test("stopped, nothing further is taken or sent, and thread and connection are gone at once", async () => {
    const running = await welcomed();
    const letGo = heldBack();
    tab.emit("assignment", assignment());
    await activity("computing");
    const closed = new Promise((resolve) => tab.once("disconnect", resolve));
    running.stop();
    expect(status.activity).toEqual({ kind: "off", why: "stopped" });
    expect(threadsEnded).toBe(1);
    await closed;
    letGo();
    await aMoment();
    expect(heard.result).toEqual([]);
    expect(heard.failed).toEqual([]);
    expect(io.engine.clientsCount).toBe(0);
    expect(status.activity.kind).toBe("off");
  });

  test("stopped while it still chose its back-end, it never connects", async () => {
    start().stop();
    await aMoment();
    expect(heard.identify).toEqual([]);
    expect(status.activity.kind).toBe("off");
  });
});

describe("finish, then stop", () => {
  test("what runs is sent first, nothing new is taken, then the session is over", async () => {
    const running = await welcomed();
    const letGo = heldBack();
    const [first, second] = [assignment(), assignment()];
    tab.emit("assignment", first);
    await activity("computing");
    running.finishThenStop();
    expect(status.activity).toMatchObject({ kind: "held", because: { kind: "finishing" } });
    tab.emit("assignment", second);
    await until(() => expect(heard.returned).toEqual([{ token: second.token }]));
    expect(threadsEnded).toBe(0);
    letGo();
    await activity("off");
    expect(status.activity).toEqual({ kind: "off", why: "finished" });
    expect(heard.result.map(({ token }) => token)).toEqual([first.token]);
    expect(threadsEnded).toBe(1);
  });

  test("with nothing under way it is over at once", async () => {
    const running = await welcomed();
    running.finishThenStop();
    expect(status.activity).toEqual({ kind: "off", why: "finished" });
  });
});

describe("duty cycle", () => {
  test("after work it rests: what comes meanwhile begins only then, and a short rest is not announced", async () => {
    const begunAtMs: number[] = [];
    compute = async ({ rowCount }) => {
      begunAtMs.push(performance.now());
      return new Float32Array(rowCount * outputSize);
    };
    // The thread says that each batch took 1 ms; at this intensity the rest after it is 200 ms.
    await welcomed({ intensity: 1 / 201 });
    tab.emit("assignment", assignment());
    await until(() => expect(heard.result).toHaveLength(1));
    tab.emit("assignment", assignment());
    await activity("resting");
    await until(() => expect(heard.result).toHaveLength(2));
    expect(begunAtMs[1]! - begunAtMs[0]!).toBeGreaterThan(190);
    expect(heard.availability).toEqual([true]);
  });

  test("a long rest is announced before the result, and its end too", async () => {
    const order: string[] = [];
    await welcomed({ intensity: 1 / 1_300 });
    tab.onAny((name) => order.push(name));
    tab.emit("assignment", assignment());
    await until(() => expect(heard.availability).toEqual([true, false, true]));
    expect(order).toEqual(["availability", "answer", "availability"]);
  });

  test("cancelled while it waits for the end of a rest, work is given back at once", async () => {
    await welcomed({ intensity: 1 / 1_000 });
    tab.emit("assignment", assignment());
    await until(() => expect(heard.result).toHaveLength(1));
    const waiting = assignment();
    tab.emit("assignment", waiting);
    tab.emit("cancel", { token: waiting.token });
    await until(() => expect(heard.returned).toEqual([{ token: waiting.token }]));
  });

  test("at full intensity it never rests", async () => {
    await welcomed();
    for (let i = 0; i < 3; i++) tab.emit("assignment", assignment());
    await until(() => expect(heard.result).toHaveLength(3));
    expect(heard.availability).toEqual([true]);
  });
});

test("a computer that slept connects anew at once", async () => {
  const running = await welcomed();
  running.reconnect();
  expect(status.activity).toMatchObject({ kind: "reconnecting", reason: "slept" });
  running.retryNow();
  await activity("waiting");
  expect(heard.identify).toHaveLength(2);
});

test("work, computing time and traffic are counted", async () => {
  await welcomed();
  tab.emit("assignment", assignment());
  await until(() => expect(status.counts.answered).toBe(1));
  expect(status.computedMs).toBe(1);
  const traffic = status.trafficBytes;
  expect(traffic).toBeGreaterThan(200);
  // A model is fetched beside the socket, and counts as well.
  const other = Uint8Array.from({ length: 5_000 }, (_, i) => i % 7);
  const sha256 = createHash("sha256").update(other).digest("hex");
  blobs.set(sha256, other);
  tab.emit("assignment", assignment({ model: { sha256, bytes: other.length } }));
  await until(() => expect(status.counts.answered).toBe(2));
  expect(status.trafficBytes - traffic).toBeGreaterThan(other.length);
  tab.emit("credit", { macs: 9, assignments: 2 });
  await until(() => expect(status.creditMarks.map(({ macs }) => macs)).toEqual([7, 9]));
});

test("an invitation goes with the signature", async () => {
  await welcomed({ invitation: "an-invitation-of-22-characters" });
  expect(heard.identify[0]).toMatchObject({ invitation: "an-invitation-of-22-characters" });
});

test("a code for a seat goes with the signature, and one that is typed later makes the tab come again with it", async () => {
  const running = await welcomed({ seat: "ABCD-EFGH" });
  expect(heard.identify[0]).toMatchObject({ seat: "ABCD-EFGH" });
  expect(status.seat).toEqual({ sheet: "7b", number: 3 });
  running.sit("2345-6789");
  expect(status.seat).toBeNull();
  expect(status.activity).toMatchObject({ kind: "reconnecting", reason: "seat-code" });
  await until(() => expect(heard.identify[1]).toMatchObject({ seat: "2345-6789" }));
  await activity("waiting");
});

test("[PR90] what the volunteer chose goes with the signature, and what it chooses later is said once, on each connection", async () => {
  const chosen = { projects: ["ada"], refused: [] };
  const running = await welcomed({ choice: chosen });
  expect(heard.identify[0]).toMatchObject({ choice: chosen });
  running.choose({ ...chosen });
  running.choose(null);
  running.choose({ projects: null, refused: ["job-1"] });
  await until(() => expect(heard.choice).toEqual([null, { projects: null, refused: ["job-1"] }]));
  const { port } = http.address() as AddressInfo;
  await io.close();
  await activity("reconnecting");
  await listen(port);
  await until(() => expect(heard.identify).toHaveLength(2));
  expect(heard.identify[1]).toMatchObject({ choice: { projects: null, refused: ["job-1"] } });
});

test("a thread whose memory ran out is replaced, and the next batch is done", async () => {
  await welcomed();
  compute = async () => {
    throw new RangeError("WebAssembly.Memory.grow(): out of memory");
  };
  tab.emit("assignment", assignment());
  await until(() => expect(heard.failed).toHaveLength(1));
  await until(() => expect(threadsEnded).toBe(1));
  compute = async () => new Float32Array(6);
  tab.emit("assignment", assignment());
  await until(() => expect(heard.result).toHaveLength(1));
});

test("[PC7] [PC10] a thread that took the place of another one may compute on another back-end: the coordinator is told before a result of it", async () => {
  const backends: BackendName[] = ["wasm", "webgl", "webgl"];
  await welcomed({ createComputeThread: () => createComputeThread(backends.shift()) });
  tab.emit("assignment", assignment());
  await until(() => expect(heard.result).toHaveLength(1));
  expect([heard.identify[0]!.backend, heard.backend]).toEqual(["wasm", []]);
  const usual = compute;
  compute = async () => {
    throw new RangeError("WebAssembly.Memory.grow(): out of memory");
  };
  tab.emit("assignment", assignment());
  await until(() => expect(heard.failed).toHaveLength(1));
  await until(() => expect(threadsEnded).toBe(1));
  compute = usual;
  const toldAt: number[] = [];
  tab.on("backend", () => toldAt.push(heard.result.length));
  for (let n = 0; n < 2; n++) tab.emit("assignment", assignment());
  await until(() => expect(heard.result).toHaveLength(3));
  expect([heard.backend, toldAt]).toEqual([[{ modelSha256, backend: "webgl" }], [1]]);
});

test("[PC11] a tab that computes all on a card, and is told that cards are left out, says that it computes that model in WebAssembly", async () => {
  await welcomed({ createComputeThread: () => createComputeThread("webgl") });
  const told = { jobName: "a job", message: "cards may differ", modelSha256, backend: "webgl" };
  tab.emit("unfit", told);
  await until(() => expect(heard.backend).toEqual([{ modelSha256, backend: "wasm" }]));
  expect(status.unfit).toEqual([]);
  expect(status.choices[0]).toMatchObject({
    modelSha256,
    backend: "wasm",
    tried: [{ backend: "wasm" }, { backend: "webgl" }],
  });
  // It is on no card any more: there is nothing left that it could take in its place.
  tab.emit("unfit", { ...told, backend: "wasm" });
  await until(() => expect(status.unfit).toHaveLength(1));
  expect(heard.backend).toHaveLength(1);
});

test("after a restart of the coordinator the tab comes back by itself, still paused if it was", async () => {
  const running = await welcomed();
  running.hold(PAUSED);
  await until(() => expect(heard.availability).toEqual([true, false]));
  const { port } = http.address() as AddressInfo;
  await io.close();
  await activity("reconnecting");
  const { retryAtMs } = status.activity as Extract<SessionStatus["activity"], { kind: "reconnecting" }>;
  expect(retryAtMs).toBeGreaterThan(Date.now() - 1_000);
  await listen(port);
  await activity("held");
  await until(() => expect(heard.availability).toEqual([true, false, false]));
  expect(heard.identify).toHaveLength(2);
});
