/** What packing makes of a drawn graph beside the graph itself, on the same library. */
import { ModelError } from "../../../../shared/compute/errors.ts";
import { factsOfBundle } from "../../../../shared/compute/model-facts.ts";
import { loadOnnxFile } from "../../../../shared/compute/runtimes/onnx/file-onnx.ts";
import { onnxFormat } from "../../../../shared/compute/runtimes/onnx/onnx-format.ts";
import { createOnnxRuntime } from "../../../../shared/compute/runtimes/onnx/onnx-runtime.ts";
import { packOnnx } from "../../../../shared/compute/runtimes/onnx/pack-onnx.ts";
import { someRow } from "../../../../shared/compute/runtimes/onnx/testing/beside-file.ts";
import { fileOfGraph } from "./drawn-file.ts";
import { drawnGraph } from "./drawn-graph.ts";

/** no file: the library itself does not run it. refused: packing does not take it, which it may. */
export type Outcome = "same" | "no file" | "refused" | { readonly wrong: string };

export interface Tried {
  readonly outcome: Outcome;
  readonly operators: readonly string[];
}

const ROWS = 4;
/** Rows together and alone are multiplied in another order. */
const RELATIVE_MAX = 1e-4;
const NO_SIZES = { sizes: new Map(), values: new Map() };

const runtime = createOnnxRuntime();

export async function tryDrawn(seed: number): Promise<Tried> {
  const { graph, opset, operators } = drawnGraph(seed);
  const outcome = await outcomeOf(fileOfGraph(graph, opset), graph.outputs);
  return { outcome, operators };
}

async function outcomeOf(file: Uint8Array, outputs: readonly string[]): Promise<Outcome> {
  const bundle = packed(file);
  if (typeof bundle === "string" && UNTRUE.test(bundle)) return { wrong: `refused: ${bundle}` };
  const own = await orNull(() => loadOnnxFile(file, [], NO_SIZES, outputs));
  if (own === null) return "no file";
  try {
    if (typeof bundle === "string") return "refused";
    const size = own.inputSize;
    const rows = Array.from({ length: ROWS }, (_, row) => someRow(size, row));
    const wanted = await orNull(async () => {
      const all: Float64Array[] = [];
      for (const row of rows) all.push(await own.run(row));
      return all;
    });
    if (wanted === null) return "no file";
    return await packedBeside(bundle, rows, wanted);
  } finally {
    own.dispose();
  }
}

/** What no drawn graph is to be refused for: operators give whole numbers as large as their type, and whatever is missing is missing for a reason. */
const UNTRUE = /expected one output|\((Add|Sub|Mul|Div|Neg|Abs|Cast|ReduceSum)\): expected whole numbers below 2\^53/;

/** @returns the bundle, or why it is refused, where it was packed or where it was looked through */
function packed(file: Uint8Array): Uint8Array | string {
  try {
    const bundle = packOnnx(file);
    factsOfBundle(onnxFormat, bundle);
    return bundle;
  } catch (error) {
    if (error instanceof ModelError) return error.message;
    throw error;
  }
}

async function packedBeside(
  bundle: Uint8Array,
  rows: readonly Float32Array[],
  wanted: readonly Float64Array[],
): Promise<Outcome> {
  try {
    const model = await runtime.load(bundle, { triesRow: false });
    try {
      const outputs = await model.run(Float32Array.from(rows.flatMap((row) => [...row])), rows.length);
      const { outputSize } = model.facts;
      for (const [row, own] of wanted.entries()) {
        const given = outputs.subarray(row * outputSize, (row + 1) * outputSize);
        const problem = differenceOf(own, given);
        if (problem !== null) return { wrong: `row ${row}: ${problem}` };
      }
      return "same";
    } finally {
      model.dispose();
    }
  } catch (error) {
    if (error instanceof ModelError) return { wrong: `the packed model fails: ${error.message.slice(0, 300)}` };
    throw error;
  }
}

function differenceOf(own: Float64Array, packed: Float32Array): string | null {
  if (own.length !== packed.length) return `the file gives ${own.length} numbers, the packed model ${packed.length}`;
  const scale = own.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);
  for (const [place, value] of own.entries()) {
    const given = packed[place]!;
    const wanted = Math.fround(value);
    if (Object.is(wanted, given) || wanted === given) continue;
    if (Math.abs(wanted - given) <= RELATIVE_MAX * Math.max(Math.abs(wanted), scale / 100)) continue;
    return `the file gives ${wanted} at place ${place}, the packed model ${given}`;
  }
  return null;
}

async function orNull<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ModelError) return null;
    throw error;
  }
}
