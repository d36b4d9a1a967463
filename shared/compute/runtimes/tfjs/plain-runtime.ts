/**
 * The obvious forward pass, in plain TypeScript: Sequential models of dense layers and activations alone. Tests compare the
 * fast runtimes with it, and the simulator runs its thousands of tiny batches on it. No library, no GPU, no WASM.
 *
 * Sums are taken in float64 and stored as float32. It calls its back-end "cpu", for that is where it runs; tfjs's own "cpu"
 * is another program and gives the same answers within float32 rounding.
 */

import { type UnpackedModel, unpackModel, weightByteCount } from "../../model-bundle.ts";
import { factsOf } from "../../model-facts.ts";
import { fail } from "../../model-json.ts";
import type { LoadedModel, ModelRuntime } from "../../model-runtime.ts";
import { requireRows } from "../../require-rows.ts";
import { plainWeight } from "./dequantize.ts";
import { inspectLayersModel, type Layer, readLayers } from "./inspect-layers.ts";

/** One row in, one row out. */
type Step = (row: Float32Array) => Float32Array;
type Activation = (row: Float32Array) => Float32Array;

export function createPlainRuntime(): ModelRuntime {
  return { backend: "cpu", load: async (bundle) => loadPlain(bundle), release: async () => {} };
}

function loadPlain(bundle: Uint8Array): LoadedModel {
  const unpacked = unpackModel(bundle);
  if (unpacked.format !== "layers-model") fail("plain runtime", "a Layers model", unpacked.format);
  const facts = factsOf(unpacked, inspectLayersModel(unpacked));
  const steps = readSteps(unpacked);
  const run = async (rows: Float32Array, rowCount: number): Promise<Float32Array> => {
    requireRows(facts, rows, rowCount);
    const outputs = new Float32Array(rowCount * facts.outputSize);
    for (let r = 0; r < rowCount; r++) {
      let row = rows.subarray(r * facts.inputSize, (r + 1) * facts.inputSize);
      for (const step of steps) row = step(row);
      outputs.set(row, r * facts.outputSize);
    }
    return outputs;
  };
  return {
    facts,
    run,
    runProfiled: async (rows, rowCount) => ({ outputs: await run(rows, rowCount), kernels: ["plain:forward"] }),
    dispose() {},
  };
}

function readSteps(unpacked: UnpackedModel): Step[] {
  const { className, layers } = readLayers(unpacked.modelTopology);
  if (className !== "Sequential") fail("plain runtime", "a Sequential model", className);
  const weights = readWeights(unpacked);
  return layers.flatMap((layer) => stepsOf(layer, weights));
}

function stepsOf(layer: Layer, weights: ReadonlyMap<string, Float32Array>): Step[] {
  const { className, config } = layer;
  switch (className) {
    case "InputLayer":
    case "Flatten":
    case "Dropout":
      return [];
    case "Dense":
      return [dense(layer, weights), activation(layer, config.get("activation") ?? "linear")];
    case "Activation":
      return [activation(layer, config.get("activation"))];
    case "ReLU":
      if (config.get("max_value") != null) fail(config.what, "ReLU without max_value", config.get("max_value"));
      return [activation(layer, "relu")];
    case "Softmax":
      return [activation(layer, "softmax")];
    default:
      return fail("plain runtime", "dense layers and activations alone", className);
  }
}

function dense(layer: Layer, weights: ReadonlyMap<string, Float32Array>): Step {
  const units = layer.config.integer("units", 1);
  const kernel = weights.get(`${layer.name}/kernel`) ?? fail(layer.config.what, "weights named kernel", "none");
  const bias = layer.config.flag("use_bias", true)
    ? (weights.get(`${layer.name}/bias`) ?? fail(layer.config.what, "weights named bias", "none"))
    : new Float32Array(units);
  return (row) => {
    if (kernel.length !== row.length * units)
      fail(layer.config.what, `an input of ${kernel.length / units}`, row.length);
    const sums = new Float64Array(bias);
    for (let i = 0, at = 0; i < row.length; i++) {
      const value = row[i]!;
      for (let j = 0; j < units; j++, at++) sums[j]! += value * kernel[at]!;
    }
    return new Float32Array(sums);
  };
}

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  linear: (row) => row,
  relu: (row) => row.map((value) => Math.max(0, value)),
  relu6: (row) => row.map((value) => Math.min(6, Math.max(0, value))),
  sigmoid: (row) => row.map((value) => 1 / (1 + Math.exp(-value))),
  tanh: (row) => row.map(Math.tanh),
  softmax(row) {
    const largest = row.reduce((a, b) => Math.max(a, b));
    const powers = row.map((value) => Math.exp(value - largest));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / sum);
  },
};

function activation(layer: Layer, name: unknown): Activation {
  return (
    ACTIVATIONS[String(name)] ?? fail(layer.config.what, `activation ${Object.keys(ACTIVATIONS).join(", ")}`, name)
  );
}

function readWeights(unpacked: UnpackedModel): Map<string, Float32Array> {
  const weights = new Map<string, Float32Array>();
  let offset = 0;
  for (const spec of unpacked.weightSpecs) {
    const length = weightByteCount(spec);
    // Copied, so that the numbers start at a multiple of 4. Every machine that runs this is little-endian.
    const bytes = plainWeight(spec, unpacked.weightData.slice(offset, offset + length));
    weights.set(spec.name, new Float32Array(bytes.buffer));
    offset += length;
  }
  return weights;
}
