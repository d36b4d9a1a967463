import { normal } from "../../random/draws.ts";
import { simulationRandom } from "../../random/simulation-random.ts";

export const OUTPUT_SIZE = 10;
export const GROUP_COUNT = 8;

/** Batches that are smooth in the point: random polynomials of degree K-1, decaying, plus a little that is not smooth. */
export function smoothBatches(
  seed: number,
  points: Float64Array,
  queryCount: number,
  roughness: number,
): Float32Array[] {
  const random = simulationRandom(seed);
  const batches = Array.from(points, () => new Float32Array(GROUP_COUNT * OUTPUT_SIZE));
  for (let column = 0; column < GROUP_COUNT * OUTPUT_SIZE; column++) {
    const coefficients = Array.from({ length: queryCount }, (_, power) => normal(random) / (1 + power));
    points.forEach((point, r) => {
      const smooth = coefficients.reduce((sum, c, power) => sum + c * Math.cos(power * Math.acos(point)), 0);
      batches[r]![column] = smooth + roughness * normal(random);
    });
  }
  return batches;
}
