/**
 * How much smoothing the spline code should have: `npm run bench -- spline-sweep`.
 * On training images, so that the test images of the inference bench have no say in it.
 */
import { argmax } from "../../server/kinds/inference/engine/argmax.ts";
import { loadMnist } from "../../server/samples/mnist.ts";
import { encodeGroups } from "../../shared/coding/encode-groups.ts";
import { localityOrder } from "../../shared/coding/locality.ts";
import { splineScheme } from "../../shared/coding/schemes/spline/spline.ts";
import { randomAt, shuffle } from "../../shared/random/simulation-random.ts";
import { loadModel, MODEL_FOLDERS } from "../models/model-files.ts";
import { runAll } from "../proofs/scenarios/mnist-base.ts";
import { arrivedIn } from "./inference-losses.ts";
import type { Cell, Measurement, MeasureOptions, Measurer } from "./measurement.ts";

const QUERY_LIMIT = 2_400;
const SMOOTHINGS = [0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1];
const SETTINGS = [8, 12].flatMap((queryCount) => [1, 3].map((stragglerCount) => ({ queryCount, stragglerCount })));
const ORDER_DRAW = 50;

async function run({ seed, progress }: MeasureOptions): Promise<Measurement> {
  const { images, labels } = await loadMnist("train");
  const queries = Float32Array.from(images.subarray(0, QUERY_LIMIT * 784), (pixel) => pixel / 255);
  const model = await loadModel(MODEL_FOLDERS["mnist-mlp"]);
  const { inputSize, outputSize } = model.facts;
  const rows: Record<string, Cell>[] = [];

  for (const encoder of SMOOTHINGS) {
    const hits = SMOOTHINGS.map(() => ({ "at random": 0, alike: 0 }));
    for (const { queryCount, stragglerCount } of SETTINGS) {
      progress(`encoder ${encoder}: K = ${queryCount}, S = ${stragglerCount}`);
      const groupings = {
        "at random": shuffle(
          Uint32Array.from({ length: QUERY_LIMIT }, (_, q) => q),
          randomAt(seed, ORDER_DRAW),
        ),
        alike: localityOrder(queries, QUERY_LIMIT, inputSize, queryCount, randomAt(seed, ORDER_DRAW, queryCount)),
      };
      for (const [grouping, order] of Object.entries(groupings)) {
        const parameters = { queryCount, stragglerCount, liarCount: 0 };
        const groups = new Float32Array(QUERY_LIMIT * inputSize);
        order.forEach((query, row) => {
          groups.set(queries.subarray(query * inputSize, (query + 1) * inputSize), row * inputSize);
        });
        const groupCount = QUERY_LIMIT / queryCount;
        const encoding = splineScheme(parameters, { encoder, decoder: 0 });
        const batches: Float32Array[] = [];
        for (const batch of encodeGroups(encoding, groups, groupCount, inputSize)) {
          batches.push(await runAll(model, batch, groupCount));
        }
        SMOOTHINGS.forEach((decoder, d) => {
          const scheme = splineScheme(parameters, { encoder, decoder });
          for (let g = 0; g < groupCount; g++) {
            const arrived = arrivedIn(seed, queryCount, stragglerCount, g);
            const results = new Float32Array(arrived.length * outputSize);
            arrived.forEach((i, r) => {
              results.set(batches[i]!.subarray(g * outputSize, (g + 1) * outputSize), r * outputSize);
            });
            const { outputs } = scheme.decode(arrived, results, outputSize);
            for (let j = 0; j < queryCount; j++) {
              const isHit = argmax(outputs, j, outputSize) === labels[order[g * queryCount + j]!];
              if (isHit) hits[d]![grouping as "alike"] += 1 / (SETTINGS.length * QUERY_LIMIT);
            }
          }
        });
      }
    }
    SMOOTHINGS.forEach((decoder, d) => {
      rows.push({ encoder: String(encoder), decoder: String(decoder), ...hits[d]! });
    });
  }
  model.dispose();
  rows.sort((a, b) => score(b) - score(a));
  return { name: splineSweep.name, title: splineSweep.title, columns: COLUMNS, rows, notes: NOTES };
}

const score = (row: Record<string, Cell>): number => (row["at random"] as number) + (row.alike as number);

const COLUMNS = [
  { key: "encoder", title: "encoder" },
  { key: "decoder", title: "decoder" },
  { key: "at random", title: "groups at random", digits: 4 },
  { key: "alike", title: "alike", digits: 4 },
];

const NOTES = [
  "Share of all answers with the right label, mean over K = 8, 12 and S = 1, 3, the best pair first. N = K+S, S of them lost.",
];

export const splineSweep: Measurer = {
  name: "spline-sweep",
  title: `Smoothing of the spline code: ${QUERY_LIMIT} MNIST training images, the sample model`,
  run,
};
