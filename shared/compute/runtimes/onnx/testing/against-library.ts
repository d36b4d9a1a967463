/** What inspection says of every tensor of a graph beside what the library makes of it. */
import * as ort from "onnxruntime-web/wasm";
import { ModelError } from "../../../errors.ts";
import { DTYPE_BYTES } from "../../../model-bundle.ts";
import { type BatchedTensor, isMultiple } from "../../../tensors/batched-tensor.ts";
import { DATA_TYPE_NUMBERS } from "../onnx-dtypes.ts";
import type { OnnxNodeFacts } from "../onnx-topology.ts";
import { OnnxWalk } from "../walk-onnx.ts";
import { node, type OperatorCase } from "./operator-case.ts";
import { smallOnnx } from "./small-onnx.ts";

/** One query is four numbers, unless it says otherwise. */
export type KnownGraph = Omit<OperatorCase, "output" | "macs">;

const WIDTH = 4;

export function walked({ shape = [WIDTH], opset = 17, integers = {}, weights = [], nodes }: KnownGraph): OnnxWalk {
  const walk = new OnnxWalk(opset, { name: "x", shape: [-1, ...shape] });
  for (const [name, tensor] of Object.entries(integers)) walk.addIntegers(name, tensor);
  for (const { name, shape, dtype = "float32", values } of weights) {
    walk.addWeights(name, shape, dtype, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  for (const facts of nodes) walk.add(facts);
  return walk;
}

/**
 * Runs the graph with batches of several sizes.
 * @returns a line for each tensor whose shape, or whose numbers where they are known, inspection has got wrong; null: the library refuses it
 * @throws ModelError where inspection refuses the graph
 */
export async function differences(graph: KnownGraph, batches: readonly number[] = [1, 2, 7]): Promise<string[] | null> {
  const { shape = [WIDTH] } = graph;
  const { tensors } = walked(graph);
  const names = graph.nodes.flatMap(({ outputs }) => outputs).filter((name) => name !== "");
  const casts = names.map((name, i): OnnxNodeFacts => {
    return node("Cast", [name], { to: { i: DATA_TYPE_NUMBERS.float32 } }, [`out/${i}`]);
  });
  const { nodes, integers, weights = [], opset } = graph;
  const file = smallOnnx({
    input: { name: "x", shape: [-1, ...shape] },
    outputs: casts.map(({ outputs: [name] }) => name!),
    nodes: [...nodes, ...casts],
    weights,
    ...(integers ? { integers } : {}),
    ...(opset ? { opset } : {}),
  });
  ort.env.wasm.numThreads = 1;
  const session = await orNull(() => ort.InferenceSession.create(file, { logSeverityLevel: 4 }));
  if (session === null) return null;
  const found: string[] = [];
  for (const batch of batches) {
    const size = shape.reduce((a, b) => a * b, batch);
    const x = new ort.Tensor(
      "float32",
      Float32Array.from({ length: size }, (_, i) => 1 + (i % 7)),
      [batch, ...shape],
    );
    const results = await orNull(() => session.run({ x }, { logSeverityLevel: 4 }));
    if (results === null) return null;
    for (const [i, name] of names.entries()) {
      const { dims, data } = results[`out/${i}`]!;
      const wrong = differenceOf(tensors.get(name)!, batch, dims, data as Float32Array);
      if (wrong !== null) found.push(`${name} of a batch of ${batch}: ${wrong}`);
    }
  }
  await session.release();
  return found;
}

function differenceOf(one: BatchedTensor, batch: number, dims: readonly number[], data: Float32Array): string | null {
  const wanted = one.shape.map((length, axis) => (axis === one.batch?.axis ? length * batch : length));
  if (wanted.join() !== dims.join()) return `told [${wanted}], is [${dims}]`;
  const told = one.values?.map((value) => Math.fround(isMultiple(value) ? value.batch * batch : value));
  return told?.some((value, i) => value !== data[i]) ? `told ${told}, is ${[...data]}` : null;
}

/** The library's errors are not ours. */
async function orNull<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ModelError) throw error;
    return null;
  }
}

/** Numbers at which types end. */
export function edgesOf(dtype: "int32" | "int64" | "float32"): number[] {
  const bits = 8 * DTYPE_BYTES[dtype];
  const common = [-300, -7, -3, -2, -1, 0, 1, 2, 3, 5, 127, 128, 255, 256, 65_536];
  if (dtype === "float32") return [...common, 0.1, 0.5, -0.5, 1.5, 2.5, 2 ** 24, 2 ** 24 + 2, 3e9, 1e20, 1e38];
  const most = bits === 32 ? 2 ** 31 - 1 : Number.MAX_SAFE_INTEGER;
  return [...common, most, -most, most - 1, ...(bits === 32 ? [-(2 ** 31)] : [2 ** 31 - 1, 2 ** 31, 2 ** 32 + 1])];
}
