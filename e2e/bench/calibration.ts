/**
 * Do estimates know how good they are?
 *
 *     npm run bench -- calibration [--seed N] [--json FILE] [--datasets mnist,fashion,cifar] [--limit N]
 *
 * The real coordinator answers the queries with `completion: "fast"`, so that what S of
 * K+S tabs did not answer in time stays estimated, and the confidence that such an answer carries is compared with how often
 * it agrees with the model. The lost queries are the test: what was answered served to measure the confidence.
 */
import { argmax } from "../../server/kinds/inference/engine/argmax.ts";
import type { AllAnswers } from "../../server/kinds/inference/port.ts";
import { ANSWER_MARKS } from "../../shared/kinds/inference/answers.ts";
import { CONFIDENCE_FLOOR_DEFAULT } from "../../shared/protocol/limits.ts";
import type { ComputeTime } from "../crowd/compute-time.ts";
import { HONEST } from "../crowd/tab-faults.ts";
import { runJobs } from "../proofs/simulator/run-jobs.ts";
import { countFlag } from "./flags.ts";
import { type InferenceCase, knownCasesOf, loadKnownCase } from "./inference-case.ts";
import { type JobWorld, jobWorld } from "./job-world.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { settingsUsed } from "./settings-used.ts";

const QUERY_COUNTS = [8, 12];
const STRAGGLER_COUNTS = [1, 3];
const QUERIES = 10_000;

/** Narrow where estimates are delivered, wide where there are few. */
const BIN_EDGES = [0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.92, 0.94, 0.96, 0.98, 1];
/** Bins with fewer say little: with so many one standard error is at most 1.6 points, near .95 .7. */
const ESTIMATES_PER_BIN_MIN = 1_000;
const POINTS_OFF_MAX = 2;

const ESTIMATED = ANSWER_MARKS.indexOf("estimated");
const COMPUTE_DRAW = 60;
const COMPUTE_MS_MEAN = 1_000;
/** New for each batch: who is lost says nothing of the queries. */
const SLOW_FACTOR = 6;

export const CALIBRATION_SET = settingsUsed(
  QUERY_COUNTS.flatMap((queriesPerGroup) =>
    STRAGGLER_COUNTS.map((stragglers) => ({ queriesPerGroup, stragglers, completion: "fast", confidenceFloor: 0 })),
  ),
);

export interface StatedEstimate {
  readonly confidence: number;
  readonly agrees: boolean;
}

/** Every estimated answer of one job with K queries a group and S stragglers, those below the usual floor too. */
export async function statedEstimates(
  world: JobWorld,
  queryCount: number,
  stragglerCount: number,
  seed: number,
): Promise<StatedEstimate[]> {
  const straggleProbability = stragglerCount / (queryCount + stragglerCount);
  const computeTime: ComputeTime = {
    fixedMs: COMPUTE_MS_MEAN,
    rowMs: 0,
    factors: [
      { kind: "slow", share: straggleProbability, least: SLOW_FACTOR, most: SLOW_FACTOR },
      { kind: "even", spread: 0.1 },
    ],
    draw: COMPUTE_DRAW,
  };
  const { jobs } = await runJobs({
    seed,
    tabs: Array.from({ length: queryCount + stragglerCount }, () => ({ ...HONEST, computeTime })),
    ...world.common,
    jobs: [
      {
        scheme: "systematic",
        completion: "fast",
        confidenceFloor: 0,
        queriesPerGroup: queryCount,
        stragglers: stragglerCount,
        liars: 0,
      },
    ],
  });
  return estimatesIn(jobs[0]!.answers, world.inferenceCase);
}

function estimatesIn(answers: AllAnswers, { outputs, model }: InferenceCase): StatedEstimate[] {
  const { outputSize } = model.facts;
  const estimates: StatedEstimate[] = [];
  answers.marks.forEach((mark, query) => {
    if (mark !== ESTIMATED) return;
    const agrees = answers.labels?.[query] === argmax(outputs, query, outputSize);
    estimates.push({ confidence: answers.confidences[query]!, agrees });
  });
  return estimates;
}

/** One row a bin that is not empty; `kept` where there are enough estimates to say. */
export function calibrationRows(estimates: readonly StatedEstimate[]): Measurement["rows"] {
  const bins = new Map<number, StatedEstimate[]>();
  for (const estimate of estimates) {
    const bin = BIN_EDGES.findLastIndex((edge) => estimate.confidence >= edge && edge < 1);
    bins.set(bin, [...(bins.get(bin) ?? []), estimate]);
  }
  return [...bins]
    .sort(([a], [b]) => a - b)
    .map(([bin, inside]) => {
      const stated = inside.reduce((sum, { confidence }) => sum + confidence, 0) / inside.length;
      const agreement = inside.filter(({ agrees }) => agrees).length / inside.length;
      const pointsOff = 100 * (agreement - stated);
      const isEnough = inside.length >= ESTIMATES_PER_BIN_MIN;
      return {
        from: BIN_EDGES[bin]!,
        to: BIN_EDGES[bin + 1]!,
        estimates: inside.length,
        stated,
        agreement,
        pointsOff,
        kept: isEnough ? (Math.abs(pointsOff) <= POINTS_OFF_MAX ? "yes" : "NO") : null,
      };
    });
}

const COLUMNS: readonly Column[] = [
  { key: "from", title: "confidence from", digits: 2 },
  { key: "to", title: "to", digits: 2 },
  { key: "estimates", title: "estimates" },
  { key: "stated", title: "stated", digits: 4 },
  { key: "agreement", title: "agreement", digits: 4 },
  { key: "pointsOff", title: "points off", digits: 1 },
  { key: "kept", title: `within ${POINTS_OFF_MAX}` },
];

const NOTES = [
  'Jobs with completion "fast" of each model, K and S through the real coordinator, one crowd each: in each round about S of its K+S tabs are late, and',
  `what they would have said is the test. Bins with fewer than ${ESTIMATES_PER_BIN_MIN} estimates say nothing.`,
  `By default a job delivers no estimate below ${CONFIDENCE_FLOOR_DEFAULT}; here all are delivered, so that every bin is seen.`,
];

async function run({ seed, progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  const datasets = flags.datasets?.split(",") ?? ["mnist", "fashion", "cifar"];
  const estimates: StatedEstimate[] = [];
  for (const known of knownCasesOf(datasets)) {
    const inferenceCase = await loadKnownCase(known, countFlag(flags, "limit") ?? QUERIES, progress);
    const world = await jobWorld(inferenceCase);
    for (const queryCount of QUERY_COUNTS) {
      for (const stragglerCount of STRAGGLER_COUNTS) {
        progress(`${inferenceCase.modelName}: K = ${queryCount}, S = ${stragglerCount}`);
        estimates.push(...(await statedEstimates(world, queryCount, stragglerCount, seed)));
      }
    }
    inferenceCase.model.dispose();
    for (const parity of inferenceCase.parityModels.values()) parity.dispose();
  }
  const { name, title } = calibration;
  return { name, title, columns: COLUMNS, rows: calibrationRows(estimates), notes: NOTES, set: CALIBRATION_SET };
}

export const calibration: Measurer = {
  name: "calibration",
  title:
    "Do estimates know how good they are? Lost queries of live jobs, by the confidence that their estimates carried",
  flags: ["datasets", "limit"],
  run,
};
