/** A small dense network and queries for it, drawn with one seed: what tests of the shell submit. */
import { packDenseModel } from "../../../shared/compute/runtimes/tfjs/dense-model.ts";
import { normal, simulationRandom } from "../../../shared/random/simulation-random.ts";

export const INPUT_SIZE = 6;
export const QUERIES = 48;
export const SYSTEMATIC = { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 1 };

const random = simulationRandom(9);
const noise = (count: number) => Float32Array.from({ length: count }, () => normal(random));
/** 6 -> 5 -> 3 */
export const model = packDenseModel([
  { kernel: noise(INPUT_SIZE * 5), bias: noise(5), activation: "relu" },
  { kernel: noise(5 * 3), bias: noise(3), activation: "linear" },
]);
/** QUERIES x INPUT_SIZE */
export const queries = noise(QUERIES * INPUT_SIZE);
