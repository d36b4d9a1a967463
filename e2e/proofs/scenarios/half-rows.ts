/**
 * Does accuracy move where mixtures of 8-bit queries travel as half-precision numbers instead of float32?
 *
 *     npm run bench -- half-rows [--datasets mnist,fashion,cifar] [--limit 2000]
 *
 * Encoder, rounding, model and decoder are those of live jobs; the same workers are lost in both.
 */
import { argmax } from "../../../server/kinds/inference/engine/argmax.ts";
import { roundToHalf } from "../../../server/kinds/inference/engine/query-rows.ts";
import { decodeGroups } from "../../../shared/coding/decode-groups.ts";
import { encodeGroups } from "../../../shared/coding/encode-groups.ts";
import { localityOrder } from "../../../shared/coding/locality.ts";
import { makeScheme } from "../../../shared/coding/make-scheme.ts";
import { type CodingScheme, DECODED_HOW } from "../../../shared/coding/scheme.ts";
import type { SchemeName } from "../../../shared/coding/schemes/schemes.ts";
import { randomAt, shuffle } from "../../../shared/random/simulation-random.ts";
import { type InferenceCase, knownCasesOf, loadKnownCase } from "../../bench/inference-case.ts";
import { arrivedIn } from "../../bench/inference-losses.ts";
import type { Cell, Measurement, MeasureOptions, Measurer } from "../../bench/measurement.ts";
import { runAll } from "./mnist-base.ts";

const QUERY_COUNT = 8;
const SETTINGS: readonly { name: SchemeName; stragglerCount: number }[] = [
  { name: "approxifer", stragglerCount: 1 },
  { name: "approxifer", stragglerCount: 3 },
  { name: "spline", stragglerCount: 1 },
  { name: "systematic", stragglerCount: 1 },
  { name: "systematic", stragglerCount: 3 },
  { name: "parm", stragglerCount: 1 },
];
const LIMIT = 2_000;
/** Of every data set here: the queries are pixels / 255. */
const PIXEL_SCALE = 1 / 255;
const ORDER_DRAW = 60;

export interface HalfRowsResult {
  readonly overall: { readonly float32: number; readonly float16: number };
  /** Among estimates alone. */
  readonly degraded: { readonly float32: number; readonly float16: number };
  /** Share of answers whose label the rounding changed. */
  readonly changedLabels: number;
  readonly answers: number;
}

/** One scheme at S of K+S lost in each group, with mixtures as they are and rounded to halves. */
export async function halfRowsAccuracy(
  inferenceCase: InferenceCase,
  name: SchemeName,
  stragglerCount: number,
  seed: number,
): Promise<HalfRowsResult> {
  const { model, queries, labels } = inferenceCase;
  const { inputSize, outputSize } = model.facts;
  const scheme = makeScheme(name, { queryCount: QUERY_COUNT, stragglerCount, liarCount: 0 });
  const order = orderFor(scheme, inferenceCase, seed);
  const groupCount = Math.floor(order.length / QUERY_COUNT);
  const groups = new Float32Array(groupCount * QUERY_COUNT * inputSize);
  for (let row = 0; row < groupCount * QUERY_COUNT; row++) {
    groups.set(queries.subarray(order[row]! * inputSize, (order[row]! + 1) * inputSize), row * inputSize);
  }
  const batches = encodeGroups(scheme, groups, groupCount, inputSize);
  const answers = { float32: [] as Float32Array[], float16: [] as Float32Array[] };
  for (const [workerIndex, batch] of batches.entries()) {
    const ofWorker = scheme.modelOf?.[workerIndex] ? inferenceCase.parityModels.get(QUERY_COUNT)! : model;
    const asItIs = await runAll(ofWorker, batch, groupCount);
    answers.float32.push(asItIs);
    if (scheme.rawQueryOf[workerIndex]! >= 0) {
      answers.float16.push(asItIs); // bytes lose nothing
      continue;
    }
    roundToHalf(batch, PIXEL_SCALE);
    answers.float16.push(await runAll(ofWorker, batch, groupCount));
  }
  const hits = { float32: { all: 0, estimated: 0 }, float16: { all: 0, estimated: 0 } };
  let [estimates, changed] = [0, 0];
  for (let g = 0; g < groupCount; g++) {
    const arrived = arrivedIn(seed, QUERY_COUNT, stragglerCount, g);
    const decode = (of: readonly Float32Array[]) =>
      decodeGroups(
        scheme,
        arrived,
        arrived.map((i) => of[i]!.subarray(g * outputSize, (g + 1) * outputSize)),
        1,
        outputSize,
      );
    const decoded = { float32: decode(answers.float32), float16: decode(answers.float16) };
    for (let j = 0; j < QUERY_COUNT; j++) {
      const label = labels[order[g * QUERY_COUNT + j]!];
      const isEstimate = decoded.float32.how[j] === DECODED_HOW.estimated;
      if (isEstimate) estimates++;
      const said = (["float32", "float16"] as const).map((kind) => {
        const answer = argmax(decoded[kind].outputs, j, outputSize);
        if (answer === label) hits[kind].all++;
        if (answer === label && isEstimate) hits[kind].estimated++;
        return answer;
      });
      if (said[0] !== said[1]) changed++;
    }
  }
  const count = groupCount * QUERY_COUNT;
  return {
    overall: { float32: hits.float32.all / count, float16: hits.float16.all / count },
    degraded: { float32: hits.float32.estimated / estimates, float16: hits.float16.estimated / estimates },
    changedLabels: changed / count,
    answers: count,
  };
}

/** As jobs group: like queries together in the systematic code, as they come in the papers' codes. */
function orderFor({ name }: CodingScheme, { count, queries, model }: InferenceCase, seed: number): Uint32Array {
  const random = randomAt(seed, ORDER_DRAW);
  if (name === "systematic") return localityOrder(queries, count, model.facts.inputSize, QUERY_COUNT, random);
  return shuffle(
    Uint32Array.from({ length: count }, (_, query) => query),
    random,
  );
}

async function run({ seed, progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  const limit = Number(flags.limit ?? LIMIT);
  const rows: Record<string, Cell>[] = [];
  for (const known of knownCasesOf((flags.datasets ?? "mnist,fashion,cifar").split(","))) {
    const inferenceCase = await loadKnownCase(known, limit, progress);
    for (const { name, stragglerCount } of SETTINGS) {
      if (name === "parm" && !inferenceCase.parityModels.has(QUERY_COUNT)) continue;
      progress(`${inferenceCase.modelName}: ${name}, S = ${stragglerCount}`);
      const { overall, degraded, changedLabels, answers } = await halfRowsAccuracy(
        inferenceCase,
        name,
        stragglerCount,
        seed,
      );
      rows.push({
        dataset: inferenceCase.dataset,
        model: inferenceCase.modelName,
        scheme: name,
        stragglers: stragglerCount,
        answers,
        overall: overall.float32,
        difference: overall.float16 - overall.float32,
        degraded: degraded.float32,
        degradedDifference: degraded.float16 - degraded.float32,
        changedLabels,
      });
    }
    inferenceCase.model.dispose();
  }
  return { name: halfRows.name, title: halfRows.title, columns: COLUMNS, rows, notes: NOTES };
}

const COLUMNS = [
  { key: "dataset", title: "data set" },
  { key: "model", title: "model" },
  { key: "scheme", title: "scheme" },
  { key: "stragglers", title: "S" },
  { key: "answers", title: "answers" },
  { key: "overall", title: "A_overall, float32", digits: 4 },
  { key: "difference", title: "float16 minus float32", digits: 4 },
  { key: "degraded", title: "A_degraded, float32", digits: 4 },
  { key: "degradedDifference", title: "float16 minus float32", digits: 4 },
  { key: "changedLabels", title: "labels changed", digits: 4 },
];

const NOTES = [
  `K = ${QUERY_COUNT}, S of K+S lost in every group. Mixtures of pixels / 255, as float32 and rounded to half-precision multiples of 1/255.`,
  "Queries as they are travel as bytes in both.",
];

export const halfRows: Measurer = {
  name: "half-rows",
  title: "Accuracy where mixtures travel as half-precision numbers",
  flags: ["datasets", "limit"],
  run,
};
