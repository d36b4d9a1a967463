/** The sample model on the MNIST test images, through the runtime that the coordinator audits with. */
import { argmax } from "../../../server/kinds/inference/engine/argmax.ts";
import { tfjsWasmFiles } from "../../../server/numerics/runtime-assets.ts";
import { loadMnist } from "../../../server/samples/mnist.ts";
import { loadMnistModel } from "../../../server/samples/mnist-model.ts";
import type { LoadedModel } from "../../../shared/compute/model-runtime.ts";
import { createTfjsRuntime } from "../../../shared/compute/runtimes/tfjs/tfjs-runtime.ts";

export interface MnistBase {
  readonly model: LoadedModel;
  readonly count: number;
  /** count x inputSize, pixels / 255 */
  readonly queries: Float32Array;
  readonly labels: Uint8Array;
  /** count x outputSize: what the model says */
  readonly outputs: Float32Array;
  /** Share of labels that it hits. */
  readonly accuracy: number;
}

const ROWS_PER_RUN = 1_000;

/** @param count the first so many of the 10,000 test images */
export async function mnistBase(count: number): Promise<MnistBase> {
  const [digits, bundle, runtime] = await Promise.all([
    loadMnist("test"),
    loadMnistModel(),
    createTfjsRuntime("wasm", tfjsWasmFiles()),
  ]);
  if (!(count >= 1 && count <= digits.count)) {
    throw new RangeError(`mnistBase: expected 1..${digits.count} images, got ${count}`);
  }
  const model = await runtime.load(bundle);
  const { inputSize } = model.facts;
  const queries = Float32Array.from(digits.images.subarray(0, count * inputSize), (pixel) => pixel / 255);
  const labels = digits.labels.subarray(0, count);
  const outputs = await runAll(model, queries, count);
  return { model, count, queries, labels, outputs, accuracy: accuracyOf(outputs, labels, model.facts.outputSize) };
}

/** Any number of rows, some at a time. @returns rowCount x outputSize */
export async function runAll(model: LoadedModel, rows: Float32Array, rowCount: number): Promise<Float32Array> {
  const { inputSize, outputSize } = model.facts;
  const outputs = new Float32Array(rowCount * outputSize);
  for (let first = 0; first < rowCount; first += ROWS_PER_RUN) {
    const count = Math.min(ROWS_PER_RUN, rowCount - first);
    const part = await model.run(rows.subarray(first * inputSize, (first + count) * inputSize), count);
    outputs.set(part, first * outputSize);
  }
  return outputs;
}

/** Share of rows whose largest output is at their label. */
export function accuracyOf(outputs: Float32Array, labels: ArrayLike<number>, outputSize: number): number {
  let hits = 0;
  for (let row = 0; row < labels.length; row++) if (argmax(outputs, row, outputSize) === labels[row]) hits++;
  return hits / labels.length;
}
