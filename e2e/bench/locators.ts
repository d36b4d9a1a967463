/**
 * Which share of liars each locator names, on the sample model's real outputs: `npm run bench -- locators`.
 */
import { encodeGroups } from "../../shared/coding/encode-groups.ts";
import { greedyLocator, groupResults } from "../../shared/coding/greedy-locator.ts";
import { makeScheme } from "../../shared/coding/make-scheme.ts";
import { evenAnglePoints } from "../../shared/coding/points.ts";
import type { SchemeParameters } from "../../shared/coding/scheme.ts";
import { nullVectorLocator } from "../../shared/coding/schemes/approxifer/null-vector-locator.ts";
import { publishedLocator } from "../../shared/coding/schemes/approxifer/published-locator.ts";
import { randomAt, shuffle } from "../../shared/random/simulation-random.ts";
import { type MnistBase, mnistBase, runAll } from "../proofs/scenarios/mnist-base.ts";
import { LOCATOR_ATTACKS } from "./locator-attacks.ts";
import type { Cell, Measurement, MeasureOptions, Measurer } from "./measurement.ts";

const GROUP_COUNT = 32;
const BATCH_COUNT = 12;
/** For locators that look at one group: so many of each batch, each a trial of its own. */
const SINGLE_GROUPS = 4;
const SETTINGS = [
  { queryCount: 8, stragglerCount: 0, liarCount: 1 },
  { queryCount: 8, stragglerCount: 3, liarCount: 1 },
  { queryCount: 12, stragglerCount: 0, liarCount: 2 },
];

const ORDER_DRAW = 40;
const LIAR_DRAW = 41;
const LIE_DRAW = 42;

/** (points, batches of some groups, number of groups) => rows named */
type Locate = (
  points: Float64Array,
  batches: readonly Float32Array[],
  groupCount: number,
  setting: { queryCount: number; liarCount: number; outputSize: number },
) => number[];

const LOCATORS: Readonly<Record<string, Locate>> = {
  published: (points, batches, groupCount, { outputSize, ...counts }) =>
    publishedLocator({ points, results: asOutputs(batches), outputSize: groupCount * outputSize, ...counts }),
  "null vector": (points, batches, groupCount, { outputSize, ...counts }) =>
    nullVectorLocator({ points, results: asOutputs(batches), outputSize: groupCount * outputSize, ...counts }),
  greedy: (points, batches, groupCount, counts) =>
    greedyLocator({ points, batches, groupCount, ...counts }).map(({ row }) => row),
};

/** Several groups as one group with more outputs. */
function asOutputs(batches: readonly Float32Array[]): Float32Array {
  return groupResults(batches, 0, batches[0]!.length);
}

async function run({ seed, progress }: MeasureOptions): Promise<Measurement> {
  const base = await mnistBase(10_000);
  const rows: Record<string, Cell>[] = [];
  for (const setting of SETTINGS) {
    const honest = await honestBatches(base, setting, seed);
    for (const [number, [attack, lie]] of Object.entries(LOCATOR_ATTACKS).entries()) {
      progress(`K = ${setting.queryCount}, S = ${setting.stragglerCount}, E = ${setting.liarCount}: ${attack}`);
      const trials = honest.batches.map((batches, b) => {
        const liars = shuffle([...batches.keys()], randomAt(seed, LIAR_DRAW, setting.queryCount, b));
        const lying = liars.slice(0, setting.liarCount);
        const next = honest.batches[(b + 1) % BATCH_COUNT]!;
        const others = honest.rawOutputs.subarray(0, batches[0]!.length);
        const told = batches.map((batch, i) => {
          if (!lying.includes(i)) return batch;
          const random = randomAt(seed, LIE_DRAW, number, b, i);
          const outputSize = base.model.facts.outputSize;
          return lie({ honest: batch, otherGroups: next[i]!, otherQueries: others, outputSize, random });
        });
        return { told, lying };
      });
      const row: Record<string, Cell> = { attack, ...setting, workers: honest.points.length };
      for (const [name, locate] of Object.entries(LOCATORS)) {
        for (const groupCount of [1, GROUP_COUNT]) {
          row[`${name} ${groupCount}`] = shareNamed(locate, honest.points, trials, groupCount, {
            queryCount: setting.queryCount,
            liarCount: setting.liarCount,
            outputSize: base.model.facts.outputSize,
          });
        }
      }
      rows.push(row);
    }
  }
  base.model.dispose();
  return { name: locators.name, title: locators.title, columns: COLUMNS, rows, notes: NOTES };
}

interface HonestBatches {
  readonly points: Float64Array;
  /** BATCH_COUNT times N batches of GROUP_COUNT x outputSize */
  readonly batches: readonly (readonly Float32Array[])[];
  /** Answers to queries that are in no batch. */
  readonly rawOutputs: Float32Array;
}

async function honestBatches(base: MnistBase, parameters: SchemeParameters, seed: number): Promise<HonestBatches> {
  const { inputSize, outputSize } = base.model.facts;
  const { queryCount } = parameters;
  const scheme = makeScheme("approxifer", parameters);
  const order = shuffle(Uint32Array.from(base.labels.keys()), randomAt(seed, ORDER_DRAW, queryCount));
  const batches: Float32Array[][] = [];
  const perBatch = GROUP_COUNT * queryCount;
  for (let b = 0; b < BATCH_COUNT; b++) {
    const groups = new Float32Array(perBatch * inputSize);
    order.subarray(b * perBatch, (b + 1) * perBatch).forEach((query, row) => {
      groups.set(base.queries.subarray(query * inputSize, (query + 1) * inputSize), row * inputSize);
    });
    const results: Float32Array[] = [];
    for (const batch of encodeGroups(scheme, groups, GROUP_COUNT, inputSize)) {
      results.push(await runAll(base.model, batch, GROUP_COUNT));
    }
    batches.push(results);
  }
  const unused = order.subarray(BATCH_COUNT * perBatch);
  const rawOutputs = new Float32Array(unused.length * outputSize);
  unused.forEach((query, row) => {
    rawOutputs.set(base.outputs.subarray(query * outputSize, (query + 1) * outputSize), row * outputSize);
  });
  return { points: evenAnglePoints(queryCount, scheme.workerCount).evaluationPoints, batches, rawOutputs };
}

function shareNamed(
  locate: Locate,
  points: Float64Array,
  trials: readonly { told: readonly Float32Array[]; lying: readonly number[] }[],
  groupCount: number,
  setting: { queryCount: number; liarCount: number; outputSize: number },
): number {
  let [named, count] = [0, 0];
  const width = groupCount * setting.outputSize;
  for (const { told, lying } of trials) {
    for (let part = 0; part < (groupCount === 1 ? SINGLE_GROUPS : 1); part++) {
      const batches = told.map((batch) => batch.subarray(part * width, (part + 1) * width));
      const rows = locate(points, batches, groupCount, setting);
      named += lying.filter((liar) => rows.includes(liar)).length;
      count += lying.length;
    }
  }
  return named / count;
}

const COLUMNS = [
  { key: "attack", title: "attack" },
  { key: "queryCount", title: "K" },
  { key: "stragglerCount", title: "S" },
  { key: "liarCount", title: "E" },
  { key: "workers", title: "N" },
  ...Object.keys(LOCATORS).flatMap((name) =>
    [1, GROUP_COUNT].map((groupCount) => ({
      key: `${name} ${groupCount}`,
      title: `${name}, ${groupCount}`,
      digits: 2,
    })),
  ),
];

const NOTES = [
  `Share of liars named; 1: from one group, ${GROUP_COUNT}: from all groups of a batch at once. ${BATCH_COUNT} batches, their liars drawn anew;`,
  `one group: ${SINGLE_GROUPS} of each batch. Nobody is late. MNIST test images in random groups, the sample model.`,
  "With S = 0 the null vector and the published fit have one solution, the same one; beyond, they part.",
];

export const locators: Measurer = {
  name: "locators",
  title: "Error locators of the approxifer code: the share of liars that each names",
  run,
};
