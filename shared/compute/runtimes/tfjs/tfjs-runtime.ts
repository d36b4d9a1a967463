/**
 * The model runtime on TensorFlow.js 4.22: in a tab's compute thread, in Node's main thread and in its worker threads.
 *
 * tfjs has one current back-end for the whole thread. So that runtimes on several back-ends can live side by side (audits,
 * calibration, tests), everything here runs one at a time and first makes its own back-end the current one.
 */

import * as tf from "#tfjs";
import { createTurnQueue } from "../../../control/turn-queue.ts";
import { ModelError } from "../../errors.ts";
import { type UnpackedModel, unpackModel } from "../../model-bundle.ts";
import { factsOf } from "../../model-facts.ts";
import type { BackendName, LoadedModel, LoadOptions, ModelFacts, ModelRuntime } from "../../model-runtime.ts";
import { requireRows } from "../../require-rows.ts";
import { heldByFloat32 } from "../../whole-answers.ts";
import type { RuntimeAssets } from "../runtime-description.ts";
import { guardPlaces } from "./guard-places.ts";
import { takesBatches } from "./inspect-graph.ts";
import { type DeviceBuffers, freeIdleBuffers, type GraphicsDevice, withSoundDevice } from "./sound-device.ts";
import { tfjsFormat } from "./tfjs-format.ts";

export interface TfjsRuntime extends ModelRuntime {
  /** Does webgl keep numbers in 32 bits? false: in 16, as many phones do. null: this back-end is not webgl. */
  readonly float32Textures: boolean | null;
}

interface TfModel {
  readonly model: tf.LayersModel | tf.GraphModel;
  /** May a run choose the size of its batch? Otherwise rows go one by one. */
  readonly takesBatches: boolean;
}

/** Calls what computes, and returns what it gives. */
export type Computed = <T>(compute: () => T) => T;

/**
 * @param assets where its .wasm files are, by their names; the wasm back-end alone wants them
 * @param computed for whoever has something else done while its models are computed, and those of no other runtime
 * @throws Error where this machine cannot run that back-end
 */
export async function createTfjsRuntime(
  backend: BackendName,
  assets: RuntimeAssets = {},
  computed: Computed = (compute) => compute(),
): Promise<TfjsRuntime> {
  await oneAtATime(() => startBackend(backend, assets));
  return {
    backend,
    float32Textures: backend === "webgl" ? tf.env().getBool("WEBGL_RENDER_FLOAT32_ENABLED") : null,
    load: (bundle, options) => load(backend, bundle, computed, options),
    release: () => release(backend),
  };
}

const oneAtATime = createTurnQueue();
const started = new Set<BackendName>();

async function startBackend(backend: BackendName, assets: RuntimeAssets): Promise<void> {
  if (started.has(backend)) return;
  // Production mode, set before anything else: no advice on the console in Node, no checks of every kernel's numbers.
  tf.enableProdMode();
  if (backend === "wasm") {
    // The threaded build hangs once minified and gains nothing on few cores; tabs run side by side instead.
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    if (Object.keys(assets).length > 0) tf.setWasmPaths(assets);
  }
  if (backend === "webgl") tf.env().set("WEBGL_FORCE_F16_TEXTURES", false);
  // A large script, which registers itself where the browser has WebGPU. It computes in 32 bits: it has no shaders for less.
  if (backend === "webgpu") await import("@tensorflow/tfjs-backend-webgpu");
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs: expected the back-end ${backend} to start, got none`);
  if (backend === "wasm") guardPlaces();
  started.add(backend);
}

function release(backend: BackendName): Promise<void> {
  return oneAtATime(async () => {
    if (started.delete(backend)) tf.removeBackend(backend);
  });
}

function load(
  backend: BackendName,
  bundle: Uint8Array,
  computed: Computed,
  { triesRow = true }: LoadOptions = {},
): Promise<LoadedModel> {
  const onBackend = <T>(work: () => Promise<T>): Promise<T> =>
    oneAtATime(async () => {
      if (tf.getBackend() !== backend) await tf.setBackend(backend);
      if (backend === "webgpu") return onDevice(work);
      return backend === "webgl" ? withSoundContext(work) : work();
    });
  return onBackend(async () => {
    const unpacked = unpackModel(bundle);
    const facts = factsOf(unpacked, tfjsFormat.topologyFacts(unpacked));
    const model = await loadTfModel(unpacked, facts);
    if (triesRow) await tryOneRow(model, facts);
    return {
      facts,
      async run(rows, rowCount) {
        requireRows(facts, rows, rowCount);
        return onBackend(async () =>
          read(
            computed(() => compute(model, facts, rows, rowCount)),
            rows,
          ),
        );
      },
      async runProfiled(rows, rowCount) {
        requireRows(facts, rows, rowCount);
        return onBackend(() => profile(model, facts, rows, rowCount));
      },
      dispose: () => model.model.dispose(),
    };
  });
}

/** So that what loads also runs: finds what tfjs or this back-end cannot do, and compiles webgl's shaders. */
async function tryOneRow(model: TfModel, facts: ModelFacts): Promise<void> {
  const row = new Float32Array(facts.inputSize);
  try {
    await read(compute(model, facts, row, 1), row);
  } catch (error) {
    model.model.dispose();
    throw error instanceof ModelError
      ? error
      : new ModelError(`model: tfjs cannot run it: ${(error as Error).message}`);
  }
}

/**
 * A graphics context that was taken away, or ran out of memory, throws nothing by itself: what waits for it waits for ever,
 * and what is read from it is zeros, so that an honest device would be taken for a liar.
 * @throws ModelError where the context is lost, now or while the work waits, or has run out of memory
 */
async function withSoundContext<T>(work: () => Promise<T>): Promise<T> {
  const { gl } = (tf.backend() as unknown as { gpgpu: { gl: GraphicsContext } }).gpgpu;
  const lost = new ModelError("webgl: expected a graphics context, got a lost one");
  if (gl.isContextLost()) throw lost;
  let onLost = () => {};
  const untilLost = new Promise<never>((_, reject) => {
    onLost = () => reject(lost);
  });
  gl.canvas.addEventListener("webglcontextlost", onLost);
  try {
    const result = await Promise.race([work(), untilLost]);
    if (gl.isContextLost()) throw lost;
    const code = gl.getError();
    if (code !== 0) throw new ModelError(`webgl: expected no error, got code ${code}`);
    return result;
  } finally {
    gl.canvas.removeEventListener("webglcontextlost", onLost);
  }
}

/** On WebGPU, which is the current back-end. @throws ModelError where its device is not sound */
function onDevice<T>(work: () => Promise<T>): Promise<T> {
  const { device, bufferManager } = tf.backend() as unknown as WebGpuBackend;
  freeIdleBuffers(bufferManager);
  return withSoundDevice(device, work);
}

interface WebGpuBackend {
  readonly device: GraphicsDevice;
  readonly bufferManager: DeviceBuffers;
}

/** The part of WebGL2RenderingContext that is used. */
interface GraphicsContext {
  readonly canvas: {
    addEventListener(type: "webglcontextlost", listener: () => void): void;
    removeEventListener(type: "webglcontextlost", listener: () => void): void;
  };
  isContextLost(): boolean;
  /** 0: none since it was last asked. */
  getError(): number;
}

/** One tensor, rowCount x outputSize, which the caller disposes of. */
function compute({ model, takesBatches }: TfModel, facts: ModelFacts, rows: Float32Array, rowCount: number): tf.Tensor {
  return tf.tidy(() => {
    const input = tf.tensor(rows, [rowCount, ...facts.inputShape], dtypeOf(facts));
    if (takesBatches || rowCount === 1) return outputOf(model, facts, input, rowCount);
    const each = tf.split(input, rowCount).map((row) => outputOf(model, facts, row, 1).reshape([-1]));
    return tf.concat(each);
  });
}

/** Rows are float32 all the way; whole numbers become what the graph takes here. */
function dtypeOf({ inputs }: ModelFacts): "float32" | "int32" | "bool" {
  const [input] = inputs;
  return input?.dtype === "int32" || input?.dtype === "bool" ? input.dtype : "float32";
}

function outputOf(model: TfModel["model"], facts: ModelFacts, input: tf.Tensor, rowCount: number): tf.Tensor {
  // predict would cut the batch into pieces of 32.
  const output = model instanceof tf.LayersModel ? model.predictOnBatch(input) : model.predict(input);
  if (!(output instanceof tf.Tensor) || output.size !== rowCount * facts.outputSize) {
    throw new ModelError(`model run: expected ${rowCount} x ${facts.outputSize} outputs, got ${output}`);
  }
  return output.dtype === "bool" ? output.toFloat() : output;
}

async function read(output: tf.Tensor, rows: Float32Array): Promise<Float32Array> {
  const data = (await output.data()) as Float32Array | Int32Array;
  output.dispose();
  // Labels and places come as whole numbers.
  const values = data instanceof Int32Array ? Float32Array.from(data, heldByFloat32) : data;
  // A model that only moves numbers may hand back the very array it was given.
  return values.buffer === rows.buffer ? values.slice() : values;
}

/**
 * Kernels as "wasm:_FusedMatMul": the back-end that was current, and the kernel. On webgl with the shader programs that ran,
 * "webgl:_FusedMatMul [MatMulPackedProgram]"; a minifier shortens the programs' names, but only a GPU run has any.
 */
async function profile(
  model: TfModel,
  facts: ModelFacts,
  rows: Float32Array,
  rowCount: number,
): Promise<{ outputs: Float32Array; kernels: string[] }> {
  let output: tf.Tensor | null = null;
  const info = await tf.profile(() => {
    output = compute(model, facts, rows, rowCount);
    return output;
  });
  const backend = tf.getBackend();
  const kernels = info.kernels.map(({ name, extraInfo }) => {
    const programs = programNames(extraInfo as string | undefined);
    return `${backend}:${name}${programs ? ` [${programs}]` : ""}`;
  });
  return { outputs: await read(output!, rows), kernels };
}

/** "MatMulPackedProgram: 0.2, AddProgram: 0.1" without the times */
function programNames(extraInfo: string | undefined): string {
  return (extraInfo ?? "").replaceAll(/: [^,]*/g, "");
}

async function loadTfModel(unpacked: UnpackedModel, facts: ModelFacts): Promise<TfModel> {
  const { format, modelTopology, weightSpecs, weightData, signature } = unpacked;
  const handler = tf.io.fromMemory({
    format,
    modelTopology,
    weightSpecs,
    weightData: weightData.slice().buffer,
    ...(signature ? { signature } : {}),
  });
  try {
    const model = format === "layers-model" ? await loadLayers(handler) : await tf.loadGraphModel(handler);
    requireSameShape("input", model.inputs, facts.inputShape);
    if (model instanceof tf.LayersModel) requireSameShape("output", model.outputs, [facts.outputSize]);
    return { model, takesBatches: format === "layers-model" || takesBatches(unpacked) };
  } catch (error) {
    throw error instanceof ModelError ? error : new ModelError(`model: tfjs refused it: ${(error as Error).message}`);
  }
}

/** Leaves nothing behind where it fails: tfjs itself would keep the variables and weights it had made by then. */
async function loadLayers(handler: tf.io.IOHandler): Promise<tf.LayersModel> {
  const engine = tf.engine();
  const before = new Set(Object.keys(engine.state.registeredVariables));
  engine.startScope("load");
  try {
    return await tf.loadLayersModel(handler);
  } catch (error) {
    for (const [name, variable] of Object.entries(engine.state.registeredVariables)) {
      if (!before.has(name)) variable.dispose();
    }
    throw error;
  } finally {
    engine.endScope();
  }
}

/** The static look and tfjs must have read the same model. Outputs are compared by size. */
function requireSameShape(
  end: "input" | "output",
  tensors: readonly { shape?: tf.Shape | number[] }[],
  expected: readonly number[],
): void {
  const shape = tensors[0]?.shape?.slice(1) ?? [];
  const got = end === "input" ? shape : [shape.reduce((size: number, length) => size * (length ?? 0), 1)];
  if (tensors.length !== 1 || got.join() !== expected.join()) {
    throw new ModelError(`model ${end}: expected one of shape [${expected}], got ${tensors.length} of [${got}]`);
  }
}
