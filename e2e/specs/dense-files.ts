import { encodeNpy } from "../../shared/protocol/npy.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import type { ModelFile, ParitabClient } from "../../shared/sdk/paritab-client.ts";

/**
 * Files of a model of matrices alone, one after the other, with weights by chance.
 * @param sizes of its rows, of what comes of each matrix: [inputs, ..., outputs]
 */
export function denseFiles(sizes: readonly number[]): ModelFile[] {
  const random = simulationRandom(94);
  const matrices = sizes.slice(1).map((units, layer) => ({ name: `dense${layer}`, inputs: sizes[layer]!, units }));
  const weights = matrices.map(({ inputs, units }) =>
    // A matrix of n inputs leaves numbers about as large as they were.
    Float32Array.from({ length: inputs * units }, () => (random.uniform() - 0.5) * Math.sqrt(12 / inputs)),
  );
  const layers = matrices.map(({ name, inputs, units }) => ({
    class_name: "Dense",
    config: { units, activation: "linear", use_bias: false, batch_input_shape: [null, inputs], name },
  }));
  const json = {
    format: "layers-model",
    modelTopology: { class_name: "Sequential", config: { name: "dense", layers } },
    weightsManifest: [
      {
        paths: ["w.bin"],
        weights: matrices.map(({ name, inputs, units }) => ({
          ...{ name: `${name}/kernel`, shape: [inputs, units], dtype: "float32" },
        })),
      },
    ],
  };
  return [
    { name: "model.json", data: new TextEncoder().encode(JSON.stringify(json)) },
    { name: "w.bin", data: new Uint8Array(Buffer.concat(weights.map(({ buffer }) => Buffer.from(buffer)))) },
  ];
}

const INPUTS = 100;

/**
 * Model and queries for jobs that last: ten million multiply-adds a row are some milliseconds of a tab.
 * @returns the source of as many regression jobs as wanted
 */
export async function lastingSource(client: ParitabClient, rows: number) {
  const { modelSha256 } = await client.uploadModel(denseFiles([INPUTS, ...Array<number>(11).fill(1_000)]));
  const npy = encodeNpy({ dtype: "F32", shape: [rows, INPUTS], data: new Float32Array(rows * INPUTS).fill(1) });
  const { tensorSha256: queriesSha256 } = await client.uploadTensor(new Uint8Array(npy));
  return { kind: "uploads", modelSha256, queriesSha256 } as const;
}
