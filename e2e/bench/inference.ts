/**
 * The table of the ApproxIFER paper beside ours, in this process and without tabs:
 *
 *     npm run bench -- inference [--seed N] [--json FILE] [--datasets mnist,fashion,cifar] [--limit N]
 *                                [--model FOLDER --queries Q.npy --labels Y.npy [--input-scale X]]
 *
 * Data sets that are not here yet are fetched (e2e/datasets/fetch.ts).
 */
import { localityOrder } from "../../shared/coding/locality.ts";
import { NEIGHBOURS_AVERAGED } from "../../shared/coding/neighbours.ts";
import { principalProjection } from "../../shared/coding/principal-components.ts";
import { randomAt, shuffle } from "../../shared/random/simulation-random.ts";
import { ACCURACY_COLUMNS, DEGRADED_NOTE } from "./accuracy-columns.ts";
import { countFlag, type Flags } from "./flags.ts";
import {
  type InferenceCase,
  knownCasesOf,
  loadKnownCase,
  loadOwnCase,
  OWN_CASE_FLAGS,
  type OwnCase,
  ownCaseOf,
} from "./inference-case.ts";
import { codeAccuracy, guessAccuracy, heldOutAgreement, neighbourAccuracy, type Setting } from "./inference-schemes.ts";
import type { Tally } from "./inference-tally.ts";
import type { Cell, Measurement, MeasureOptions, Measurer } from "./measurement.ts";

const QUERY_COUNTS = [8, 10, 12];
const STRAGGLER_COUNTS = [1, 2, 3];
/** Queries of CIFAR-10 cost a hundred times as much as those of the MNIST MLP. */
const LIMITS: Readonly<Record<string, number>> = { mnist: 10_000, fashion: 10_000, cifar: 2_000 };

const ORDER_DRAW = 20;
const LOCALITY_DRAW = 21;
const PROJECTION_DRAW = 22;

export interface InferenceOptions extends MeasureOptions {
  /** Some of mnist, fashion, cifar. */
  readonly datasets?: readonly string[];
  /** The first so many queries of each data set. */
  readonly limit?: number;
  /** Instead of the data sets: a model and queries of one's own. */
  readonly own?: OwnCase;
}

export async function run(options: InferenceOptions): Promise<Measurement> {
  const { datasets = ["mnist", "fashion", "cifar"], own, progress } = options;
  const rows: Measurement["rows"][number][] = [];
  const measureOne = async (inferenceCase: InferenceCase) => {
    rows.push(...(await rowsOf(inferenceCase, options)));
    inferenceCase.model.dispose();
    for (const parity of inferenceCase.parityModels.values()) parity.dispose();
  };
  if (own !== undefined) await measureOne(await loadOwnCase(own, options.limit ?? Number.POSITIVE_INFINITY));
  else {
    for (const known of knownCasesOf(datasets)) {
      const limit = options.limit ?? LIMITS[known.dataset]!;
      await measureOne(await loadKnownCase(known, limit, progress));
    }
  }
  const { name, title } = inference;
  return { name, title, columns: COLUMNS, rows, notes: [...NOTES, verdict(rows)] };
}

async function rowsOf(inferenceCase: InferenceCase, { seed, progress }: InferenceOptions) {
  const { dataset, modelName, count, queries, base, parityModels } = inferenceCase;
  const { inputSize } = inferenceCase.model.facts;
  const atRandom = shuffle(Uint32Array.from(inferenceCase.labels.keys()), randomAt(seed, ORDER_DRAW));
  const features = principalProjection(queries, count, inputSize, randomAt(seed, PROJECTION_DRAW));
  const rows: Record<string, Cell>[] = [];

  for (const queryCount of QUERY_COUNTS) {
    const alike = localityOrder(queries, count, inputSize, queryCount, randomAt(seed, LOCALITY_DRAW, queryCount));
    for (const stragglerCount of STRAGGLER_COUNTS) {
      progress(`${modelName}: K = ${queryCount}, S = ${stragglerCount}`);
      const common = { inferenceCase, queryCount, stragglerCount, seed };
      const random: Setting = { ...common, order: atRandom };
      const similar: Setting = { ...common, order: alike };
      const add = (scheme: string, { overall, degraded }: Pick<Tally, "overall" | "degraded">) => {
        rows.push({
          dataset,
          model: modelName,
          queryCount,
          stragglers: stragglerCount,
          scheme,
          queries: count,
          base,
          overall,
          degraded,
        });
      };
      add("drop and guess", guessAccuracy(similar));
      add("copy the nearest answer", neighbourAccuracy(similar, features, 1));
      add("approxifer", await codeAccuracy("approxifer", random));
      add("approxifer, alike", await codeAccuracy("approxifer", similar));
      add("berrut-systematic", await codeAccuracy("berrut-systematic", random));
      add("berrut-systematic, alike", await codeAccuracy("berrut-systematic", similar));
      add("spline", await codeAccuracy("spline", random));
      add("spline, alike", await codeAccuracy("spline", similar));
      if (stragglerCount === 1 && parityModels.has(queryCount)) add("parm", await codeAccuracy("parm", random));
      const parities = await codeAccuracy("systematic", similar);
      const neighbours = neighbourAccuracy(similar, features, NEIGHBOURS_AVERAGED);
      add("systematic (parities)", parities);
      add("systematic (neighbours)", neighbours);
      const agreement = await heldOutAgreement(similar, features, NEIGHBOURS_AVERAGED);
      add("systematic", agreement.parities > agreement.neighbours ? parities : neighbours);
    }
  }
  return rows;
}

const WHY_NOT =
  "Elsewhere the mean of neighbours says less than the nearest alone, or answers held out spoke for the other estimator:";

const PAPERS = /^(parm|approxifer|berrut-systematic|spline)/;

/** Says where systematic is not the best in A_overall. */
function verdict(rows: Measurement["rows"]): string {
  const settings = new Map<string, Measurement["rows"][number][]>();
  for (const row of rows) {
    const setting = `${row.model}, K = ${row.queryCount}, S = ${row.stragglers}`;
    settings.set(setting, [...(settings.get(setting) ?? []), row]);
  }
  const exceptions: string[] = [];
  let abovePapers = 0;
  for (const [setting, own] of settings) {
    const ours = own.find(({ scheme }) => scheme === "systematic")!.overall as number;
    const papers = own.filter(({ scheme }) => PAPERS.test(scheme as string));
    if (papers.every(({ overall }) => (overall as number) < ours)) abovePapers++;
    const better = own.filter(({ overall }) => (overall as number) > ours);
    if (better.length === 0) continue;
    const best = better.reduce((a, b) => ((b.overall as number) > (a.overall as number) ? b : a));
    const gap = ((best.overall as number) - ours) / standardErrorOf(best);
    exceptions.push(
      `  ${setting}: ${best.scheme} ${(best.overall as number).toFixed(4)}, systematic ${ours.toFixed(4)}` +
        ` (${gap.toFixed(1)} standard errors)`,
    );
  }
  const share = `${settings.size - exceptions.length} of ${settings.size}`;
  const why = exceptions.length === 0 ? [] : [WHY_NOT];
  const papers = `It is above the papers' codes, in groups at random or alike, in ${abovePapers} of ${settings.size}.`;
  return [`systematic has the best A_overall in ${share} settings. ${papers}`, ...why, ...exceptions].join("\n");
}

/** Of the difference of two shares that differ in which queries were lost alone: only lost answers are left to chance. */
function standardErrorOf({ queryCount, stragglers, degraded, queries }: Measurement["rows"][number]): number {
  const lostShare = (stragglers as number) / ((queryCount as number) + (stragglers as number));
  const [share, lostCount] = [degraded as number, lostShare * (queries as number)];
  return lostShare * Math.sqrt((2 * share * (1 - share)) / lostCount);
}

const COLUMNS = [
  { key: "dataset", title: "data" },
  { key: "model", title: "model" },
  { key: "queryCount", title: "K" },
  { key: "stragglers", title: "S" },
  { key: "scheme", title: "scheme" },
  { key: "queries", title: "queries" },
  ...ACCURACY_COLUMNS,
];

const NOTES = [
  "N = K+S workers, S of them lost in every group, the same ones for every scheme; nothing is redone.",
  `${DEGRADED_NOTE}: all of approxifer's and spline's, the lost ones of the others.`,
  "Groups are drawn at random, those of 'alike' and systematic hold similar queries; guess and copy stand in for what is lost of these.",
  "A guess counts with its expectation. parm has rows where a parity model was trained: MNIST K = 8, 12, Fashion-MNIST K = 8, S = 1.",
  `systematic takes parities or the mean of ${NEIGHBOURS_AVERAGED} neighbours, whichever agreed more with answers that arrived, held out.`,
];

export const inference: Measurer = {
  name: "inference",
  title: "Coded inference: accuracy of every scheme where S of K+S workers are lost in each group",
  flags: ["datasets", "limit", ...OWN_CASE_FLAGS],
  run: (options) => run({ ...options, ...optionsOf(options.flags ?? {}) }),
};

function optionsOf(flags: Flags): Partial<InferenceOptions> {
  const own = ownCaseOf(flags);
  const limit = countFlag(flags, "limit");
  return {
    ...(flags.datasets === undefined ? {} : { datasets: flags.datasets.split(",") }),
    ...(limit === undefined ? {} : { limit }),
    ...(own === null ? {} : { own }),
  };
}
