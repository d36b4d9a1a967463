/** Parameters, subsets of workers and random matrices for tests of codes. */
import { normal } from "../../random/draws.ts";
import { simulationRandom } from "../../random/simulation-random.ts";
import type { CodingScheme, SchemeParameters } from "../scheme.ts";

/** Every subset of the worker indices 0..workerCount-1, each ascending. */
export function subsetsOf(workerCount: number): number[][] {
  return Array.from({ length: 1 << workerCount }, (_, bits) =>
    Array.from({ length: workerCount }, (_, i) => i).filter((i) => (bits >> i) & 1),
  );
}

/** rowCount x width, normally distributed. */
export function randomRows(seed: number, rowCount: number, width: number): Float32Array {
  const random = simulationRandom(seed);
  return Float32Array.from({ length: rowCount * width }, () => normal(random));
}

export const of = (queryCount: number, stragglerCount: number, liarCount: number): SchemeParameters => ({
  queryCount,
  stragglerCount,
  liarCount,
});

/** How many subsets of the workers of a scheme are decodable. */
export function decodableCount(scheme: CodingScheme): number {
  return subsetsOf(scheme.workerCount).filter((arrived) => scheme.isDecodable(arrived)).length;
}

/** How many subsets of a set have at least so many members. */
export function atLeast(from: number, least: number): number {
  let count = 0;
  for (let chosen = least; chosen <= from; chosen++) {
    let ways = 1;
    for (let step = 0; step < chosen; step++) ways = (ways * (from - step)) / (step + 1);
    count += ways;
  }
  return Math.round(count);
}
