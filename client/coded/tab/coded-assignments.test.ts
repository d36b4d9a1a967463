/**
 * Shards and products on the work desk: blobs and uploads over a real HTTP server, the computation by the real holder of
 * shards with plain kernels. What lies between, the Web Worker, is spared here.
 */
import { createHash, randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ProductAssignment, ShardAssignment } from "../../../shared/coded/assignments.ts";
import { createPlainKernels } from "../../../shared/compute/field/plain-kernels.ts";
import { MODULUS } from "../../../shared/field/modulus.ts";
import { matrixProduct } from "../../../shared/field/products.ts";
import { randomResidues } from "../../../shared/field/random-residues.ts";
import { type AssignmentMessage, assignmentSchema } from "../../../shared/kinds/assignments.ts";
import { decodeFrame, encodeFrame } from "../../../shared/protocol/frame.ts";
import { RESULT_INLINE_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import { type Result, resultSchema } from "../../../shared/protocol/messages.ts";
import { simulationRandom } from "../../../shared/random/simulation-random.ts";
import { createHeldShards, type HeldShards } from "../../compute/held-shards.ts";
import { ComputeThreadError, type ComputeThreadLink } from "../../session/compute-thread-link.ts";
import { createWorkDesk, type WorkDesk } from "../../session/work-desk.ts";

const ROWS = 5;
const COLUMNS = 7;
const random = simulationRandom(30_402);

function makeShard(rows = ROWS, columns = COLUMNS) {
  const [forward, backward] = [
    randomResidues(rows * columns, MODULUS, random),
    randomResidues(rows * columns, MODULUS, random),
  ];
  const frame = encodeFrame({
    forward: { dtype: "U32", shape: [rows, columns], data: forward },
    backward: { dtype: "U32", shape: [columns, rows], data: backward },
  });
  const sha256 = served(frame);
  const message = {
    sha256,
    bytes: frame.length,
    forward: { rows, columns },
    backward: { rows: columns, columns: rows },
  };
  return { forward, backward, message };
}

function vectorFrame(length: number, width = 1) {
  const residues = randomResidues(length * width, MODULUS, random);
  return { residues, frame: encodeFrame({ vector: { dtype: "U32", shape: [length, width], data: residues } }) };
}

/** What GET /blobs gives, by hash. */
let blobs: Map<string, Uint8Array>;
/** Downloads that hang until the client gives up. */
let stuck: Set<string>;
let downloads: string[];
let uploads: { authorization: string | undefined; bytes: Buffer }[];
let uploadStatus: number;
let http: Server;

function served(bytes: Uint8Array): string {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  blobs.set(sha256, bytes);
  return sha256;
}

beforeEach(async () => {
  blobs = new Map();
  stuck = new Set();
  downloads = [];
  uploads = [];
  uploadStatus = 200;
  http = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { authorization } = request.headers;
    if (request.method === "PUT") {
      uploads.push({ authorization, bytes: Buffer.concat(chunks) });
      response.writeHead(uploadStatus).end("{}");
      return;
    }
    const sha256 = request.url!.replace("/blobs/", "");
    downloads.push(`${sha256} ${authorization}`);
    if (stuck.has(sha256)) return;
    const bytes = blobs.get(sha256);
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  await new Promise<void>((listening) => http.listen(0, "127.0.0.1", listening));
});
afterEach(async () => {
  http.closeAllConnections();
  await new Promise((closed) => http.close(closed));
});

interface Heard {
  results: Result[];
  failed: { token: string; message: string }[];
  returned: string[];
  begun: string[];
  ended: string[];
}

/** @param shards what the compute thread does; a fresh holder with plain kernels */
function openDesk(changes: Partial<HeldShards> = {}): { desk: WorkDesk; heard: Heard; shards: HeldShards } {
  const plain = { backend: "plain" as const, create: async () => createPlainKernels() };
  const inner = createHeldShards({ candidates: [plain], bytesMax: 1e9, nowMs: () => 0 });
  const shards = { ...inner, ...changes };
  const computeThread: ComputeThreadLink = {
    start: async () => undefined,
    holdsModel: async () => false,
    putAside: () => undefined,
    addModel: () => Promise.reject(new Error("no models in these tests")),
    run: () => Promise.reject(new Error("no batches in these tests")),
    holdsShard: async (sha256) => shards.holds(sha256),
    addShard: (sha256, frame) => shards.add(sha256, frame),
    multiply: (task) => shards.multiply(task),
    restart: () => undefined,
    stop: () => undefined,
  };
  const heard: Heard = { results: [], failed: [], returned: [], begun: [], ended: [] };
  const desk = createWorkDesk({
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    computeThread,
    sign: async () => new Uint8Array(64),
    handOver: () => undefined,
    nowMs: () => 0,
    isResting: () => false,
    onBegun: ({ work }) => heard.begun.push(work),
    onOutcome: () => undefined,
    onMoved: () => undefined,
    onEnded: ({ work }, outcome) => heard.ended.push(`${work} ${outcome}`),
    async answer(result) {
      heard.results.push(resultSchema.parse(result));
      return "received";
    },
    reportFailure: (token, message) => heard.failed.push({ token, message }),
    reportReturned: (token) => heard.returned.push(token),
  });
  return { desk, heard, shards };
}

function common() {
  const token = randomBytes(18).toString("base64url");
  return {
    token,
    assignmentId: token,
    jobId: "j",
    jobName: "spam",
    submitter: "Ada",
    roundIndex: 3,
    workerIndex: 1,
    deadlineMs: 5_000,
  };
}

const parsed = <One extends AssignmentMessage>(assignment: One): One => assignmentSchema.parse(assignment) as One;

function shardAssignment(shard: ShardAssignment["shard"]): ShardAssignment<"regression"> {
  return parsed({ ...common(), kind: "regression", work: "shard", shard });
}

function productAssignment(
  shard: ShardAssignment["shard"],
  vector: ProductAssignment["vector"],
  changes: Partial<ProductAssignment<"regression">> = {},
): ProductAssignment<"regression"> {
  return parsed({
    ...common(),
    kind: "regression",
    work: "product",
    shard,
    product: "forward",
    vector,
    width: 1,
    ...changes,
  });
}

const until = (isSo: () => void) => vi.waitFor(isSo, { timeout: 60_000, interval: 5 });

function productsOf(result: Result | undefined): Uint32Array {
  if (result?.output.kind !== "inline") throw new Error("expected an inline result");
  const { products } = decodeFrame(result.output.frame);
  return products!.data as Uint32Array;
}

describe("a shard", () => {
  test("[PR14] is fetched once with its token, kept, and said to be held; the second time at once", async () => {
    const { desk, heard, shards } = openDesk();
    const { message } = makeShard();
    const [first, second] = [shardAssignment(message), shardAssignment(message)];
    desk.take(first);
    desk.take(second);
    await until(() => expect(heard.results).toHaveLength(2));
    expect(heard.results).toEqual([
      { token: first.token, computeMs: 0, output: { kind: "held" } },
      { token: second.token, computeMs: 0, output: { kind: "held" } },
    ]);
    expect(downloads).toEqual([`${message.sha256} Bearer ${first.token}`]);
    expect(shards.holds(message.sha256)).toBe(true);
    await until(() => expect(heard.ended).toEqual(["shard answered", "shard answered"]));
  });

  test("[PR14] whose bytes are others than its hash says is not kept", async () => {
    const { desk, heard, shards } = openDesk();
    const { message } = makeShard();
    blobs.set(message.sha256, new Uint8Array(message.bytes));
    desk.take(shardAssignment(message));
    await until(() => expect(heard.failed[0]?.message).toMatch(/expected sha-256/));
    expect(shards.holds(message.sha256)).toBe(false);
    expect(heard.ended).toEqual(["shard failed"]);
  });

  test("[PR14] that is no shard fails the assignment, with what was expected", async () => {
    const { desk, heard } = openDesk();
    const matrix = { dtype: "U32" as const, shape: [1, 1], data: Uint32Array.of(1) };
    const frame = encodeFrame({ forward: matrix, sideways: matrix });
    const shape = { rows: 1, columns: 1 };
    desk.take(shardAssignment({ sha256: served(frame), bytes: frame.length, forward: shape, backward: shape }));
    await until(() => expect(heard.failed[0]?.message).toMatch(/"forward" and "backward" alone, got "sideways"/));
  });

  test("[PR18] on its way holds up no product, and is let go of when it is cancelled", async () => {
    const { desk, heard } = openDesk();
    const [held, other] = [makeShard().message, makeShard().message];
    desk.take(shardAssignment(held));
    await until(() => expect(heard.results).toHaveLength(1));
    stuck.add(other.sha256);
    const slow = shardAssignment(other);
    desk.take(slow);
    await until(() => expect(downloads).toHaveLength(2));
    desk.take(productAssignment(held, { kind: "inline", frame: vectorFrame(COLUMNS).frame }));
    await until(() => expect(heard.results).toHaveLength(2));
    desk.cancel(slow.token);
    await until(() => expect(heard.returned).toEqual([slow.token]));
    expect(heard.ended).toEqual(["shard answered", "product answered", "shard cancelled"]);
    expect(heard.failed).toEqual([]);
  });
});

describe("a product", () => {
  test.each([
    ["forward", 1],
    ["forward", 3],
    ["backward", 1],
    ["backward", 10],
  ] as const)("[PR15] %s of width %i is that of the held matrix, exactly", async (product, width) => {
    const { desk, heard } = openDesk();
    const shard = makeShard();
    const { rows, columns } = shard.message[product];
    const { residues, frame } = vectorFrame(columns, width);
    desk.take(shardAssignment(shard.message));
    await until(() => expect(heard.results).toHaveLength(1));
    desk.take(productAssignment(shard.message, { kind: "inline", frame }, { product, width }));
    await until(() => expect(heard.results).toHaveLength(2));
    expect(productsOf(heard.results[1])).toEqual(
      matrixProduct(shard[product], rows, columns, residues, width, MODULUS),
    );
    expect(downloads).toHaveLength(1);
  });

  test("[PR15] of a shard that is not held any more fetches it first, with its own token", async () => {
    const { desk, heard } = openDesk();
    const shard = makeShard();
    const { residues, frame } = vectorFrame(COLUMNS);
    const product = productAssignment(shard.message, { kind: "inline", frame });
    desk.take(product);
    await until(() => expect(heard.results).toHaveLength(1));
    const expected = matrixProduct(shard.forward, ROWS, COLUMNS, residues, 1, MODULUS);
    expect(productsOf(heard.results[0])).toEqual(expected);
    expect(downloads).toEqual([`${shard.message.sha256} Bearer ${product.token}`]);
  });

  test("[PR14] the vector of a round is fetched once for all its shards, and the next round's anew", async () => {
    const { desk, heard } = openDesk();
    const shards = [makeShard(), makeShard(), makeShard()];
    for (const { message } of shards) desk.take(shardAssignment(message));
    await until(() => expect(heard.results).toHaveLength(3));
    downloads = [];
    const rounds = [vectorFrame(COLUMNS), vectorFrame(COLUMNS)].map((vector) => ({
      ...vector,
      payload: { kind: "blob" as const, sha256: served(vector.frame), bytes: vector.frame.length },
    }));
    const products = rounds.flatMap(({ payload }) => shards.map(({ message }) => productAssignment(message, payload)));
    for (const product of products) desk.take(product);
    await until(() => expect(heard.results).toHaveLength(9));
    expect(downloads).toEqual([
      `${rounds[0]!.payload.sha256} Bearer ${products[0]!.token}`,
      `${rounds[1]!.payload.sha256} Bearer ${products[3]!.token}`,
    ]);
    const expected = rounds.flatMap(({ residues }) =>
      shards.map(({ forward }) => matrixProduct(forward, ROWS, COLUMNS, residues, 1, MODULUS)),
    );
    expect(heard.results.slice(3).map(productsOf)).toEqual(expected);
  });

  test("too large for a message is uploaded first, with its token", async () => {
    const { desk, heard } = openDesk();
    const rows = RESULT_INLINE_BYTES_MAX / 4;
    const shard = makeShard(rows, 1);
    const { residues, frame } = vectorFrame(1);
    const product = productAssignment(shard.message, { kind: "inline", frame });
    desk.take(product);
    await until(() => expect(heard.results).toHaveLength(1));
    expect(heard.results[0]!.output).toEqual({ kind: "uploaded" });
    expect(uploads[0]!.authorization).toBe(`Bearer ${product.token}`);
    const { products } = decodeFrame(Uint8Array.from(uploads[0]!.bytes));
    expect(products!.shape).toEqual([rows, 1]);
    const expected = matrixProduct(shard.forward, rows, 1, residues, 1, MODULUS);
    expect((products!.data as Uint32Array).every((residue, row) => residue === expected[row])).toBe(true);
  });

  test("whose upload nobody needs any more is late, not failed", async () => {
    const { desk, heard } = openDesk();
    uploadStatus = 409;
    const shard = makeShard(RESULT_INLINE_BYTES_MAX / 4, 1);
    desk.take(productAssignment(shard.message, { kind: "inline", frame: vectorFrame(1).frame }));
    await until(() => expect(heard.ended).toEqual(["product late"]));
    expect(heard.returned).toHaveLength(1);
    expect(heard.results).toEqual([]);
    expect(heard.failed).toEqual([]);
  });

  test.each<[string, (shard: ReturnType<typeof makeShard>["message"]) => ProductAssignment<"regression">, RegExp]>([
    [
      "with a vector of another shape",
      (shard) => productAssignment(shard, { kind: "inline", frame: vectorFrame(COLUMNS + 1).frame }),
      /expected a tensor "vector" U32 \[7,1\], got U32 \[8,1\]/,
    ],
    [
      "with a vector that is none of residues",
      (shard) => {
        const data = new Uint32Array(COLUMNS).fill(MODULUS);
        const frame = encodeFrame({ vector: { dtype: "U32", shape: [COLUMNS, 1], data } });
        return productAssignment(shard, { kind: "inline", frame });
      },
      /expected residues in \[0, 2147483647\), got 2147483647 at 0/,
    ],
    [
      "backward of a shard that has no such matrix",
      (shard) => {
        const message = { ...shard, backward: null };
        const vector = { kind: "inline" as const, frame: vectorFrame(ROWS).frame };
        return productAssignment(message, vector, { product: "backward" });
      },
      /expected a shard with a backward matrix, got one without/,
    ],
    [
      "of a shard with other rows than announced",
      (shard) => {
        const message = { ...shard, forward: { rows: ROWS + 1, columns: COLUMNS } };
        return productAssignment(message, { kind: "inline", frame: vectorFrame(COLUMNS).frame });
      },
      /expected 6 x 1 products, got 5/,
    ],
  ])("[PR15] %s fails, with what was expected and what came", async (_what, assignment, message) => {
    const { desk, heard } = openDesk();
    const product = assignment(makeShard().message);
    desk.take(product);
    await until(() => expect(heard.failed).toHaveLength(1));
    expect(heard.failed[0]).toMatchObject({ token: product.token, message: expect.stringMatching(message) });
    expect(heard.ended).toEqual(["product failed"]);
    expect(heard.results).toEqual([]);
  });

  test("whose back-end fails is tried once more, with the shard fetched anew", async () => {
    let failures = 0;
    const plain = { backend: "plain" as const, create: async () => createPlainKernels() };
    const inner = createHeldShards({ candidates: [plain], bytesMax: 1e9, nowMs: () => 0 });
    const lost = new Set<string>();
    const { desk, heard } = openDesk({
      holds: (sha256) => inner.holds(sha256) && !lost.has(sha256),
      async add(sha256, frame) {
        lost.delete(sha256);
        await inner.add(sha256, frame);
      },
      async multiply(task) {
        if (failures++ > 0) return inner.multiply(task);
        lost.add(task.shardSha256);
        throw new Error("injected: context lost");
      },
    });
    const shard = makeShard();
    const { residues, frame } = vectorFrame(COLUMNS);
    desk.take(productAssignment(shard.message, { kind: "inline", frame }));
    await until(() => expect(heard.results).toHaveLength(1));
    expect(productsOf(heard.results[0])).toEqual(matrixProduct(shard.forward, ROWS, COLUMNS, residues, 1, MODULUS));
    expect(downloads).toHaveLength(2);
    expect(heard.failed).toEqual([]);
  });

  test("whose thread was ended is reported, not tried again", async () => {
    const { desk, heard } = openDesk({ multiply: () => Promise.reject(new ComputeThreadError("no answer in time")) });
    desk.take(productAssignment(makeShard().message, { kind: "inline", frame: vectorFrame(COLUMNS).frame }));
    await until(() => expect(heard.failed[0]?.message).toBe("no answer in time"));
    expect(downloads).toHaveLength(1);
  });
});

describe("cancelling products", () => {
  /** Multiplies when it is told to. */
  function heldBack() {
    let letGo!: () => void;
    const gate = new Promise<void>((open) => {
      letGo = open;
    });
    const multiply: HeldShards["multiply"] = async ({ width }) => {
      await gate;
      return { residues: new Uint32Array(ROWS * width), computeMs: 1, backend: "plain" };
    };
    return { multiply, letGo };
  }

  test("[PR17] one under way is given back once the compute thread is free of it, one that waits at once", async () => {
    const { multiply, letGo } = heldBack();
    const { desk, heard } = openDesk({ multiply });
    const { message } = makeShard();
    const products = Array.from({ length: 3 }, () =>
      productAssignment(message, { kind: "inline", frame: vectorFrame(COLUMNS).frame }),
    );
    for (const product of products) desk.take(product);
    await until(() => expect(downloads).toHaveLength(1));
    desk.cancel(products[1]!.token);
    expect(heard.returned).toEqual([products[1]!.token]);
    desk.cancel(products[0]!.token);
    letGo();
    await until(() => expect(heard.results.map(({ token }) => token)).toEqual([products[2]!.token]));
    expect(heard.returned).toEqual([products[1]!.token, products[0]!.token]);
    await until(() => expect(heard.ended).toEqual(["product cancelled", "product answered"]));
    expect(heard.begun).toEqual(["product", "product"]);
    expect(heard.failed).toEqual([]);
  });

  test("without a connection everything is let go of, and what comes later is done", async () => {
    const { multiply, letGo } = heldBack();
    const { desk, heard } = openDesk({ multiply });
    const { message } = makeShard();
    const vector = { kind: "inline" as const, frame: vectorFrame(COLUMNS).frame };
    for (let i = 0; i < 3; i++) desk.take(productAssignment(message, vector));
    await until(() => expect(heard.begun).toHaveLength(1));
    desk.clear();
    letGo();
    const next = productAssignment(message, vector);
    desk.take(next);
    await until(() => expect(heard.results.map(({ token }) => token)).toEqual([next.token]));
    expect(heard.begun).toHaveLength(2);
  });

  test("[PR17] a pause gives back what has not begun, shards as well as products", async () => {
    const { multiply, letGo } = heldBack();
    const { desk, heard } = openDesk({ multiply });
    const [held, other] = [makeShard().message, makeShard().message];
    const vector = { kind: "inline" as const, frame: vectorFrame(COLUMNS).frame };
    stuck.add(other.sha256);
    const [running, waiting] = [productAssignment(held, vector), productAssignment(held, vector)];
    const [fetching, queued] = [shardAssignment(other), shardAssignment(other)];
    for (const assignment of [running, waiting, fetching, queued]) desk.take(assignment);
    await until(() => expect(heard.begun.sort()).toEqual(["product", "shard"]));
    desk.giveBackWaiting();
    expect(heard.returned).toEqual([waiting.token, queued.token]);
    letGo();
    await until(() => expect(heard.results.map(({ token }) => token)).toEqual([running.token]));
  });
});
