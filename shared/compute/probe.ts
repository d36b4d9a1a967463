/**
 * The probe: a fixed small model that a tab answers before it gets work, and that back-ends are calibrated with. Its
 * weights come from a hash, so every coordinator and every tab hold the same bundle without a file.
 *
 * Its answers tell float32 from float16. Every other hidden unit carries a large constant that the last layer cancels (its
 * weights for each output sum to nearly zero over these units), so an error relative to the hidden values shows up much
 * larger in the answers. The other units sit at the bend of their ReLU. As a share of their root mean square, answers whose
 * numbers are kept in float16 are off by more than 1e-3 and less than 5e-2, in float32 by about 2e-5 at most
 * (probe.test.ts measures it).
 */

import { hashNoise } from "./hash-noise.ts";
import { packDenseModel } from "./runtimes/tfjs/dense-model.ts";

export const PROBE_INPUT_SIZE = 64;
export const PROBE_OUTPUT_SIZE = 10;
/** Entries of a query are uniform in [-PROBE_INPUT_RANGE, PROBE_INPUT_RANGE). */
export const PROBE_INPUT_RANGE = 1;
const PROBE_HIDDEN_SIZE = 32;
const PROBE_OFFSET = 12;

/** @returns the bundle (model-bundle.ts) of a dense 64-32-10 model with ReLU; always the same bytes */
export function probeBundle(): Uint8Array {
  const first = noise(1, PROBE_INPUT_SIZE * PROBE_HIDDEN_SIZE, Math.sqrt(3 / PROBE_INPUT_SIZE));
  const second = noise(2, PROBE_HIDDEN_SIZE * PROBE_OUTPUT_SIZE, Math.sqrt(3 / PROBE_HIDDEN_SIZE));
  for (let output = 0; output < PROBE_OUTPUT_SIZE; output++) centre(second, output);
  return packDenseModel([
    { kernel: first, bias: Float32Array.from({ length: PROBE_HIDDEN_SIZE }, offset), activation: "relu" },
    { kernel: second, bias: new Float32Array(PROBE_OUTPUT_SIZE), activation: "linear" },
  ]);
}

function noise(seed: number, length: number, scale: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => scale * hashNoise(seed, i));
}

function offset(_: unknown, unit: number): number {
  return unit % 2 === 0 ? PROBE_OFFSET : 0;
}

function centre(kernel: Float32Array, output: number): void {
  let sum = 0;
  for (let i = output; i < kernel.length; i += 2 * PROBE_OUTPUT_SIZE) sum += kernel[i]!;
  for (let i = output; i < kernel.length; i += 2 * PROBE_OUTPUT_SIZE) kernel[i]! -= sum / (PROBE_HIDDEN_SIZE / 2);
}
