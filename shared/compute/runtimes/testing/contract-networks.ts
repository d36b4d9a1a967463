/**
 * The networks that every runtime is tried on, the same ones in each format. A runtime's folder has them as bundles in
 * testing/contract-models.ts, under CONTRACT_MODELS, by format.
 */
import { hashNoise } from "../../hash-noise.ts";

/** What a runtime's testing/contract-models.ts exports. */
export interface ContractModule {
  /** By format: each of those that the runtime claims. */
  readonly CONTRACT_MODELS: Readonly<Record<string, ContractModels>>;
  /** Tensors that the library holds, where it can say; to find leaks. */
  readonly tensorCount?: () => number;
}

export interface ContractModels {
  /** DENSE, with its fixed weights. */
  dense(): Uint8Array;
  /** CONV, flattened. @param kernel rows x columns x channels x filters, as tfjs has it */
  conv(kernel: Float32Array, bias: Float32Array): Uint8Array;
  /** Images row by row, channels last, as the model takes them. */
  toRows(images: Float32Array): Float32Array;
  /** What the model gives as places row by row, filters last. */
  fromRows(outputs: Float32Array): Float32Array;
}

const noise = (seed: number, length: number) => Float32Array.from({ length }, (_, i) => hashNoise(seed, i));

/** 19-33-12-5, ReLU and tanh between. */
export const DENSE = { inputSize: 19, outputSize: 5 } as const;
export const LAYERS = [
  { kernel: noise(11, 19 * 33), bias: noise(12, 33), activation: "relu" },
  { kernel: noise(13, 33 * 12), bias: noise(14, 12), activation: "tanh" },
  { kernel: noise(15, 12 * 5), bias: noise(16, 5), activation: "linear" },
] as const;

/** 6 x 5 x 2 image, conv 3 x 2 with 3 filters, strides 2 x 1, padding "same", ReLU: 3 x 5 x 3 outputs. */
export const CONV = {
  image: [6, 5, 2],
  kernel: [3, 2, 2],
  filters: 3,
  output: [3, 5, 3],
  size: (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1),
  byHand: convolveByHand,
} as const;

/** "same": rows 6 -> 3 needs (3-1)*2+3-6 = 1 row of zeros, below; columns 5 -> 5 needs 1 column of zeros, on the right. */
function convolveByHand(rows: Float32Array, rowCount: number, kernel: Float32Array, bias: Float32Array): Float32Array {
  const outputs = new Float32Array(rowCount * 45);
  for (let n = 0; n < rowCount; n++) {
    for (let y = 0; y < 3; y++) {
      for (let x = 0; x < 5; x++) {
        for (let filter = 0; filter < 3; filter++) {
          let sum = bias[filter]!;
          for (let ky = 0; ky < 3; ky++) {
            for (let kx = 0; kx < 2; kx++) {
              const [row, column] = [2 * y + ky, x + kx];
              if (row >= 6 || column >= 5) continue;
              for (let channel = 0; channel < 2; channel++) {
                const pixel = rows[((n * 6 + row) * 5 + column) * 2 + channel]!;
                sum += pixel * kernel[((ky * 2 + kx) * 2 + channel) * 3 + filter]!;
              }
            }
          }
          outputs[((n * 3 + y) * 5 + x) * 3 + filter] = Math.max(0, sum);
        }
      }
    }
  }
  return outputs;
}
