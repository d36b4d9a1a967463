/**
 * Is the simulation of `speeds` like life? Crowds a hundredfold apart once more in real time:
 *
 *     npm run bench -- speeds-real [--queries N] [--json FILE]
 *
 * A coordinator as operators run it in a process of its own for each scheme, and volunteers over real sockets that wait as long as their
 * speed says for each row. All schemes run at once: nearly all of the time is waiting. A regression follows, with eight shards a volunteer.
 */
import type { InferenceSubmission } from "../../shared/kinds/inference/submission.ts";
import { countFlag } from "./flags.ts";
import { knownCasesOf, loadKnownCase } from "./inference-case.ts";
import { type JobWorld, jobWorld } from "./job-world.ts";
import type { Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { type BatchMs, withRealCrowd } from "./real-crowd.ts";
import { rowsPossible, rowTimes, SPEED_QUERIES, SPEED_SCHEMES, SPEED_TABS } from "./speeds.ts";
import { productRows, productRowTimes, regressionOf, squareData } from "./speeds-regression.ts";

const SPREAD = 100;
const SHARDS_EACH = 8;
const REAL_ITERATIONS = 30;
const COMPARED = ["uncoded, unchecked", "systematic with backups"] as const;

export async function run({ progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  const queries = countFlag(flags, "queries") ?? SPEED_QUERIES;
  const [known] = knownCasesOf(["mnist"]);
  const world = await jobWorld(await loadKnownCase(known!, queries, progress));
  const ofInference = await Promise.all(
    COMPARED.map(async (scheme) => ({ scheme, queries, ...(await realShares(world, SPEED_SCHEMES[scheme]!)) })),
  );
  const regression = { scheme: "regression", queries: productRows(REAL_ITERATIONS) };
  const rows = [...ofInference, { ...regression, ...(await regressionShares(world)) }];
  world.inferenceCase.model.dispose();
  return {
    name: speedsReal.name,
    title: speedsReal.title,
    columns: [
      { key: "scheme", title: "scheme" },
      { key: "queries", title: "queries" },
      { key: "shareOfFirst", title: "share of a first job", digits: 3 },
      { key: "share", title: "share", digits: 3 },
      { key: "seconds", title: "s", digits: 1 },
    ],
    rows,
    notes: [
      `${SPEED_TABS} volunteers, the fastest ${SPREAD} times as fast as the slowest, over real sockets; batches as the coordinator sizes them.`,
      "share: queries over what all tabs would compute in that time without a pause. regression: rows of its products in place of queries;",
      `avcc, ${SHARDS_EACH} shards a volunteer, a row takes a quarter of the time.`,
    ],
  };
}

async function realShares(world: JobWorld, submission: Partial<InferenceSubmission>) {
  const times = rowTimes(SPREAD);
  return withRealCrowd(world, times.map(batchMsOf), ({ runJob }) =>
    sharesOf(times, world.inferenceCase.count, () => runJob(submission)),
  );
}

async function regressionShares(world: JobWorld) {
  const times = productRowTimes(SPREAD);
  const data = squareData(1);
  return withRealCrowd(world, times.map(batchMsOf), ({ runRegression }) =>
    sharesOf(times, productRows(REAL_ITERATIONS), () =>
      runRegression(regressionOf(SHARDS_EACH, REAL_ITERATIONS), data),
    ),
  );
}

const batchMsOf =
  (rowMs: number): BatchMs =>
  (rowCount) =>
    rowMs * rowCount;

/** Of the second of two jobs, and of the first. @param rows of each job */
async function sharesOf(times: readonly number[], rows: number, runOne: () => Promise<unknown>) {
  const once = async () => {
    const startMs = performance.now();
    await runOne();
    const ms = performance.now() - startMs;
    return { seconds: ms / 1e3, share: rows / rowsPossible(times, ms) };
  };
  const first = await once();
  return { shareOfFirst: first.share, ...(await once()) };
}

export const speedsReal: Measurer = {
  name: "speeds-real",
  title: "Crowds a hundredfold apart in real time, over real sockets",
  flags: ["queries"],
  run,
};
