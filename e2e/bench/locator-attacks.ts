/** What a liar says instead of its honest batch, by name. */
import { normal } from "../../shared/random/draws.ts";
import type { RandomSource } from "../../shared/random/random.ts";

export interface Lie {
  /** groupCount x outputSize: what the worker would say. */
  readonly honest: Float32Array;
  /** What the same worker would say of other groups: a codeword that fits together with those of other liars. */
  readonly otherGroups: Float32Array;
  /** groupCount x outputSize: the model's answers to single queries that are in none of the groups. */
  readonly otherQueries: Float32Array;
  readonly outputSize: number;
  readonly random: RandomSource;
}

export const LOCATOR_ATTACKS: Readonly<Record<string, (lie: Lie) => Float32Array>> = {
  "noise sigma 100": noise(100),
  "noise sigma 10": noise(10),
  "noise sigma 1": noise(1),
  "sign flip": ({ honest }) => honest.map((value) => -value),
  "constant 0": ({ honest }) => honest.map(() => 0),
  "other query": ({ otherQueries }) => otherQueries,
  "colluding codeword": ({ otherGroups }) => otherGroups,
  "bias +5 on a class": ({ honest, outputSize }) =>
    honest.map((value, at) => (at % outputSize === 3 ? value + 5 : value)),
};

function noise(sigma: number) {
  return ({ honest, random }: Lie) => honest.map((value) => value + sigma * normal(random));
}
