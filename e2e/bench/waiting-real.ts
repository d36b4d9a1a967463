/**
 * Is the simulation of `waiting` like life? Two of its rows once more in real time, beside the same crowds simulated:
 *
 *     npm run bench -- waiting-real [--seeds N] [--queries N] [--seed N] [--json FILE]
 *
 * A coordinator as operators run it in a process of its own for each seed, ten volunteers over real sockets that wait as long as the drawn
 * time of each claim says, and the same drawn times in the simulator. All seeds of a row run at once: nearly all of the time is waiting.
 */
import type { InferenceJobView } from "../../shared/kinds/inference/job-view.ts";
import type { InferenceSubmission } from "../../shared/kinds/inference/submission.ts";
import { computeMsOf } from "../crowd/compute-time.ts";
import { HONEST } from "../crowd/tab-faults.ts";
import { runJobs } from "../proofs/simulator/run-jobs.ts";
import { countFlag } from "./flags.ts";
import { knownCasesOf, loadKnownCase } from "./inference-case.ts";
import { type JobWorld, jobWorld } from "./job-world.ts";
import { meanInterval } from "./mean-interval.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { withRealCrowd } from "./real-crowd.ts";
import { settingsUsed } from "./settings-used.ts";
import { WAITING_SCHEMES, WAITING_TABS, waitingJob, waitingTime } from "./waiting.ts";

const SEEDS = 5;
const QUERIES = 320;
const SLOW_ONE_IN = 5;
const COMPARED = ["uncoded, speculative", "systematic, backups"] as const;

export interface WaitingRealOptions extends MeasureOptions {
  readonly seeds?: number;
  readonly queries?: number;
}

export const WAITING_REAL_SET = settingsUsed([{ ...waitingJob, ...WAITING_SCHEMES["systematic, backups"] }]);

export async function run({ seed, progress, flags = {}, ...options }: WaitingRealOptions): Promise<Measurement> {
  const queries = options.queries ?? countFlag(flags, "queries") ?? QUERIES;
  const seedCount = options.seeds ?? countFlag(flags, "seeds") ?? SEEDS;
  const seeds = Array.from({ length: seedCount }, (_, n) => seed * 10_000 + n);
  const [known] = knownCasesOf(["mnist"]);
  const world = await jobWorld(await loadKnownCase(known!, queries, progress));
  const rows: Measurement["rows"][number][] = [];
  for (const scheme of COMPARED) {
    const submission = { ...waitingJob, ...WAITING_SCHEMES[scheme] };
    progress(`${scheme}: simulated`);
    const simulated: number[] = [];
    for (const [crowd, own] of seeds.entries()) simulated.push(await simulatedSeconds(world, submission, own, crowd));
    progress(`${scheme}: in real time`);
    const real = await Promise.all(seeds.map((own) => realSeconds(world, submission, own)));
    const [one, other] = [meanInterval(simulated), meanInterval(real)];
    const ratio = meanInterval(real.map((seconds, n) => seconds / simulated[n]!));
    rows.push({
      scheme,
      seeds: seedCount,
      queries,
      simulated: one.mean,
      simulatedHalfWidth: one.halfWidth,
      real: other.mean,
      realHalfWidth: other.halfWidth,
      ratio: ratio.mean,
      ratioHalfWidth: ratio.halfWidth,
    });
  }
  world.inferenceCase.model.dispose();
  return {
    name: waitingReal.name,
    title: waitingReal.title,
    columns: COLUMNS,
    rows,
    notes: NOTES,
    set: WAITING_REAL_SET,
  };
}

const timeOf = (seed: number, tab: number) => waitingTime(seed, tab, 1 / SLOW_ONE_IN);

async function simulatedSeconds(
  world: JobWorld,
  submission: Partial<InferenceSubmission>,
  seed: number,
  _crowd: number,
): Promise<number> {
  const { jobs } = await runJobs({
    seed,
    tabs: Array.from({ length: WAITING_TABS }, (_, tab) => ({ ...HONEST, computeTime: timeOf(seed, tab) })),
    ...world.common,
    jobs: [submission],
    checksRules: false,
  });
  return jobSeconds(jobs[0]!.view);
}

function realSeconds(world: JobWorld, submission: Partial<InferenceSubmission>, seed: number): Promise<number> {
  const volunteers = Array.from({ length: WAITING_TABS }, (_, tab) => {
    let count = 0;
    return (rowCount: number) => computeMsOf(timeOf(seed, tab), seed, tab, count++, rowCount);
  });
  return withRealCrowd(world, volunteers, async ({ client, runJob }) =>
    jobSeconds(await client.inferenceJob(await runJob(submission))),
  );
}

/** From its submission to its end. */
function jobSeconds({ submittedMs, finishedMs }: InferenceJobView): number {
  return (finishedMs! - submittedMs) / 1e3;
}

const COLUMNS: readonly Column[] = [
  { key: "scheme", title: "scheme, spare tabs" },
  { key: "seeds", title: "seeds" },
  { key: "queries", title: "queries" },
  { key: "simulated", title: "simulated, s", digits: 2 },
  { key: "simulatedHalfWidth", title: "±", digits: 2 },
  { key: "real", title: "real, s", digits: 2 },
  { key: "realHalfWidth", title: "±", digits: 2 },
  { key: "ratio", title: "real / simulated", digits: 2 },
  { key: "ratioHalfWidth", title: "±", digits: 2 },
];

const NOTES = [
  `Seconds of a job, ${WAITING_TABS} tabs, one claim in ${SLOW_ONE_IN} takes eight times as long.`,
  "The same drawn times on both sides; which tab gets which rows differs. ±: half of the 95 % interval over the seeds.",
];

export const waitingReal: Measurer = {
  name: "waiting-real",
  title: "Two rows of waiting in real time, over real sockets, beside the simulation",
  flags: ["seeds", "queries"],
  run,
};
