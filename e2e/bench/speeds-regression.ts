/**
 * The same question as `speeds` asks, of regressions: how much of what its tabs could do together does a crowd do?
 *
 *     npm run bench -- speeds-regression [--iterations N] [--seeds N] [--seed N] [--json FILE]
 *
 * The real coordinator on virtual time; shards are encoded, multiplied, checked and decoded for real. The share is rows that one machine would
 * multiply for the job over those that all tabs could have multiplied in that time, each at its own speed and without a pause. First jobs
 * meet tabs of which nobody knows how fast they are.
 */

import { isProblem } from "../../server/web/coordinator-port.ts";
import { createPlainRuntime } from "../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import { type RegressionSubmission, regressionSubmissionSchema } from "../../shared/kinds/regression/submission.ts";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { normal, simulationRandom } from "../../shared/random/simulation-random.ts";
import { HONEST } from "../crowd/tab-faults.ts";
import { hasEnded } from "../proofs/simulator/run-jobs.ts";
import { openWorld } from "../proofs/simulator/simulated-world.ts";
import { countFlag, seedsFrom } from "./flags.ts";
import type { Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import type { TrainingFiles } from "./real-crowd.ts";
import { meanShares, rowsPossible, rowTimes, SPEED_SEEDS, SPEED_SPREADS, SPEED_TABS } from "./speeds.ts";

const ITERATIONS = 30;
const SHARDS_EACH = [1, 8];
/** K of the tabs; the rest are S and M. */
const [STRAGGLERS, LIARS] = [1, 1];
/** As many rows as columns, so that a shard has as many of the one as of the other. */
export const REGRESSION_SIDE = 1_120;
const PRODUCT_MS = 2;
/** Of the times of `speeds`: no product takes as long as PRODUCT_MS_MAX. */
const ROW_TIME_SHARE = 1 / 4;
const SPEED_DRAW = 84;

/** Milliseconds that each tab takes for a row of a product. */
export function productRowTimes(spread: number): number[] {
  return rowTimes(spread).map((rowMs) => ROW_TIME_SHARE * rowMs);
}

/** Features and labels of a square regression. */
export function squareData(seed: number): TrainingFiles {
  const random = simulationRandom(seed);
  const side = REGRESSION_SIDE;
  const features = Float64Array.from({ length: side * side }, () => normal(random));
  const labels = Int32Array.from({ length: side }, (_, row) => (features[row * side]! > 0 ? 1 : -1));
  return {
    featuresNpy: encodeNpy({ dtype: "F64", shape: [side, side], data: features }),
    labelsNpy: encodeNpy({ dtype: "I32", shape: [side], data: labels }),
  };
}

/** For a crowd of SPEED_TABS. */
export function regressionOf(shardsPerVolunteer: number, iterations: number): Partial<RegressionSubmission> {
  return {
    scheme: "avcc",
    dataVolunteers: SPEED_TABS - STRAGGLERS - LIARS,
    stragglers: STRAGGLERS,
    liars: LIARS,
    shardsPerVolunteer,
    iterations,
    standardise: false,
    intercept: false,
    learningRate: 0.01,
    l2: 0,
    validationShare: 0,
    featureBits: 12,
  };
}

/** Rows of all products of a job: two an iteration. */
export function productRows(iterations: number): number {
  return 2 * iterations * REGRESSION_SIDE;
}

async function sharesOf(spread: number, shardsEach: number, iterations: number, seed: number) {
  const times = productRowTimes(spread);
  const factors = [{ kind: "even", spread: 0.1 }] as const;
  const { clock, shell, store, inTime, advance } = await openWorld({
    seed,
    load: createPlainRuntime().load,
    tabs: times.map((rowMs) => ({ ...HONEST, computeTime: { fixedMs: PRODUCT_MS, rowMs, factors, draw: SPEED_DRAW } })),
  });
  const { featuresNpy, labelsNpy } = squareData(seed);
  const [featuresSha256, labelsSha256] = await inTime(
    Promise.all([store.putBlob(featuresNpy), store.putBlob(labelsNpy)]),
  );
  const once = async () => {
    const startMs = clock.nowMs();
    const job = { ...regressionOf(shardsEach, iterations), source: { kind: "uploads", featuresSha256, labelsSha256 } };
    const reply = await inTime(shell.submit(regressionSubmissionSchema.parse({ kind: "regression", ...job })));
    if (isProblem(reply)) throw new Error(`speeds-regression: expected the job to be taken, got ${reply.message}`);
    const stateOf = () => shell.jobView(reply.jobId)!;
    while (!hasEnded(stateOf())) {
      if (!(await advance())) throw new Error(`speeds-regression: the job is stuck: ${stateOf().waitingFor}`);
    }
    if (stateOf().state !== "done") throw new Error(`speeds-regression: ${stateOf().error}`);
    const ms = clock.nowMs() - startMs;
    return { share: productRows(iterations) / rowsPossible(times, ms), seconds: ms / 1e3 };
  };
  const first = await once();
  const second = await once();
  shell.close();
  return { ...second, shareOfFirst: first.share };
}

export async function run({ seed, progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  const iterations = countFlag(flags, "iterations") ?? ITERATIONS;
  const seeds = seedsFrom(seed, countFlag(flags, "seeds") ?? SPEED_SEEDS);
  const rows: Measurement["rows"][number][] = [];
  for (const spread of SPEED_SPREADS) {
    for (const shardsEach of SHARDS_EACH) {
      const found = [];
      for (const one of seeds) found.push(await sharesOf(spread, shardsEach, iterations, one));
      rows.push({ spread, shardsEach, ...meanShares(found) });
      progress(JSON.stringify(rows.at(-1)));
    }
  }
  return {
    name: speedsRegression.name,
    title: speedsRegression.title,
    columns: [
      { key: "spread", title: "fastest over slowest" },
      { key: "shardsEach", title: "g" },
      { key: "share", title: "share", digits: 3 },
      { key: "shareHalfWidth", title: "±", digits: 3 },
      { key: "shareOfFirst", title: "share of a first job", digits: 3 },
      { key: "seconds", title: "s", digits: 1 },
    ],
    rows,
    notes: [
      `${SPEED_TABS} tabs, avcc with S = ${STRAGGLERS} and M = ${LIARS}, ${iterations} iterations, ${seeds.length} seeds; the second of two jobs. g: shards a volunteer.`,
      `${REGRESSION_SIDE} rows and columns; a row takes ${productRowTimes(1)[0]} ms on the fastest tab, a product ${PRODUCT_MS} ms beside its rows.`,
      "share: rows that one machine would multiply over what all tabs could have multiplied in that time without a pause.",
    ],
  };
}

export const speedsRegression: Measurer = {
  name: "speeds-regression",
  title: "How much of the sum of its tabs' speeds a regression gets, where some are far faster than others",
  flags: ["iterations", "seeds"],
  run,
};
