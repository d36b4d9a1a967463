/** A published model on its own library, as its authors ship it: onnxruntime (native where Python has it, else its WebAssembly), tfjs. */
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as ort from "onnxruntime-web/wasm";
import { tfjsWasmFiles } from "../../../server/numerics/runtime-assets.ts";
import type { NamedFile } from "../../../shared/compute/runtimes/runtime-description.ts";
import { encodeNpy, parseNpy } from "../../../shared/protocol/npy.ts";
import type { ZooModel } from "./zoo-models.ts";

export interface Direct {
  /** Of the same library in WebAssembly, which tabs run, where `by` is another build of it. */
  readonly wasmOutputs?: Float32Array;
  /** "onnxruntime (native)", ... */
  readonly by: string;
  /** Row after row. */
  readonly outputs: Float32Array;
  readonly msPerRow: number;
}

export interface DirectRows {
  /** Of one row. */
  readonly shape: readonly number[];
  /** One after another. */
  readonly rows: Float32Array;
  readonly isWhole: boolean;
}

export async function runDirectly(model: ZooModel, files: readonly NamedFile[], given: DirectRows): Promise<Direct> {
  const { shape, rows } = given;
  if (model.kind === "tfjs") return byTfjs(model, files, given);
  const main = files[0]!.bytes;
  const [native, wasm] = [await byPython(main, model, shape, rows), await byWasm(main, model, shape, rows)];
  return native === null ? wasm : { ...native, wasmOutputs: wasm.outputs };
}

/** No axis of a tensor is as long. */
const AXIS_END = 2 ** 31;
const PYTHONS = ["python3", "/usr/bin/python3"];

async function byPython(
  main: Uint8Array,
  { output, values = {} }: ZooModel,
  shape: readonly number[],
  rows: Float32Array,
) {
  const python = PYTHONS.find((one) => spawnSync(one, ["-c", "import numpy, onnxruntime"]).status === 0);
  if (python === undefined) return null;
  const folder = await mkdtemp(join(tmpdir(), "paritab-zoo-"));
  const path = (name: string) => join(folder, name);
  try {
    await writeFile(path("model.onnx"), main);
    await writeFile(
      path("rows.npy"),
      encodeNpy({ dtype: "F32", shape: [rows.length / sizeOf(shape), ...shape], data: rows }),
    );
    const script = fileURLToPath(new URL("direct.py", import.meta.url));
    const args = [script, path("model.onnx"), output ?? "", JSON.stringify(values), path("rows.npy"), path("out.npy")];
    const { status, stdout, stderr } = spawnSync(python, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`direct.py: expected answers, got: ${stderr.slice(-400)}`);
    const outputs = Float32Array.from(parseNpy(await readFile(path("out.npy"))).data as Float32Array);
    return { by: "onnxruntime (native)", outputs, msPerRow: Number(stdout) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function byWasm(
  main: Uint8Array,
  { output, values = {} }: ZooModel,
  shape: readonly number[],
  rows: Float32Array,
): Promise<Direct> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(main);
  const name = session.inputNames.find((one) => !Object.hasOwn(values, one))!;
  const chosen = output ?? session.outputNames[0]!;
  const same = Object.fromEntries(Object.entries(values).map(([one, value]) => [one, constant(session, one, value)]));
  const run = async (row: Float32Array) => {
    const given = { ...same, [name]: new ort.Tensor("float32", row, [1, ...shape]) };
    return Float32Array.from((await session.run(given, [chosen]))[chosen]!.data as Float32Array);
  };
  return { by: "onnxruntime-web (WebAssembly, Node)", ...(await timed(rows, sizeOf(shape), run)) };
}

/** What the file leaves free of its shape is 1. */
function constant({ inputMetadata }: ort.InferenceSession, name: string, value: number): ort.Tensor {
  const about = inputMetadata.find((one) => one.name === name);
  if (!about?.isTensor) throw new Error(`zoo: expected a tensor '${name}' among the inputs`);
  // An axis without a name is at times told as 2^32 - 1, which is -1 without its sign.
  const dims = about.shape.map((length) => (typeof length === "number" && length < AXIS_END ? length : 1));
  const size = sizeOf(dims);
  return about.type === "int64"
    ? new ort.Tensor("int64", new BigInt64Array(size).fill(BigInt(value)), dims)
    : new ort.Tensor("float32", new Float32Array(size).fill(value), dims);
}

async function byTfjs(
  { output }: ZooModel,
  files: readonly NamedFile[],
  { shape, rows, isWhole }: DirectRows,
): Promise<Direct> {
  setWasmPaths(tfjsWasmFiles());
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  await tf.setBackend("wasm");
  const json = JSON.parse(new TextDecoder().decode(files[0]!.bytes)) as Pick<
    tf.io.ModelJSON,
    "modelTopology" | "weightsManifest" | "format" | "signature"
  >;
  const shards = json.weightsManifest.flatMap(({ paths }) =>
    paths.map((path) => files.find(({ name }) => name === path)!),
  );
  const handler = tf.io.fromMemory({
    modelTopology: json.modelTopology,
    ...(json.signature === undefined ? {} : { signature: json.signature }),
    weightSpecs: json.weightsManifest.flatMap(({ weights }) => weights),
    weightData: new Uint8Array(Buffer.concat(shards.map(({ bytes }) => bytes))).buffer,
  });
  const isGraph = json.format === "graph-model" || "node" in (json.modelTopology as object);
  const model = await (isGraph ? tf.loadGraphModel(handler) : tf.loadLayersModel(handler));
  const signed = (json.signature as { outputs?: Record<string, { name: string }> } | undefined)?.outputs;
  const node = output === undefined ? undefined : (signed?.[output]?.name ?? output);
  const run = async (row: Float32Array) => {
    const answer = tf.tidy(() => {
      const input = tf.tensor(row, [1, ...shape], isWhole ? "int32" : "float32");
      return (node === undefined || !isGraph ? model.predict(input) : model.execute(input, node)) as tf.Tensor;
    });
    const data = Float32Array.from(await answer.data());
    answer.dispose();
    return data;
  };
  const direct = { by: "tfjs (WebAssembly, Node)", ...(await timed(rows, sizeOf(shape), run)) };
  model.dispose();
  return direct;
}

/** The first row is run once more before, for the time alone. */
async function timed(rows: Float32Array, size: number, run: (row: Float32Array) => Promise<Float32Array>) {
  const row = (at: number) => rows.slice(at * size, (at + 1) * size);
  const count = rows.length / size;
  const { length } = await run(row(0));
  const outputs = new Float32Array(count * length);
  const startMs = performance.now();
  for (let at = 0; at < count; at++) outputs.set(await run(row(at)), at * length);
  return { outputs, msPerRow: (performance.now() - startMs) / count };
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);
