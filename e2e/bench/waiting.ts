/**
 * How long one waits for the first and for the model's own answers of a job, by what spare tabs are used for:
 *
 *     npm run bench -- waiting [--seed N] [--json FILE]
 *
 * The real coordinator on virtual time; tabs take simulated time, and what slows them is a function of (seed, tab, claim), the
 * same for every scheme. Jobs of one submitter follow each other in one crowd, which is so well known after the first of them.
 */

import type { InferenceSubmission } from "../../shared/kinds/inference/submission.ts";
import { quantile } from "../../shared/numbers/quantile.ts";
import type { NpyArray } from "../../shared/protocol/npy.ts";
import { randomAt } from "../../shared/random/simulation-random.ts";
import type { ComputeTime, TimeFactor } from "../crowd/compute-time.ts";
import { HONEST, type TabFaults } from "../crowd/tab-faults.ts";
import { runJobs } from "../proofs/simulator/run-jobs.ts";
import { AnswerTimes } from "./answer-times.ts";
import { knownCasesOf, loadKnownCase } from "./inference-case.ts";
import { type JobWorld, jobWorld } from "./job-world.ts";
import { meanInterval } from "./mean-interval.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { settingsUsed } from "./settings-used.ts";

const K = 8;
const STRAGGLERS = 2;
export const WAITING_TABS = K + STRAGGLERS;
const QUERIES = 4_000;
/** Crowds of each row, each with a seed of its own. */
const CROWDS = 5;
/** A row of a real model on a real laptop: a claim is long against the network and against the least deadline. */
const ROW_MS = 200;
const SLOW_FACTOR = 8;
/** One claim in so many. */
const SLOW_ONE_IN = [10, 5, 3];
const SPEED_DRAW = 70;
/** A small job is what one user waits for; of a larger one tabs have several claims each. */
const JOB_QUERIES = [80, 320];
/** So loose that the account of a new submitter carries such jobs: else the coordinator computes them. */
const ANSWER_BOUND = 0.5;

type Faults = (seed: number, tab: number) => Pick<TabFaults, "computeTime" | "isMute">;

/** Every tab has a speed of its own, up to twofold apart, and each claim a little jitter. */
function ownTime(seed: number, tab: number, factor = 1, ...more: readonly TimeFactor[]): ComputeTime {
  const speed = 0.75 + 0.75 * randomAt(seed, SPEED_DRAW, tab).uniform();
  const factors = [{ kind: "even", spread: 0.1 }, ...more] as const;
  return { fixedMs: 0, rowMs: ROW_MS * speed * factor, factors, draw: SPEED_DRAW };
}

/** Of a tab of which a share of the claims is slow. */
export function waitingTime(seed: number, tab: number, slowShare: number): ComputeTime {
  return ownTime(seed, tab, 1, { kind: "slow", share: slowShare, least: SLOW_FACTOR, most: SLOW_FACTOR });
}

function slowClaims(share: number): Faults {
  return (seed, tab) => ({ isMute: false, computeTime: waitingTime(seed, tab, share) });
}

const FAULTS: Readonly<Record<string, Faults>> = {
  none: (seed, tab) => ({ isMute: false, computeTime: ownTime(seed, tab) }),
  ...Object.fromEntries(
    SLOW_ONE_IN.map((many) => [`1 claim in ${many} takes ${SLOW_FACTOR} times as long`, slowClaims(1 / many)]),
  ),
  [`${STRAGGLERS} tabs always take ${SLOW_FACTOR} times as long`]: (seed, tab) => ({
    isMute: false,
    computeTime: ownTime(seed, tab, tab < STRAGGLERS ? SLOW_FACTOR : 1),
  }),
  [`${STRAGGLERS} tabs never answer`]: (seed, tab) => ({
    isMute: tab < STRAGGLERS,
    computeTime: ownTime(seed, tab),
  }),
};

/** What the spare tabs are for. */
export const WAITING_SCHEMES: Readonly<Record<string, Partial<InferenceSubmission>>> = {
  "systematic, parities": { scheme: "systematic", stragglers: STRAGGLERS, spares: "parities" },
  "systematic, backups": { scheme: "systematic", stragglers: STRAGGLERS, spares: "backups" },
  "systematic, auto": { scheme: "systematic", stragglers: STRAGGLERS, spares: "auto" },
  "systematic, speculative": { scheme: "systematic", stragglers: 0 },
  "uncoded, speculative": { scheme: "uncoded", stragglers: 0 },
};

/** What all of them have in common. */
export const waitingJob = {
  queriesPerGroup: K,
  liars: 0,
  answerBound: ANSWER_BOUND,
  completion: "exact",
} as const satisfies Partial<InferenceSubmission>;

/** Of those with spares: the others are what they are compared with. */
export const WAITING_SET = settingsUsed(
  ["systematic, parities", "systematic, backups"].map((scheme) => ({ ...waitingJob, ...WAITING_SCHEMES[scheme] })),
);

export interface WaitingOptions extends MeasureOptions {
  readonly crowds?: number;
  readonly queries?: number;
}

export async function run({
  seed,
  progress,
  crowds = CROWDS,
  queries = QUERIES,
}: WaitingOptions): Promise<Measurement> {
  const [known] = knownCasesOf(["mnist"]);
  const world = await jobWorld(await loadKnownCase(known!, queries, progress));
  const rows: Measurement["rows"][number][] = [];
  for (const [faults, faultsOf] of Object.entries(FAULTS)) {
    for (const jobQueries of JOB_QUERIES) {
      for (const [scheme, submission] of Object.entries(WAITING_SCHEMES)) {
        progress(`${faults}, jobs of ${jobQueries}: ${scheme}`);
        const waited = await waits(world, faultsOf, { submission, jobQueries }, seed, crowds);
        rows.push({ faults, jobQueries, scheme, ...waited });
      }
    }
  }
  world.inferenceCase.model.dispose();
  const seeds = `Seeds of the crowds: ${Array.from({ length: crowds }, (_, crowd) => crowdSeed(seed, crowd)).join(", ")}.`;
  return {
    name: waiting.name,
    title: waiting.title,
    columns: COLUMNS,
    rows,
    notes: [...NOTES, seeds],
    set: WAITING_SET,
  };
}

const crowdSeed = (seed: number, crowd: number) => seed * 10_000 + crowd;

async function waits(
  world: JobWorld,
  faultsOf: Faults,
  { submission, jobQueries }: { readonly submission: Partial<InferenceSubmission>; readonly jobQueries: number },
  seed: number,
  crowds: number,
): Promise<Measurement["rows"][number]> {
  const [firstMs, ownMs, jobMs]: [number[], number[], number[]] = [[], [], []];
  const queriesOfJobs = cutInJobs(world.common.queries, jobQueries);
  const [firstOfCrowds, ownOfCrowds]: [number[], number[]] = [[], []];
  let [estimatedAtFirst, answers, tabRows] = [0, 0, 0];
  for (let crowd = 0; crowd < crowds; crowd++) {
    const own = crowdSeed(seed, crowd);
    const times = new AnswerTimes();
    const { jobs, tabs } = await runJobs({
      seed: own,
      tabs: Array.from({ length: WAITING_TABS }, (_, tab) => ({ ...HONEST, ...faultsOf(own, tab) })),
      ...world.common,
      queriesOfJobs,
      jobs: queriesOfJobs.map(() => ({ ...waitingJob, ...submission })),
      observe: ({ state }, jobId, nowMs) => times.see(state, jobId, nowMs),
    });
    firstOfCrowds.push(mean(times.firstMs) / 1e3);
    ownOfCrowds.push(mean(times.ownMs) / 1e3);
    firstMs.push(...times.firstMs);
    ownMs.push(...times.ownMs);
    estimatedAtFirst += times.estimatedAtFirst;
    jobMs.push(...jobs.map(({ virtualMs }) => virtualMs));
    answers += jobs.reduce((sum, job) => sum + job.answers.queryCount, 0);
    tabRows += tabs.reduce((sum, tab) => sum + tab.rows, 0);
  }
  return {
    firstMean: mean(firstMs) / 1e3,
    firstHalfWidth: meanInterval(firstOfCrowds).halfWidth,
    first95: quantile(firstMs, 0.95)! / 1e3,
    estimatedShare: estimatedAtFirst / answers,
    ownMean: mean(ownMs) / 1e3,
    ownHalfWidth: meanInterval(ownOfCrowds).halfWidth,
    own95: quantile(ownMs, 0.95)! / 1e3,
    jobSeconds: mean(jobMs) / 1e3,
    tabRowsPerAnswer: tabRows / answers,
  };
}

/** What is left over behind the last whole job is asked by none. */
function cutInJobs({ dtype, shape, data }: NpyArray, jobQueries: number): NpyArray[] {
  const [queryCount, ...inputShape] = shape as [number, ...number[]];
  const size = data.length / queryCount;
  return Array.from({ length: Math.floor(queryCount / jobQueries) }, (_, job) => {
    const own = data.slice(job * jobQueries * size, (job + 1) * jobQueries * size);
    return { dtype, shape: [jobQueries, ...inputShape], data: own } as NpyArray;
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const COLUMNS: readonly Column[] = [
  { key: "faults", title: "faults" },
  { key: "jobQueries", title: "queries a job" },
  { key: "scheme", title: "scheme" },
  { key: "firstMean", title: "first s", digits: 2 },
  { key: "firstHalfWidth", title: "±", digits: 2 },
  { key: "first95", title: "95 %", digits: 2 },
  { key: "estimatedShare", title: "estimated then", digits: 3 },
  { key: "ownMean", title: "own s", digits: 2 },
  { key: "ownHalfWidth", title: "±", digits: 2 },
  { key: "own95", title: "95 %", digits: 2 },
  { key: "jobSeconds", title: "job s", digits: 1 },
  { key: "tabRowsPerAnswer", title: "tab rows", digits: 2 },
];

const NOTES = [
  `Simulated seconds. K = ${K}, S = ${STRAGGLERS}, ${WAITING_TABS} tabs for every scheme, bound ${ANSWER_BOUND}, ${ROW_MS / 1e3} s a row times a tab's own speed (.75 to 1.5).`,
  "first: from the beginning of a job until a query has an answer that is told, mean over all queries; estimated then: their share of which that is an estimate.",
  "own: until it has the model's own answer, of a tab or of the coordinator (uncoded: unchecked). speculative: no spares; rows of late claims go to free tabs too.",
  "±: half of the 95 % interval of the mean over the crowds (Student's t).",
  "auto: whichever of the two estimates better in the job so far. tab rows: rows that tabs computed, for each answer.",
];

export const waiting: Measurer = {
  name: "waiting",
  title: "Time to the first and to the model's own answers, by what spare tabs are used for, under the same faults",
  run,
};
