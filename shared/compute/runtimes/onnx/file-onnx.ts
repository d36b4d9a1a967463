/**
 * The model runtime on an .onnx file as it came: what packing made of the file is compared with it. Its operators are all on the list, and it was
 * packed before, so that what is given to the library here is what a careful reader has understood; only where models run that may end a process.
 */
import * as ort from "onnxruntime-web/wasm";
import { fromHalf, toHalf } from "../../../protocol/half-floats.ts";
import { ONNX_BRANCH_DEPTH_MAX } from "../../../protocol/limits.ts";
import { inMemory } from "../../byte-space.ts";
import { ModelError } from "../../errors.ts";
import { DTYPE_BYTES, type WeightDtype } from "../../model-bundle.ts";
import { fail } from "../../model-json.ts";
import { Reasons } from "../../reasons.ts";
import { heldByFloat32 } from "../../whole-answers.ts";
import type { SourceFile } from "../runtime-description.ts";
import { dataTypeName } from "./onnx-dtypes.ts";
import { externalLocations } from "./onnx-external.ts";
import * as field from "./onnx-fields.ts";
import { alone, graphInputs } from "./onnx-input.ts";
import { LIST_OPERATORS } from "./onnx-lists.ts";
import { copyFields, withGraph } from "./onnx-pieces.ts";
import { onnxRule } from "./onnx-rules.ts";
import type { SaidOfOnnx } from "./pack-onnx.ts";
import { type FileNode, type OnnxGraph, readGraph, readOnnx, readOnnxModel } from "./read-onnx.ts";
import { WireMessage } from "./wire-message.ts";

export interface FileModel {
  /** Numbers of one query. */
  readonly inputSize: number;
  /** @param row the numbers of one query, as the packed model takes them @returns its outputs one after another, as float64 numbers */
  run(row: Float32Array): Promise<Float64Array>;
  dispose(): void;
}

const NOTHING = 4;

/**
 * @param outputs names of those that are wanted, in order
 * @throws ModelError where an operator of it is not on the list, whoever needs it, or the library does not take it
 */
export async function loadOnnxFile(
  main: Uint8Array,
  others: readonly SourceFile[],
  said: Required<Omit<SaidOfOnnx, "outputs">>,
  outputs: readonly string[],
): Promise<FileModel> {
  const weights = new Map(others.map(({ name, bytes }) => [name, bytes]));
  const reasons = new Reasons();
  const graph = readOnnx(main, weights, reasons);
  requireListed(graph, 0);
  const taken = graphInputs(graph, said.sizes, said.values, reasons);
  reasons.throwIfAny();
  if (taken === null) return fail("onnx graph", "an input", "none");
  const { inputs, constants } = alone(taken);
  const typeOf = (name: string) => dataTypeName(graph.inputs.find((input) => input.name === name)!.type);
  const inner = outputs.filter((name) => !graph.outputs.some((output) => output.name === name));
  const file = inner.length === 0 ? main : withOutputs(main, inner);
  const locations = externalLocations(readOnnxModel(main).graph);
  const externalData = locations.map((path) => ({ path, data: inMemory(weights.get(path)!) }));
  ort.env.wasm.numThreads = 1;
  const session = await explained("cannot load", () =>
    ort.InferenceSession.create(file, { executionProviders: ["wasm"], externalData, logSeverityLevel: NOTHING }),
  );
  const same = constants.map(({ name, shape, dtype, bytes }) => {
    const numbers = numbersOf(dtype, inMemory(bytes!));
    return [name, tensorOf(typeOf(name), numbers, shape)] as const;
  });
  const given = inputs.map(({ name, shape, whole }) => {
    const dims = whole ?? shape;
    return { name, dims, size: dims.reduce((product, length) => product * length, 1) };
  });
  return {
    inputSize: given.reduce((sum, { size }) => sum + size, 0),
    async run(row) {
      let at = 0;
      const rows = given.map(({ name, dims, size }) => {
        at += size;
        return [name, tensorOf(typeOf(name), row.subarray(at - size, at), dims)] as const;
      });
      const feeds = Object.fromEntries([...same, ...rows]);
      const results = await explained("cannot run", () => session.run(feeds, outputs));
      const parts = outputs.map((name) => numbersIn(results[name]!));
      const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
      parts.reduce((start, part) => {
        all.set(part, start);
        return start + part.length;
      }, 0);
      return all;
    },
    dispose: () => void session.release(),
  };
}

async function explained<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new ModelError(`onnxruntime ${what} the file: ${error instanceof Error ? error.message : error}`);
  }
}

/** Graphs within nodes too, those that packing leaves out as well. */
function requireListed({ nodes }: OnnxGraph, depth: number): void {
  if (depth > ONNX_BRANCH_DEPTH_MAX) fail("onnx graph", `graphs at most ${ONNX_BRANCH_DEPTH_MAX} deep`, "more");
  for (const node of nodes) {
    if (!isListed(node)) fail("onnx graph", "operators of the list, those that nobody needs too", node.op);
    for (const value of Object.values(node.attributes)) {
      if ("g" in value) requireListed(readGraph(value.g, new Map(), new Reasons()), depth + 1);
    }
  }
}

const OF_PACKING = new Set(["Constant", "If", "Loop", ...LIST_OPERATORS]);

const isListed = ({ op, domain }: FileNode) =>
  (domain === "" && OF_PACKING.has(op)) || onnxRule({ op, domain }) !== null;

/** With values within the graph as outputs beside its own. */
function withOutputs(main: Uint8Array, names: readonly string[]): Uint8Array {
  const graph = new WireMessage();
  copyFields(readOnnxModel(main).graph, graph, () => "itself");
  for (const name of names) graph.message(field.GRAPH.output, new WireMessage().text(field.VALUE_INFO.name, name));
  return inMemory(withGraph(main, graph));
}

type Numbers = ArrayLike<number> | ArrayLike<bigint>;

const ARRAYS = {
  ...{ float32: Float32Array, float64: Float64Array, int8: Int8Array, uint8: Uint8Array, bool: Uint8Array },
  ...{ int16: Int16Array, uint16: Uint16Array, int32: Int32Array, uint32: Uint32Array },
} as const;

function tensorOf(type: string, values: Numbers, dims: readonly number[]): ort.Tensor {
  const numbers = Array.from(values as ArrayLike<number | bigint>);
  if (type === "int64") return new ort.Tensor("int64", BigInt64Array.from(numbers, BigInt), dims);
  if (type === "uint64") return new ort.Tensor("uint64", BigUint64Array.from(numbers, BigInt), dims);
  if (type === "float16") {
    return new ort.Tensor("float16", Uint16Array.from(numbers, (one) => toHalf(Number(one))) as never, dims);
  }
  if (!Object.hasOwn(ARRAYS, type)) return fail("onnx file", "an input that can be given by its own library", type);
  const dtype = type as keyof typeof ARRAYS;
  const data = new ARRAYS[dtype](numbers.map(Number));
  return new ort.Tensor(dtype as never, data as never, dims);
}

function numbersOf(dtype: WeightDtype, bytes: Uint8Array): Numbers {
  const own = bytes.slice();
  if (dtype === "int64") return new BigInt64Array(own.buffer);
  if (dtype === "uint64") return new BigUint64Array(own.buffer);
  if (dtype === "float16") return Array.from(new Uint16Array(own.buffer), fromHalf);
  return new ARRAYS[dtype](own.buffer, 0, own.length / DTYPE_BYTES[dtype]);
}

function numbersIn({ type, data }: ort.Tensor): Float64Array {
  if (type === "float16" && data instanceof Uint16Array) return Float64Array.from(data, fromHalf);
  const numbers = Float64Array.from(data as ArrayLike<number>, Number);
  return /int/.test(type) ? numbers.map(heldByFloat32) : numbers;
}
