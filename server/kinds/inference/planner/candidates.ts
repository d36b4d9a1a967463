/** Codes that are worth a look for a job and a crowd: an aim buys time or work, never a promise. */
import { workerCountOf } from "../../../../shared/coding/make-scheme.ts";
import { SCHEME_NAMES, SCHEMES } from "../../../../shared/coding/schemes/schemes.ts";
import { medianOfSome } from "../../../../shared/numbers/quantile.ts";
import {
  BATCH_BYTES_MAX,
  BYTES_IN_FLIGHT_PER_JOB_MAX,
  GROUPS_PER_ROUND_MAX,
  ROUNDS_IN_FLIGHT_MAX,
} from "../../../../shared/protocol/limits.ts";
import { betaMean, posterior } from "./beta.ts";
import type { Code, CodedJob } from "./coded-job.ts";
import { type CrowdFacts, PRIORS } from "./crowd-facts.ts";

const GROUP_SIZES = [1, 2, 4, 8, 16];
/** Steps of about 1.6 between batch sizes. */
const BATCH_SIZES = [1, 2, 3, 5, 8, 12, 20, 32, 50, 80, 128, 200, 320, 512, 800, GROUPS_PER_ROUND_MAX];
/** Batches that a tab has of the job, on average: fewer leave tabs idle at the end, more cost messages and audits. */
const BATCHES_PER_TAB_MIN = 1.5;
const BATCHES_PER_TAB_MAX = 24;
const BATCH_SIZES_TRIED = 4;
/** A batch that takes longer is in danger: tabs come and go, and the longest deadline is a minute. */
const BATCH_MS_MAX = 15_000;
/** So many batches are open for each tab: the next is there before the last one is answered. */
const OPEN_BATCHES_PER_TAB = 1.5;
/** From this share of liars on a parity is spent on them. */
const LIARS_RECKONED_FROM = 0.1;

export function candidates(job: CodedJob, facts: CrowdFacts): Code[] {
  const volunteers = Math.max(1, facts.volunteersReady);
  const liars = betaMean(posterior(PRIORS.lying, facts.lying.seen, facts.lying.outOf)) >= LIARS_RECKONED_FROM ? 1 : 0;
  const usesMixtures = job.wholeRowBytes === null && job.completion === "fast" && job.confidenceFloor === 0;
  const codes: Code[] = [];
  for (const queriesPerGroup of GROUP_SIZES) {
    if (queriesPerGroup > Math.max(1, Math.min(volunteers, job.queryCount))) break;
    for (const scheme of SCHEME_NAMES) {
      const settings = SCHEMES[scheme].dialSettings?.({ queriesPerGroup, volunteers, liars, usesMixtures }) ?? [];
      for (const setting of settings) {
        const { stragglers: stragglerCount, liars: liarCount } = setting;
        const workers = workerCountOf(scheme, { queryCount: queriesPerGroup, stragglerCount, liarCount });
        for (const groupsPerRound of batchSizes(job, facts, queriesPerGroup)) {
          const roundsInFlight = roundsFor(job, facts, workers, groupsPerRound);
          codes.push({ scheme, queriesPerGroup, groupsPerRound, roundsInFlight, ...setting });
        }
      }
    }
  }
  return codes;
}

/** Sizes of batches that keep the crowd busy to the end, a few of them. */
function batchSizes(job: CodedJob, facts: CrowdFacts, queriesPerGroup: number): number[] {
  const tabs = Math.max(1, facts.tabs.length);
  const groups = Math.ceil(job.queryCount / queriesPerGroup);
  const most = Math.min(groups, largestBatch(job), Math.max(1, groupsWithin(BATCH_MS_MAX, job, facts)));
  const fitting = BATCH_SIZES.filter((size) => size <= most);
  const inRange = fitting.filter((size) => {
    const perTab = job.queryCount / size / tabs;
    return perTab >= BATCHES_PER_TAB_MIN && perTab <= BATCHES_PER_TAB_MAX;
  });
  const sizes = inRange.length > 0 ? inRange : [nearestTo(fitting, job.queryCount / tabs / BATCHES_PER_TAB_MAX)];
  const step = (sizes.length - 1) / Math.max(1, Math.min(BATCH_SIZES_TRIED, sizes.length) - 1);
  const places = Array.from({ length: Math.min(BATCH_SIZES_TRIED, sizes.length) }, (_, i) => Math.round(i * step));
  return places.map((place) => sizes[place]!);
}

function nearestTo(sizes: readonly number[], wanted: number): number {
  return sizes.reduce((best, size) => (Math.abs(size - wanted) < Math.abs(best - wanted) ? size : best), 1);
}

function largestBatch({ inputSize, outputSize }: CodedJob): number {
  return Math.max(
    1,
    Math.min(GROUPS_PER_ROUND_MAX, Math.floor(BATCH_BYTES_MAX / (4 * Math.max(inputSize, outputSize)))),
  );
}

function groupsWithin(ms: number, { macsPerQuery }: CodedJob, facts: CrowdFacts): number {
  const speeds = facts.tabs.flatMap(({ responses }) =>
    responses.map((answer) => answer.work / Math.max(answer.ms, 1e-3)),
  );
  return speeds.length === 0 ? GROUPS_PER_ROUND_MAX : Math.floor((ms * medianOfSome(speeds)) / macsPerQuery);
}

function roundsFor(job: CodedJob, facts: CrowdFacts, workers: number, groups: number): number {
  const wanted = Math.ceil((OPEN_BATCHES_PER_TAB * facts.tabs.length) / workers) + 1;
  const bytes = workers * groups * (job.inputSize + job.outputSize) * 4;
  const room = Math.floor(BYTES_IN_FLIGHT_PER_JOB_MAX / bytes);
  return Math.max(1, Math.min(ROUNDS_IN_FLIGHT_MAX, wanted, room));
}
