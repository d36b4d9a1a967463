/**
 * The model runtime on onnxruntime-web: ONNX bundles on its WebAssembly back-end, in a tab's compute thread and in Node. The
 * library is some 14 MB of WebAssembly, so whoever may do without it imports this file only when a model needs it.
 */
import * as ort from "onnxruntime-web/wasm";
import { ModelError } from "../../errors.ts";
import { type UnpackedModel, unpackModel } from "../../model-bundle.ts";
import { factsOf } from "../../model-facts.ts";
import { fail } from "../../model-json.ts";
import type { BackendName, LoadedModel, LoadOptions, ModelFacts, ModelRuntime } from "../../model-runtime.ts";
import { requireRows } from "../../require-rows.ts";
import type { RuntimeAssets } from "../runtime-description.ts";
import { inspectOnnx } from "./inspect-onnx.ts";
import { FREE, readOnnxTopology } from "./onnx-topology.ts";
import { type WeightsApart, writeOnnx } from "./write-onnx.ts";

/** Nothing below errors goes to the console. */
const LOG_ERRORS = 3;

/** The file that the library fetches; without its address it looks beside its own script, which does in Node. */
const ONNX_WASM_FILE = "ort-wasm-simd-threaded.wasm";

/** What of the library is used: its builds for browsers and for Node have it alike. */
export type OnnxLibrary = Pick<typeof ort, "InferenceSession" | "Tensor">;
type SessionOptions = ort.InferenceSession.SessionOptions;

/** One build of the library, and how its sessions are made. */
export interface OnnxBuild {
  readonly library: OnnxLibrary;
  readonly backend: BackendName;
  readonly options: SessionOptions;
  /** Takes weights beside the file: of those within it WebAssembly would hold three copies at once. */
  readonly takesWeightsApart?: boolean;
  /** What it runs in place of the model's own graph, to the same answers but for rounding; absent: that graph. */
  readonly rewritten?: (model: UnpackedModel) => UnpackedModel;
}

/** On WebAssembly. @param options of its sessions, beside that @param rewritten see OnnxBuild */
export function createOnnxRuntime(
  { [ONNX_WASM_FILE]: wasmUrl }: RuntimeAssets = {},
  options: SessionOptions = {},
  rewritten: OnnxBuild["rewritten"] = (model) => model,
): ModelRuntime {
  // One thread each: tabs and audits run side by side instead, and the library's own would need scripts of theirs.
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  if (wasmUrl !== undefined) ort.env.wasm.wasmPaths = { wasm: wasmUrl };
  const ofWasm = { executionProviders: ["wasm"], ...options };
  return onnxRuntimeOn({ library: ort, backend: "wasm", options: ofWasm, takesWeightsApart: true, rewritten });
}

export function onnxRuntimeOn(build: OnnxBuild): ModelRuntime {
  return { backend: build.backend, load: (bundle, options) => load(build, bundle, options), release: async () => {} };
}

async function load(build: OnnxBuild, bundle: Uint8Array, { triesRow = true }: LoadOptions = {}): Promise<LoadedModel> {
  const { library, backend } = build;
  const { facts, topology, session } = await sessionOf(build, bundle);
  const { input, outputs, nodes } = topology;
  const kernels = nodes.map(({ op }) => `onnx-${backend}:${op}`);
  const graph: Graph = {
    library,
    session,
    facts,
    inputName: input.name,
    outputName: outputs[0]!,
    isFree: input.shape[0] === FREE,
  };
  try {
    // So that what loads also runs: finds what the library has no kernel for.
    if (triesRow) await run(graph, new Float32Array(facts.inputSize), 1);
  } catch (error) {
    await session.release();
    throw error;
  }
  const checkedRun = async (rows: Float32Array, rowCount: number): Promise<Float32Array> => {
    requireRows(facts, rows, rowCount);
    return run(graph, rows, rowCount);
  };
  return {
    facts,
    run: checkedRun,
    // The library does not say which kernels it ran; the operators of the graph stand for them.
    runProfiled: async (rows, rowCount) => ({
      outputs: await checkedRun(rows, rowCount),
      kernels,
    }),
    dispose: () => void session.release(),
  };
}

/** Nothing of the bundle is held by what it returns. */
async function sessionOf(build: OnnxBuild, bundle: Uint8Array) {
  const unpacked = unpackModel(bundle);
  if (unpacked.format !== "onnx") return fail("onnx runtime", "an ONNX model", unpacked.format);
  const facts = factsOf(unpacked, inspectOnnx(unpacked));
  const session = await explained("cannot load it", () => created(build, build.rewritten?.(unpacked) ?? unpacked));
  return { facts, topology: readOnnxTopology(unpacked.modelTopology), session };
}

/** Parts of the library look for numbers within the file alone; none is known that does so with as many as stand apart. */
const WANTS_WITHIN = /external/i;
const LOG_NOTHING = 4;

async function created({ library, options, takesWeightsApart = false }: OnnxBuild, unpacked: UnpackedModel) {
  const { InferenceSession } = library;
  if (takesWeightsApart) {
    const externalData: WeightsApart[] = [];
    const file = writeOnnx(unpacked, undefined, externalData);
    try {
      return await InferenceSession.create(file, { ...options, externalData, logSeverityLevel: LOG_NOTHING });
    } catch (error) {
      if (!(error instanceof Error && WANTS_WITHIN.test(error.message))) throw error;
    }
  }
  return InferenceSession.create(writeOnnx(unpacked), { ...options, logSeverityLevel: LOG_ERRORS });
}

interface Graph {
  readonly library: OnnxLibrary;
  readonly session: ort.InferenceSession;
  readonly facts: ModelFacts;
  readonly inputName: string;
  readonly outputName: string;
  /** May a run choose the size of its batch? Otherwise rows go one by one. */
  readonly isFree: boolean;
}

async function run(graph: Graph, rows: Float32Array, rowCount: number): Promise<Float32Array> {
  const { facts, isFree } = graph;
  if (isFree) return runBatch(graph, rows, rowCount);
  const outputs = new Float32Array(rowCount * facts.outputSize);
  for (let r = 0; r < rowCount; r++) {
    const row = rows.slice(r * facts.inputSize, (r + 1) * facts.inputSize);
    outputs.set(await runBatch(graph, row, 1), r * facts.outputSize);
  }
  return outputs;
}

async function runBatch(graph: Graph, rows: Float32Array, rowCount: number): Promise<Float32Array> {
  const { library, session, facts, inputName, outputName } = graph;
  const input = new library.Tensor("float32", rows, [rowCount, ...facts.inputShape]);
  const results = await explained("cannot run it", () => session.run({ [inputName]: input }, [outputName]));
  const output = results[outputName];
  if (!(output?.data instanceof Float32Array) || output.data.length !== rowCount * facts.outputSize) {
    throw new ModelError(`model run: expected ${rowCount} x ${facts.outputSize} outputs, got [${output?.dims}]`);
  }
  // The library hands over a copy; a graph that only moves numbers may hand back the very array it was given.
  return output.data.buffer === rows.buffer ? output.data.slice() : output.data;
}

/** What the library and the browser say when memory runs out; SafeInt where a size alone is beyond what WebAssembly can address. */
const OUT_OF_MEMORY = /bad_alloc|out of memory|OOM|allocation failed|failed to allocate|SafeIntOnOverflow/i;

async function explained<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (error instanceof RangeError || OUT_OF_MEMORY.test(why)) {
      throw new ModelError(`model: out of memory: this device has not enough for it (onnxruntime: ${why})`);
    }
    throw new ModelError(`model: onnxruntime ${what}: ${why}`);
  }
}
