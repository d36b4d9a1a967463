/** Networks of dense layers with ReLU between them, to train with tfjs and to write as tfjs Layers files. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { hashNoise } from "../../shared/compute/hash-noise.ts";

export interface Layer {
  readonly kernel: tf.Tensor2D;
  readonly bias: tf.Tensor1D;
}

/** Trainable; He initialization, uniform: variance 2 / inputs. @param sizes of the input and of each layer */
export function firstLayers(sizes: readonly number[], seed: number): Layer[] {
  return sizes.slice(1).map((outputSize, layer) => {
    const inputSize = sizes[layer]!;
    const scale = Math.sqrt(6 / inputSize);
    const kernel = Float32Array.from(
      { length: inputSize * outputSize },
      (_, i) => scale * hashNoise(seed - 1 - layer, i),
    );
    return {
      kernel: tf.variable(tf.tensor2d(kernel, [inputSize, outputSize])),
      bias: tf.variable(tf.zeros([outputSize])) as tf.Tensor1D,
    };
  });
}

export function forward(layers: readonly Layer[], input: tf.Tensor2D): tf.Tensor2D {
  let values = input;
  for (const [layer, { kernel, bias }] of layers.entries()) {
    values = tf.add(tf.matMul(values, kernel), bias);
    if (layer < layers.length - 1) values = tf.relu(values);
  }
  return values;
}

export interface SaveOptions {
  readonly folder: string;
  readonly name: string;
  /** Without the batch; more than one dimension is flattened first. */
  readonly inputShape: readonly number[];
  readonly generatedBy: string;
}

/** Writes model.json and weights.bin. */
export async function saveDense(layers: readonly Layer[], options: SaveOptions): Promise<void> {
  const { folder, name, inputShape, generatedBy } = options;
  const model = tf.sequential({ name });
  const first = { inputShape: [...inputShape] };
  if (inputShape.length > 1) model.add(tf.layers.flatten({ name: "flatten", ...first }));
  for (const [i, { kernel }] of layers.entries()) {
    model.add(
      tf.layers.dense({
        name: `dense${i + 1}`,
        units: kernel.shape[1],
        activation: i === layers.length - 1 ? "linear" : "relu",
        ...(i === 0 && inputShape.length === 1 ? first : {}),
      }),
    );
  }
  model.setWeights(layers.flatMap(({ kernel, bias }) => [kernel, bias]));
  await mkdir(folder, { recursive: true });
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const weightsManifest = [{ paths: ["weights.bin"], weights: weightSpecs }];
      const modelJson = { format: "layers-model", generatedBy, modelTopology, weightsManifest };
      await writeFile(join(folder, "model.json"), `${JSON.stringify(modelJson, null, 2)}\n`);
      await writeFile(join(folder, "weights.bin"), new Uint8Array(weightData as ArrayBuffer));
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
}
