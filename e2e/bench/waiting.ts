/**
 * How long one waits for the first and for the exact answers of a round, by what spare tabs are used for:
 *
 *     npm run bench -- waiting [--seed N] [--json FILE]
 *
 * The real coordinator on virtual time; tabs take simulated time, and what slows them is a function of (seed, tab, batch), the
 * same for every scheme.
 */

import type { InferenceSubmission } from "../../shared/kinds/inference/submission.ts";
import { quantile } from "../../shared/numbers/quantile.ts";
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
const GROUPS_PER_ROUND = 10;
const STRAGGLERS = 2;
export const WAITING_TABS = K + STRAGGLERS;
const QUERIES = 4_000;
/** Crowds of each row, each with a seed of its own. */
const CROWDS = 5;
/** A batch of a real model on a real laptop: long against the network and against the least deadline. */
const BATCH_MS = 2_000;
const SLOW_FACTOR = 8;
/** One batch in so many. */
const SLOW_ONE_IN = [10, 5, 3];
const SPEED_DRAW = 70;
/** One round at a time has the crowd to itself: what one user waits. Four: what a long job of many waits. */
const ROUNDS_IN_FLIGHT = [1, 4];

type Faults = (seed: number, tab: number) => Pick<TabFaults, "computeTime" | "isMute">;

/** Every tab has a speed of its own, up to twofold apart, and each batch a little jitter. */
function ownTime(seed: number, tab: number, factor = 1, ...more: readonly TimeFactor[]): ComputeTime {
  const speed = 0.75 + 0.75 * randomAt(seed, SPEED_DRAW, tab).uniform();
  const factors = [{ kind: "even", spread: 0.1 }, ...more] as const;
  return { fixedMs: BATCH_MS * speed * factor, rowMs: 0, factors, draw: SPEED_DRAW };
}

/** Of a tab of which a share of the batches is slow. */
export function waitingTime(seed: number, tab: number, slowShare: number): ComputeTime {
  return ownTime(seed, tab, 1, { kind: "slow", share: slowShare, least: SLOW_FACTOR, most: SLOW_FACTOR });
}

function slowBatches(share: number): Faults {
  return (seed, tab) => ({ isMute: false, computeTime: waitingTime(seed, tab, share) });
}

const FAULTS: Readonly<Record<string, Faults>> = {
  none: (seed, tab) => ({ isMute: false, computeTime: ownTime(seed, tab) }),
  ...Object.fromEntries(
    SLOW_ONE_IN.map((many) => [`1 batch in ${many} takes ${SLOW_FACTOR} times as long`, slowBatches(1 / many)]),
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
  groupsPerRound: GROUPS_PER_ROUND,
  completion: "exact",
} as const satisfies Partial<InferenceSubmission>;

/** Of those with spares: the others are what they are compared with. */
export const WAITING_SET = settingsUsed(
  ["systematic, parities", "systematic, backups"].flatMap((scheme) =>
    ROUNDS_IN_FLIGHT.map((roundsInFlight) => ({ ...waitingJob, ...WAITING_SCHEMES[scheme], roundsInFlight })),
  ),
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
    for (const roundsInFlight of ROUNDS_IN_FLIGHT) {
      for (const [scheme, submission] of Object.entries(WAITING_SCHEMES)) {
        progress(`${faults}, ${roundsInFlight} in flight: ${scheme}`);
        const waited = await waits(world, faultsOf, { ...submission, roundsInFlight }, seed, crowds);
        rows.push({ faults, roundsInFlight, scheme, ...waited });
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
  submission: Partial<InferenceSubmission>,
  seed: number,
  crowds: number,
): Promise<Measurement["rows"][number]> {
  const [firstMs, ownMs, jobMs]: [number[], number[], number[]] = [[], [], []];
  const [firstOfCrowds, exactOfCrowds]: [number[], number[]] = [[], []];
  let [ownAtFirst, estimatedAtFirst, answers, tabRows] = [0, 0, 0, 0];
  for (let crowd = 0; crowd < crowds; crowd++) {
    const own = crowdSeed(seed, crowd);
    const times = new AnswerTimes();
    const { jobs, tabs } = await runJobs({
      seed: own,
      tabs: Array.from({ length: WAITING_TABS }, (_, tab) => ({ ...HONEST, ...faultsOf(own, tab) })),
      ...world.common,
      // What spare tabs of a round are used for. How long rows of the ledger wait: row-speeds.
      settings: { rowLedger: false },
      jobs: [{ ...waitingJob, ...submission }],
      wrapExecutor: (executor) => world.withKnownOrders(executor, crowd),
      observe: ({ state }, jobId, nowMs) => times.see(state, jobId, nowMs),
    });
    const [job] = jobs;
    firstOfCrowds.push(mean(times.firstMs) / 1e3);
    exactOfCrowds.push(mean(times.ownMs) / 1e3);
    firstMs.push(...times.firstMs);
    ownMs.push(...times.ownMs);
    ownAtFirst += times.ownAtFirst;
    estimatedAtFirst += times.estimatedAtFirst;
    jobMs.push(job!.virtualMs);
    answers += job!.answers.queryCount;
    tabRows += tabs.reduce((sum, tab) => sum + tab.rows, 0);
  }
  return {
    firstMean: mean(firstMs) / 1e3,
    firstHalfWidth: meanInterval(firstOfCrowds).halfWidth,
    first95: quantile(firstMs, 0.95)! / 1e3,
    ownShare: ownAtFirst / answers,
    estimatedShare: estimatedAtFirst / answers,
    exactMean: mean(ownMs) / 1e3,
    exactHalfWidth: meanInterval(exactOfCrowds).halfWidth,
    exact95: quantile(ownMs, 0.95)! / 1e3,
    jobSeconds: mean(jobMs) / 1e3,
    tabRowsPerAnswer: tabRows / answers,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const COLUMNS: readonly Column[] = [
  { key: "faults", title: "faults" },
  { key: "roundsInFlight", title: "rounds" },
  { key: "scheme", title: "scheme" },
  { key: "firstMean", title: "first s", digits: 2 },
  { key: "firstHalfWidth", title: "±", digits: 2 },
  { key: "first95", title: "95 %", digits: 2 },
  { key: "ownShare", title: "own then", digits: 3 },
  { key: "estimatedShare", title: "estimated then", digits: 3 },
  { key: "exactMean", title: "exact s", digits: 2 },
  { key: "exactHalfWidth", title: "±", digits: 2 },
  { key: "exact95", title: "95 %", digits: 2 },
  { key: "jobSeconds", title: "job s", digits: 1 },
  { key: "tabRowsPerAnswer", title: "tab rows", digits: 2 },
];

const NOTES = [
  `Simulated seconds. K = ${K}, S = ${STRAGGLERS}, ${WAITING_TABS} tabs for every scheme, rounds of 10 groups, ${BATCH_MS / 1e3} s a batch times a tab's own speed (.75 to 1.5).`,
  "first: from the opening of a round to its first answers; own, estimated: shares of its queries that have one then. The rest wait:",
  "an estimate below the floor is told to nobody. exact: until a query has the model's own checked answer (uncoded: own, unchecked).",
  "speculative: no spares; a batch goes to a free tab too once it is late, when there is nothing that nobody is at: after 1.5 of the tab's own",
  `medians, times the third quartile of how far answers are above them (Spark: after 1.5 medians of all). backups: as soon as K-S batches are in, after a grace, the others go to free tabs again. parities: as soon as K of K+S are in.`,
  "±: half of the 95 % interval of the mean over the crowds (Student's t).",
  "auto: whichever of the two estimates better in the job so far. tab rows: rows that tabs computed, for each answer.",
];

export const waiting: Measurer = {
  name: "waiting",
  title: "Time to the first and to the exact answers, by what spare tabs are used for, under the same faults",
  run,
};
