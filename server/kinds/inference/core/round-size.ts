/** How many groups go out together where the submitter does not say: one row of each is a tab's batch. */
import type { ModelFacts } from "../../../../shared/compute/model-runtime.ts";
import { quantile } from "../../../../shared/numbers/quantile.ts";
import {
  AUDIT_ROW_SHARE,
  BATCH_BYTES_MAX,
  BYTES_IN_FLIGHT_PER_JOB_MAX,
  ROUNDS_IN_FLIGHT_MAX,
} from "../../../../shared/protocol/limits.ts";
import type { SizedRounds } from "../records.ts";
import { tabBytes, tabBytesMax } from "./tab-bytes.ts";

/** Of a small job: every tab has something to do, and a late one holds up few. */
const GROUPS_MIN = 10;
/**
 * Of a large one whose code has tabs to spare. At least one row of a batch is recomputed, which is a tenth of ten rows and a twentieth of forty; models, and the
 * comparison of estimates, are faster on many rows (bench overhead). Of still larger rounds the queries that are alike are out at the
 * same time, and estimates have fewer neighbours to be made from (bench inference, calibration).
 */
const GROUPS_MAX = 40;
/**
 * Of a large one in which each query goes out once, and nothing is estimated. What a batch costs the coordinator, whatever is in it, is a few
 * microseconds a row then (bench gain); of more rows there is little left to gain, and a batch that is lost is lost as a whole.
 */
const PLAIN_GROUPS_MAX = 160;
/** So many batches each volunteer should have of such a job at least, so that nobody idles while others have several to do. */
const BATCHES_PER_VOLUNTEER = 4;
/** Rows of which one is recomputed: of a batch of 21 as many are as of one of 40. */
const ROWS_AN_AUDIT = Math.round(1 / AUDIT_ROW_SHARE);
/** A batch need not take longer: nobody is to wait long for what others have. */
const BATCH_MS_WANTED = 1_000;
/** But it may where that halves the share of rows that are recomputed. */
const BATCH_MS_FOR_AUDITS = 3_000;
/** So many rounds a job should have at least: what a round teaches about its crowd serves the later ones. */
const ROUNDS_WANTED = 16;

export interface CrowdPace {
  /** Of its typical tab. */
  readonly macsPerMs: number;
  readonly volunteers: number;
  /** Of each tab that was measured. */
  readonly measured: readonly number[];
}

/** @param workerCount batches of a round */
export function groupsPerRoundOf(
  queryCount: number,
  queriesPerGroup: number,
  workerCount: number,
  facts: Omit<ModelFacts, "inputShape" | "inputs">,
  { macsPerMs, volunteers }: CrowdPace,
): number {
  const { inputSize, outputSize, macsPerQuery } = facts;
  const msPerRow = macsPerQuery / macsPerMs;
  const forAudits = msPerRow * ROWS_AN_AUDIT <= BATCH_MS_FOR_AUDITS ? ROWS_AN_AUDIT : 0;
  const ofTime = Math.max(BATCH_MS_WANTED / msPerRow, forAudits);
  const ofRounds = Math.ceil(queryCount / queriesPerGroup / ROUNDS_WANTED);
  const ofCrowd = queryCount / (BATCHES_PER_VOLUNTEER * Math.max(1, volunteers));
  const isPlain = workerCount === queriesPerGroup;
  const most = isPlain ? Math.max(GROUPS_MAX, Math.min(PLAIN_GROUPS_MAX, ofCrowd)) : GROUPS_MAX;
  const wanted = Math.max(GROUPS_MIN, Math.min(most, ofRounds, ofTime));
  const room = [
    BATCH_BYTES_MAX / (4 * Math.max(inputSize, outputSize)),
    BYTES_IN_FLIGHT_PER_JOB_MAX / (workerCount * (inputSize + outputSize) * 4),
    (tabBytesMax(facts) - tabBytes(facts, 0)) / (tabBytes(facts, 1) - tabBytes(facts, 0)),
  ];
  return Math.max(1, wholeAudits(Math.min(wanted, ...room)));
}

/** [DP12] Of rounds of several sizes each has so many times the groups of the next one. */
const SIZE_STEP = 4;
/** A batch has so many rows at least, however slow its tab: one row of it is recomputed. */
const SLICE_ROWS_MIN = 5;
/** [DP12] What a batch is expected to take at most, where a smaller one is there: when it is taken back, no more than that is lost. */
export const BATCH_MS_MAX = BATCH_MS_FOR_AUDITS;
/** How fast a fast tab is, of those that were measured. */
const FAST_QUANTILE = 0.9;
/** Batches of a size that takes part of its tabs by surprise: they are slower than they were, or others come. */
const SPARE_SHARE = 0.5;
/**
 * What each smaller size has of a job, if nobody knows how fast the tabs are. More would cost the coordinator: a batch costs it about as much
 * whatever its rows, and of newcomers' small batches most rows are recomputed (bench gain).
 */
const UNKNOWN_SHARE = 0.02;
/** A job ends with rounds that are smaller, so that nobody is long at its last batch while the others idle. */
const SMALL_AT_THE_END_SHARE = 0.05;

/** [DP12] The pace of a fast tab, by which the largest rounds are as large as they are. */
export function fastPace(pace: CrowdPace): CrowdPace {
  return { ...pace, macsPerMs: Math.max(pace.macsPerMs, quantile(pace.measured, FAST_QUANTILE) ?? 0) };
}

/**
 * [DP12] Rounds of several sizes, where the crowd's tabs are so far apart that one would be too large for some. The largest come first in the
 * order of the queries. Each size has what the tabs that it suits would compute of the job, and half as much again.
 * @param groupsPerRound of the largest
 * @returns null: all rounds are of that size
 */
export function roundSizesOf(
  { queryCount, queriesPerGroup, macsPerQuery }: Record<"queryCount" | "queriesPerGroup" | "macsPerQuery", number>,
  groupsPerRound: number,
  { measured }: CrowdPace,
): SizedRounds[] | null {
  const msPerRow = measured.map((macsPerMs) => macsPerQuery / macsPerMs);
  if (msPerRow.length === 0) return sizesOfUnknown(groupsPerRound, queryCount, queriesPerGroup);
  const sizes = [groupsPerRound];
  const isTooMuch = (rows: number) => msPerRow.some((ms) => ms * rows > BATCH_MS_MAX);
  for (let rows = groupsPerRound; rows > SLICE_ROWS_MIN && isTooMuch(rows); sizes.push(rows)) {
    rows = Math.max(SLICE_ROWS_MIN, Math.floor(rows / SIZE_STEP));
  }
  if (sizes.length === 1) return null;
  const speed = (ms: number) => 1 / ms;
  const all = sum(msPerRow.map(speed));
  const suited = sizes.map((rows, size) => {
    const isOwn = (ms: number) => ms * rows <= BATCH_MS_MAX || size === sizes.length - 1;
    const isLarger = (ms: number) => sizes.slice(0, size).some((larger) => ms * larger <= BATCH_MS_MAX);
    return sum(msPerRow.filter((ms) => isOwn(ms) && !isLarger(ms)).map(speed)) / all;
  });
  const wanted = suited.map((share) => Math.max(SMALL_AT_THE_END_SHARE, share * (1 + SPARE_SHARE)));
  return placed(sizes, wanted, queryCount, queriesPerGroup);
}

/** Of a job with large rounds for a crowd that nobody has measured: each tab begins with a small batch, and some may have to go on with such. */
function sizesOfUnknown(groupsPerRound: number, queryCount: number, queriesPerGroup: number): SizedRounds[] | null {
  if (groupsPerRound < GROUPS_MAX) return null;
  const sizes = [groupsPerRound];
  for (let rows = groupsPerRound; rows > SLICE_ROWS_MIN; sizes.push(rows)) {
    rows = Math.max(SLICE_ROWS_MIN, Math.floor(rows / SIZE_STEP));
  }
  return placed(
    sizes,
    sizes.map(() => UNKNOWN_SHARE),
    queryCount,
    queriesPerGroup,
  );
}

/** What the smaller ones do not take is for the largest. @param wanted share of the job that each size has */
function placed(
  sizes: readonly number[],
  wanted: readonly number[],
  queryCount: number,
  queriesPerGroup: number,
): SizedRounds[] {
  const ofLargest = (sizes[0] ?? 1) * queriesPerGroup;
  const found: SizedRounds[] = [];
  let [fromRound, firstPlace] = [0, 0];
  sizes.forEach((groupsPerRound, size) => {
    const behind = sum(wanted.slice(size + 1)) * queryCount;
    const isLast = size === sizes.length - 1;
    // Whole rounds of the largest size: no window of queries ends within a round.
    const endPlace = isLast ? queryCount : Math.floor((queryCount - behind) / ofLargest) * ofLargest;
    if (endPlace <= firstPlace) return;
    found.push({ fromRound, firstPlace, groupsPerRound });
    fromRound += Math.ceil((endPlace - firstPlace) / (groupsPerRound * queriesPerGroup));
    firstPlace = endPlace;
  });
  return found;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** Of a small crowd. */
const ROUNDS_IN_FLIGHT_MIN = 4;

/**
 * [DP3] How many rounds may be open where the submitter does not say. Each slow tab may hold one open by itself, and one more is there for
 * those who idle: with fewer the fast ones of an uneven crowd would wait for the slow ones (bench speeds).
 * @param tabs that are ready
 * @param sizes [DP12] of the job's rounds
 */
export function roundsInFlightFor(tabs: number, sizes = 1): number {
  return Math.min(ROUNDS_IN_FLIGHT_MAX, Math.max(ROUNDS_IN_FLIGHT_MIN, tabs + 1) + sizes - 1);
}

function wholeAudits(rows: number): number {
  return rows < ROWS_AN_AUDIT ? Math.floor(rows) : rows - (rows % ROWS_AN_AUDIT);
}
