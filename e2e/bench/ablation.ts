/**
 * What each ingredient of coded inference adds, every code with every other ingredient:
 *
 *     npm run bench -- ablation [--seeds N] [--seed FIRST] [--datasets mnist,fashion,cifar]
 *         [--group-sizes 8,10,12] [--limit N] [--json FILE]
 *
 * Ingredients: the code; groups drawn at random or of like queries; a lost answer by the code's own decoder, by its
 * neighbours, or by the one of the two that agreed more with answers held out. Nothing is redone.
 */
import { argmax } from "../../server/kinds/inference/engine/argmax.ts";
import { QUERIES_PER_GROUP_MAX } from "../../shared/coding/code-limits.ts";
import { localityOrder } from "../../shared/coding/locality.ts";
import { makeScheme } from "../../shared/coding/make-scheme.ts";
import { NEIGHBOURS_AVERAGED } from "../../shared/coding/neighbours.ts";
import { principalProjection } from "../../shared/coding/principal-components.ts";
import { DECODED_HOW } from "../../shared/coding/scheme.ts";
import type { SchemeName } from "../../shared/coding/schemes/schemes.ts";
import { randomAt, shuffle } from "../../shared/random/simulation-random.ts";
import { wholeNumber } from "../flags/whole-number.ts";
import { DEGRADED_NOTE } from "./accuracy-columns.ts";
import { countFlag, seedsFrom } from "./flags.ts";
import { firstOf, type InferenceCase, knownCasesOf, loadKnownCase } from "./inference-case.ts";
import { heldOutIn } from "./inference-losses.ts";
import {
  arrivedResults,
  codedAnswers,
  estimatesOf,
  type Features,
  forEachGroup,
  guessAccuracy,
  neighbourAccuracy,
  type Setting,
} from "./inference-schemes.ts";
import { tally } from "./inference-tally.ts";
import { meanInterval } from "./mean-interval.ts";
import type { Cell, Measurement, Measurer } from "./measurement.ts";
import { settingsUsed } from "./settings-used.ts";

const CODES = ["approxifer", "spline", "berrut-systematic", "systematic"] as const satisfies readonly SchemeName[];
const QUERY_COUNTS = [8, 10, 12];
const STRAGGLER_COUNTS = [1, 2, 3];
const SEEDS = 5;
/** One row of a convolutional network costs a hundred of the perceptron's. */
const LIMITS: Readonly<Record<string, number>> = {
  "mnist-mlp": 10_000,
  "fashion-mlp": 10_000,
  "mnist-cnn": 2_000,
  "fashion-cnn": 2_000,
  "cifar-resnet": 1_000,
};

const ORDER_DRAW = 20;
const LOCALITY_DRAW = 21;
const PROJECTION_DRAW = 22;

const GROUPINGS = ["random", "alike"] as const;
type Grouping = (typeof GROUPINGS)[number];

export interface AblationOptions {
  readonly seeds: readonly number[];
  readonly datasets?: readonly string[];
  readonly limit?: number;
  /** K and S of the settings. */
  readonly queryCounts?: readonly number[];
  readonly stragglerCounts?: readonly number[];
  progress(line: string): void;
}

interface Shares {
  readonly overall: number;
  readonly degraded: number | null;
}

export async function run({ seeds, limit, progress, ...asked }: AblationOptions) {
  const { datasets = ["mnist", "fashion", "cifar"] } = asked;
  const { queryCounts = QUERY_COUNTS, stragglerCounts = STRAGGLER_COUNTS } = asked;
  const rows: Record<string, Cell>[] = [];
  for (const known of knownCasesOf(datasets)) {
    const count = limit ?? LIMITS[known.model]!;
    const inferenceCase = firstOf(await loadKnownCase(known, count, progress), count);
    const draws = seeds.map((seed) => drawn(inferenceCase, seed));
    for (const queryCount of queryCounts) {
      const orders = draws.map((draw) => ordersOf(inferenceCase, queryCount, draw));
      for (const stragglers of stragglerCounts) {
        const found = new Map<string, Shares[]>();
        for (const [place, draw] of draws.entries()) {
          const { seed } = draw;
          progress(`${known.model}: K = ${queryCount}, S = ${stragglers}, seed ${seed}`);
          const common = { inferenceCase, queryCount, stragglerCount: stragglers, seed };
          for (const [key, shares] of await sharesOf(common, draw.features, orders[place]!)) {
            found.set(key, [...(found.get(key) ?? []), shares]);
          }
        }
        const { dataset, base } = inferenceCase;
        const common = { dataset, model: known.model, queryCount, stragglers, queries: inferenceCase.count, base };
        for (const [key, shares] of found) rows.push({ ...common, ...namesOf(key), ...intervalsOf(shares) });
      }
    }
    inferenceCase.model.dispose();
    for (const parity of inferenceCase.parityModels.values()) parity.dispose();
  }
  const { name, title } = ablation;
  return {
    name,
    title,
    columns: COLUMNS,
    rows,
    notes: NOTES,
    set: ablationSet(queryCounts, stragglerCounts),
  } satisfies Measurement;
}

export function ablationSet(queryCounts: readonly number[], stragglerCounts: readonly number[]) {
  return settingsUsed(
    queryCounts.flatMap((queriesPerGroup) => stragglerCounts.map((stragglers) => ({ queriesPerGroup, stragglers }))),
  );
}

/** What depends on the seed alone. */
interface Draw {
  readonly seed: number;
  readonly atRandom: Uint32Array;
  readonly features: Features;
}

function drawn({ queries, count, labels, model }: InferenceCase, seed: number): Draw {
  return {
    seed,
    atRandom: shuffle(Uint32Array.from(labels.keys()), randomAt(seed, ORDER_DRAW)),
    features: principalProjection(queries, count, model.facts.inputSize, randomAt(seed, PROJECTION_DRAW)),
  };
}

type Orders = Readonly<Record<Grouping, Uint32Array>>;

function ordersOf({ queries, count, model }: InferenceCase, queryCount: number, { seed, atRandom }: Draw): Orders {
  const random = randomAt(seed, LOCALITY_DRAW, queryCount);
  return { random: atRandom, alike: localityOrder(queries, count, model.facts.inputSize, queryCount, random) };
}

/** By code, grouping and estimator. */
async function sharesOf(
  common: Omit<Setting, "order">,
  features: Features,
  orders: Orders,
): Promise<Map<string, Shares>> {
  const found = new Map<string, Shares>();
  for (const grouping of GROUPINGS) {
    const setting: Setting = { ...common, order: orders[grouping] };
    found.set(keyOf("none", grouping, "guess"), frozen(guessAccuracy(setting)));
    found.set(keyOf("none", grouping, "copy of the nearest"), frozen(neighbourAccuracy(setting, features, 1)));
    found.set(keyOf("none", grouping, "neighbours"), frozen(neighbourAccuracy(setting, features, NEIGHBOURS_AVERAGED)));
    for (const code of CODES) {
      const { decoder, neighbours, best } = await estimatorsOf(code, setting, features);
      found.set(keyOf(code, grouping, "decoder"), decoder);
      found.set(keyOf(code, grouping, "neighbours"), neighbours);
      found.set(keyOf(code, grouping, "best of both"), best);
    }
  }
  return found;
}

/**
 * Lost answers of one code, estimated in both ways. Where a code has own answers, neighbours are queries whose own answers
 * arrived. Where every answer is an estimate, as in `approxifer` and `spline`, a query's estimate is averaged with those of
 * its neighbours. The choice is by one row a group that is known besides: held out of what arrived, or, where nothing is
 * the model's own, computed by the coordinator.
 */
async function estimatorsOf(code: SchemeName, setting: Setting, features: Features) {
  const { inferenceCase, queryCount, stragglerCount, seed } = setting;
  const { outputs: own, labels, count, model } = inferenceCase;
  const { outputSize } = model.facts;
  const scheme = makeScheme(code, { queryCount, stragglerCount, liarCount: 0 });
  const coded = await codedAnswers(scheme, setting);
  const decoded = new Float32Array(count * outputSize);
  const isOwn = new Uint8Array(count);
  const hasDecoded = new Uint8Array(count);
  const heldOut: number[] = [];
  const heldOutByCode: boolean[] = [];
  const saysAsModel = (outputs: Float32Array, row: number, query: number) =>
    argmax(outputs, row, outputSize) === argmax(own, query, outputSize);

  forEachGroup(setting, (group, members, isPadding) => {
    const { positions, results } = arrivedResults(setting, scheme, coded, group, members);
    const { outputs, how } = scheme.decode(positions, results, outputSize);
    members.forEach((query, place) => {
      if (isPadding(place) || how[place] === DECODED_HOW.missing) return;
      decoded.set(outputs.subarray(place * outputSize, (place + 1) * outputSize), query * outputSize);
      hasDecoded[query] = 1;
      if (how[place] === DECODED_HOW.raw) isOwn[query] = 1;
    });
    const places = Array.from({ length: queryCount }, (_, place) => place).filter((place) => !isPadding(place));
    const ownPlaces = places.filter((place) => how[place] === DECODED_HOW.raw);
    const place = heldOutIn(seed, ownPlaces.length > 0 ? ownPlaces : places, group)!;
    const estimate = ownPlaces.length > 0 ? scheme.estimate([place], positions, results, outputSize) : null;
    if (ownPlaces.length > 0 && estimate === null) return;
    heldOut.push(members[place]!);
    heldOutByCode.push(saysAsModel(estimate ?? outputs, estimate === null ? place : 0, members[place]!));
  });

  const hasOwn = isOwn.includes(1);
  const isNear = hasOwn ? isOwn : hasDecoded;
  const answers = hasOwn ? own : decoded;
  const answeredCase = { ...inferenceCase, outputs: answers };
  const lost = Uint32Array.from(setting.order.filter((query) => isOwn[query] === 0));
  const nearby = estimatesOf({ ...setting, inferenceCase: answeredCase }, features, isNear, lost, NEIGHBOURS_AVERAGED);
  if (!hasOwn) withOwnEstimate(nearby, decoded, lost, outputSize);

  const without = isNear.slice();
  if (hasOwn) for (const query of heldOut) without[query] = 0;
  const heldOutRows = Uint32Array.from(heldOut);
  const asking = { ...setting, inferenceCase: answeredCase };
  const heldOutNearby = estimatesOf(asking, features, without, heldOutRows, NEIGHBOURS_AVERAGED);
  if (!hasOwn) withOwnEstimate(heldOutNearby, decoded, heldOutRows, outputSize);
  const byCode = heldOutByCode.filter(Boolean).length;
  const byNeighbours = heldOut.filter((query, row) => saysAsModel(heldOutNearby, row, query)).length;

  const decoder = tally();
  const neighbours = tally();
  for (const query of setting.order) {
    if (isOwn[query] === 0) continue;
    const hit = argmax(own, query, outputSize) === labels[query] ? 1 : 0;
    decoder.add(hit, false);
    neighbours.add(hit, false);
  }
  lost.forEach((query, row) => {
    decoder.add(hasDecoded[query] === 1 && argmax(decoded, query, outputSize) === labels[query] ? 1 : 0, true);
    neighbours.add(argmax(nearby, row, outputSize) === labels[query] ? 1 : 0, true);
  });
  const shares = { decoder: frozen(decoder), neighbours: frozen(neighbours) };
  return { ...shares, best: byCode > byNeighbours ? shares.decoder : shares.neighbours };
}

/** The mean of a query's own estimate and its neighbours', each with the same weight. */
function withOwnEstimate(nearby: Float32Array, decoded: Float32Array, queries: Uint32Array, outputSize: number): void {
  queries.forEach((query, row) => {
    for (let c = 0; c < outputSize; c++) {
      const sum = nearby[row * outputSize + c]! * NEIGHBOURS_AVERAGED + decoded[query * outputSize + c]!;
      nearby[row * outputSize + c] = sum / (NEIGHBOURS_AVERAGED + 1);
    }
  });
}

const frozen = ({ overall, degraded }: Shares): Shares => ({ overall, degraded });
const keyOf = (code: string, grouping: Grouping, estimator: string) => `${code}|${grouping}|${estimator}`;

function namesOf(key: string) {
  const [code, groups, estimator] = key.split("|") as [string, string, string];
  return { code, groups, estimator };
}

function intervalsOf(shares: readonly Shares[]): Record<string, Cell> {
  const overall = meanInterval(shares.map((share) => share.overall));
  const degraded = meanInterval(shares.flatMap((share) => (share.degraded === null ? [] : [share.degraded])));
  return {
    seeds: shares.length,
    overall: overall.mean,
    overallHalfWidth: overall.halfWidth,
    degraded: degraded.mean,
    degradedHalfWidth: degraded.halfWidth,
  };
}

const COLUMNS = [
  { key: "model", title: "model" },
  { key: "queryCount", title: "K" },
  { key: "stragglers", title: "S" },
  { key: "code", title: "code" },
  { key: "groups", title: "groups" },
  { key: "estimator", title: "lost answers by" },
  { key: "queries", title: "queries" },
  { key: "seeds", title: "seeds" },
  { key: "base", title: "base", digits: 4 },
  { key: "overall", title: "A_overall", digits: 4 },
  { key: "overallHalfWidth", title: "+-", digits: 4 },
  { key: "degraded", title: "A_degraded", digits: 4 },
  { key: "degradedHalfWidth", title: "+-", digits: 4 },
];

const NOTES = [
  "N = K+S workers, S of them lost in every group, the same ones for every code; +- is half of the 95 % interval over seeds.",
  `${DEGRADED_NOTE}: all of approxifer's and spline's, the lost ones of the others.`,
  `Neighbours are the ${NEIGHBOURS_AVERAGED} most similar queries of the whole data set: their own answers, or, for approxifer and ` +
    "spline, which have none, their estimates beside the query's own.",
  "Best of both: whichever agreed more with one row a group that is known besides; labels are not looked at.",
];

export const ablation: Measurer = {
  name: "ablation",
  title: "What the code, likeness and neighbours add to accuracy where S of K+S workers are lost in each group",
  flags: ["datasets", "group-sizes", "limit", "seeds"],
  run: ({ seed, progress, flags = {} }) => {
    const seedCount = countFlag(flags, "seeds") ?? SEEDS;
    const limit = countFlag(flags, "limit");
    return run({
      seeds: seedsFrom(seed, seedCount),
      progress,
      ...(flags.datasets === undefined ? {} : { datasets: flags.datasets.split(",") }),
      ...(limit === undefined ? {} : { limit }),
      ...(flags["group-sizes"] === undefined ? {} : { queryCounts: groupSizesOf(flags["group-sizes"]) }),
    });
  },
};

function groupSizesOf(text: string): number[] {
  return text.split(",").map((size) => wholeNumber("--group-sizes", size, 1, QUERIES_PER_GROUP_MAX));
}
