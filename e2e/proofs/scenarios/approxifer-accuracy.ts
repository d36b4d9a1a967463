/**
 * What coding alone is worth on real digits: K = 8 queries to a group, N = K+S workers, S of them lost at random in every
 * group, nobody lies, nothing is redone. In this process, without tabs.
 */
import { argmax } from "../../../server/kinds/inference/engine/argmax.ts";
import { encodeGroups } from "../../../shared/coding/encode-groups.ts";
import { groupsInOrder, localityOrder } from "../../../shared/coding/locality.ts";
import { makeScheme } from "../../../shared/coding/make-scheme.ts";
import { DECODED_HOW } from "../../../shared/coding/scheme.ts";
import type { SchemeName } from "../../../shared/coding/schemes/schemes.ts";
import { randomAt, shuffle } from "../../../shared/random/simulation-random.ts";
import { ACCURACY_COLUMNS, DEGRADED_NOTE } from "../../bench/accuracy-columns.ts";
import type { Measurement, Measurer } from "../../bench/measurement.ts";
import { type MnistBase, mnistBase, runAll } from "./mnist-base.ts";

export const K = 8;
export const STRAGGLER_COUNTS = [1, 2, 3] as const;
/** ResNet-18 on MNIST, K = 8, S = 1, 2, 3 (ApproxIFER, arXiv 2109.09868). */
export const AUTHORS_ACCURACY: Readonly<Record<number, number>> = { 1: 0.872, 2: 0.826, 3: 0.775 };
const QUERY_COUNT = 10_000;

const LOSS_DRAW = 10;
const ORDER_DRAW = 11;
const LOCALITY_DRAW = 12;

/** Worker indices that answer for this group, strictly increasing: all but S that are drawn by seed, S and group. */
export function arrivedWorkers(seed: number, stragglerCount: number, group: number): number[] {
  const workers = Array.from({ length: K + stragglerCount }, (_, i) => i);
  shuffle(workers, randomAt(seed, LOSS_DRAW, stragglerCount, group));
  return workers.slice(stragglerCount).sort((a, b) => a - b);
}

/** The order in which queries meet in groups where nothing is known of them. */
export function randomOrder(seed: number, queryCount: number): Uint32Array {
  return shuffle(
    Uint32Array.from({ length: queryCount }, (_, q) => q),
    randomAt(seed, ORDER_DRAW),
  );
}

export interface CodedAccuracy {
  readonly workerCount: number;
  /** Share of all queries whose answer has the right label. */
  readonly overall: number;
  /** The same among answers that are estimates; null where there are none. */
  readonly degraded: number | null;
  readonly estimatedCount: number;
}

/** @param order of the queries, a multiple of K of them: each K in a row are a group */
export async function codedAccuracy(
  name: SchemeName,
  stragglerCount: number,
  base: MnistBase,
  order: Uint32Array,
  seed: number,
): Promise<CodedAccuracy> {
  const { inputSize, outputSize } = base.model.facts;
  const scheme = makeScheme(name, { queryCount: K, stragglerCount, liarCount: 0 });
  const { groupCount, members } = groupsInOrder(order, K);
  const groups = new Float32Array(members.length * inputSize);
  members.forEach((query, row) => {
    groups.set(base.queries.subarray(query * inputSize, (query + 1) * inputSize), row * inputSize);
  });
  const batches: Float32Array[] = [];
  for (const batch of encodeGroups(scheme, groups, groupCount, inputSize)) {
    batches.push(await runAll(base.model, batch, groupCount));
  }

  let [hits, estimatedCount, estimatedHits] = [0, 0, 0];
  for (let group = 0; group < groupCount; group++) {
    const arrived = arrivedWorkers(seed, stragglerCount, group);
    const results = new Float32Array(arrived.length * outputSize);
    arrived.forEach((workerIndex, r) => {
      results.set(batches[workerIndex]!.subarray(group * outputSize, (group + 1) * outputSize), r * outputSize);
    });
    const decoded = scheme.decode(arrived, results, outputSize);
    for (let j = 0; j < K; j++) {
      const isHit = argmax(decoded.outputs, j, outputSize) === base.labels[members[group * K + j]!];
      if (isHit) hits++;
      if (decoded.how[j] !== DECODED_HOW.estimated) continue;
      estimatedCount++;
      if (isHit) estimatedHits++;
    }
  }
  return {
    workerCount: scheme.workerCount,
    overall: hits / members.length,
    degraded: estimatedCount === 0 ? null : estimatedHits / estimatedCount,
    estimatedCount,
  };
}

/** Queries that are alike next to each other. */
export function similarOrder(base: MnistBase, seed: number): Uint32Array {
  return localityOrder(base.queries, base.count, base.model.facts.inputSize, K, randomAt(seed, LOCALITY_DRAW));
}

async function run({ seed, progress }: { seed: number; progress(line: string): void }): Promise<Measurement> {
  const base = await mnistBase(QUERY_COUNT);
  const rows: Measurement["rows"][number][] = [];
  const add = async (scheme: SchemeName, grouping: string, order: Uint32Array) => {
    for (const stragglers of STRAGGLER_COUNTS) {
      progress(`${scheme}, ${grouping} groups, S = ${stragglers}`);
      const { workerCount, overall, degraded } = await codedAccuracy(scheme, stragglers, base, order, seed);
      const authors = scheme === "approxifer" && grouping === "random" ? AUTHORS_ACCURACY[stragglers]! : null;
      rows.push({
        scheme,
        grouping,
        stragglers,
        workers: workerCount,
        base: base.accuracy,
        overall,
        degraded,
        authors,
      });
    }
  };
  const atRandom = randomOrder(seed, base.count);
  const alike = similarOrder(base, seed);
  await add("approxifer", "random", atRandom);
  await add("approxifer", "alike", alike);
  await add("systematic", "random", atRandom);
  await add("systematic", "alike", alike);
  return {
    name: approxiferAccuracy.name,
    title: approxiferAccuracy.title,
    columns: [
      { key: "scheme", title: "scheme" },
      { key: "grouping", title: "groups" },
      { key: "stragglers", title: "S" },
      { key: "workers", title: "workers" },
      ...ACCURACY_COLUMNS,
      { key: "authors", title: "authors'", digits: 3 },
    ],
    rows,
    notes: [
      `${DEGRADED_NOTE}: all of approxifer's, the lost ones of systematic.`,
      "Lost answers come from the code alone: nothing is redone. The authors' figures are of ResNet-18, ours of a small MLP.",
    ],
  };
}

export const approxiferAccuracy: Measurer = {
  name: "approxifer-accuracy",
  title: `${QUERY_COUNT} MNIST test images, K = ${K}, N = K+S workers, S of them lost at random in each group`,
  run,
};
