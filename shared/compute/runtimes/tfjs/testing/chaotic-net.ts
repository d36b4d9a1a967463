/** Networks that make much of rounding: each layer stretches differences by its gain and folds them back. */
import { normal, simulationRandom } from "../../../../random/simulation-random.ts";
import { packDenseModel } from "../dense-model.ts";

export interface ChaoticNet {
  readonly layers: number;
  /** Of a layer's weights: their standard deviation times the root of its width. About 1 leaves differences as they are. */
  readonly gain: number;
  readonly width?: number;
  readonly seed?: number;
}

/** Dense layers of tanh, the last one linear. @returns the bundle */
export function chaoticNet({ layers, gain, width = 32, seed = 1 }: ChaoticNet): Uint8Array {
  const random = simulationRandom(seed);
  return packDenseModel(
    Array.from({ length: layers }, (_, layer) => ({
      kernel: Float32Array.from({ length: width * width }, () => (normal(random) * gain) / Math.sqrt(width)),
      bias: new Float32Array(width),
      activation: layer === layers - 1 ? ("linear" as const) : ("tanh" as const),
    })),
  );
}
