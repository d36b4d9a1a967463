/** Small dense models made in place, as the files tfjs would have written: for probes, tests and the simulator. */
import { packTfjs } from "./pack-tfjs.ts";

export interface DenseLayer {
  /** inputSize x units, row-major */
  readonly kernel: Float32Array;
  /** units */
  readonly bias: Float32Array;
  readonly activation: "linear" | "relu" | "tanh" | "sigmoid" | "softmax";
}

/** @returns the bundle of a Sequential model of these layers */
export function packDenseModel(layers: readonly DenseLayer[]): Uint8Array {
  const configs: object[] = [];
  const specs: object[] = [];
  const values: Float32Array[] = [];
  for (const [i, { kernel, bias, activation }] of layers.entries()) {
    const name = `dense${i + 1}`;
    const [units, inputSize] = [bias.length, kernel.length / bias.length];
    const input = i === 0 ? { batch_input_shape: [null, inputSize] } : {};
    configs.push({ class_name: "Dense", config: { name, units, activation, use_bias: true, ...input } });
    specs.push({ name: `${name}/kernel`, shape: [inputSize, units], dtype: "float32" });
    specs.push({ name: `${name}/bias`, shape: [units], dtype: "float32" });
    values.push(kernel, bias);
  }
  const modelJson = {
    format: "layers-model",
    modelTopology: { class_name: "Sequential", config: { name: "dense", layers: configs } },
    weightsManifest: [{ paths: ["weights.bin"], weights: specs }],
  };
  const weights = new Float32Array(values.reduce((size, { length }) => size + length, 0));
  let offset = 0;
  for (const part of values) {
    weights.set(part, offset);
    offset += part.length;
  }
  const bytes = new Uint8Array(weights.buffer);
  return packTfjs(new TextEncoder().encode(JSON.stringify(modelJson)), [{ name: "weights.bin", bytes }]);
}
