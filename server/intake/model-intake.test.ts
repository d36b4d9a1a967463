import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ByteSpace, inMemory } from "../../shared/compute/byte-space.ts";
import { FREE } from "../../shared/compute/runtimes/onnx/onnx-topology.ts";
import { smallOnnx } from "../../shared/compute/runtimes/onnx/testing/small-onnx.ts";
import { MNIST_MODEL_FILES } from "../samples/mnist.ts";
import { sha256Hex } from "../sha256-hex.ts";
import { type ModelIntake, openModelIntake, type PreparedUpload, plainIntake } from "./model-intake.ts";
import { prepareModel } from "./prepare-model.ts";
import type { ReceivedFile } from "./received-file.ts";

let folder: string;
let intake: ModelIntake;
/** Of which everything goes to the disk. */
let onDisk: ModelIntake;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "paritab-intake-"));
  intake = await openModelIntake(join(folder, "memory"));
  onDisk = await openModelIntake(join(folder, "disk"), 64);
});
afterAll(async () => {
  await intake.close();
  await onDisk.close();
  await rm(folder, { recursive: true, force: true });
});

async function upload() {
  const { modelJson, weights } = MNIST_MODEL_FILES;
  const paths = [{ name: "model.json", path: modelJson }, ...weights];
  return Promise.all(paths.map(async ({ name, path }) => ({ name, bytes: await readFile(path) })));
}

async function* inChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield Uint8Array.from(bytes.subarray(at, at + 1000));
}

async function receive(
  by: ModelIntake,
  files: readonly { name: string; bytes: Uint8Array }[],
): Promise<ReceivedFile[]> {
  const received: ReceivedFile[] = [];
  for (const { name, bytes } of files) received.push(await by.receive(name, inChunks(bytes), received));
  return received;
}

async function whole(taken: PreparedUpload) {
  if ("problem" in taken) return taken;
  const chunks: Uint8Array[] = [];
  for await (const chunk of taken.chunks()) chunks.push(chunk);
  return { outputs: taken.outputs, byteCount: taken.byteCount, bundle: sha256Hex(Buffer.concat(chunks)) };
}

/** 3,000 x 1,000 float32 numbers, 12 MB, and a small one. */
const LARGE_BYTES = 12_000_000;
const large = (): Uint8Array =>
  smallOnnx({
    input: { name: "x", shape: [FREE, 3_000] },
    outputs: ["y"],
    nodes: [
      { op: "MatMul", inputs: ["x", "w"], outputs: ["p"], attributes: {} },
      { op: "Reshape", inputs: ["p", "shape"], outputs: ["y"], attributes: {} },
    ],
    integers: { shape: { dtype: "int64", shape: [2], values: [-1, 1_000] } },
    weights: [{ name: "w", shape: [3_000, 1_000], values: new Float32Array(LARGE_BYTES / 4).fill(0.5) }],
  });

describe("model intake", () => {
  it("[PR26] what the thread finds is what is found in line, in memory and on the disk, several uploads at once included", async () => {
    const verdict = await prepareModel(await upload());
    if ("problem" in verdict) throw new Error(verdict.problem);
    const expected = {
      outputs: verdict.outputs,
      byteCount: verdict.bundle.length,
      bundle: sha256Hex(inMemory(verdict.bundle)),
    };
    for (const by of [intake, onDisk, plainIntake()]) {
      const taken = [0, 1, 2].map(async () => by.takeIn(await receive(by, await upload()), whole, "ada"));
      for (const one of await Promise.all(taken)) expect(one).toEqual(expected);
    }
  });

  it("[PR26] a bad model is a sentence, not an exception", async () => {
    const [, ...weightFiles] = await upload();
    const modelJson = { name: "model.json", bytes: Buffer.from("{ not json") };
    for (const by of [intake, onDisk]) {
      const files = await receive(by, [modelJson, ...weightFiles]);
      expect(await by.takeIn(files, whole, "ada")).toEqual({
        problem: expect.stringMatching(/^model\.json: expected JSON/),
      });
    }
  });

  it("[PR26] small Buffers, which share one pool in Node, do not take their neighbours with them", async () => {
    const neighbour = Buffer.from("neighbour");
    const modelJson = { name: "model.json", bytes: Buffer.from("{}") };
    await intake.takeIn([modelJson, { name: "w", bytes: Buffer.from("x") }], whole, "ada");
    expect(neighbour.toString()).toBe("neighbour");
  });

  it("[PR101] nothing is left on the disk: of a model that was taken, refused or dropped, nor of an upload that broke off or whose taker failed", async () => {
    const left = () => readdir(join(folder, "disk"));
    const files = await receive(onDisk, await upload());
    expect(await left()).not.toEqual([]);
    await onDisk.takeIn(files, whole, "ada");
    expect(await left()).toEqual([]);
    await onDisk.takeIn([await onDisk.receive("m.onnx", inChunks(new Uint8Array(5000)), [])], whole, "ada");
    await onDisk.drop(await receive(onDisk, await upload()));
    const failing = onDisk.takeIn(
      await receive(onDisk, await upload()),
      () => Promise.reject(new Error("full")),
      "ada",
    );
    await expect(failing).rejects.toThrow("full");
    const broken = async function* () {
      yield new Uint8Array(5000);
      throw new Error("gone");
    };
    await expect(onDisk.receive("m.onnx", broken(), [])).rejects.toThrow("gone");
    expect(await left()).toEqual([]);
  });

  it("[PR101] of many small files no more stays in memory than of a large one", async () => {
    const parts = Array.from({ length: 5 }, (_, n) => ({ name: `part-${n}`, bytes: new Uint8Array(30) }));
    const files = await receive(onDisk, parts);
    expect(files.map((file) => "path" in file)).toEqual([false, false, true, true, true]);
    await onDisk.drop(files);
    expect(await readdir(join(folder, "disk"))).toEqual([]);
  });

  it("[PR101] of a large weight no more than a piece is read at a time, wherever it lies", async () => {
    const file = large();
    let most = 0;
    const space: ByteSpace = {
      length: file.length,
      subarray(start, end) {
        most = Math.max(most, end - start);
        return file.subarray(start, end);
      },
    };
    const far = await prepareModel([{ name: "model.onnx", bytes: space }]);
    const near = await prepareModel([{ name: "model.onnx", bytes: file }]);
    if ("problem" in far || "problem" in near) throw new Error("expected a model");
    expect(far.outputs).toEqual(near.outputs);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(LARGE_BYTES / 2);
    expect(sha256Hex(inMemory(far.bundle))).toBe(sha256Hex(inMemory(near.bundle)));
  });
});
