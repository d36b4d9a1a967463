/** How many groups go out together where the submitter does not say: one row of each is a tab's batch. */
import type { ModelFacts } from "../../../../shared/compute/model-runtime.ts";
import { AUDIT_ROW_SHARE, BATCH_BYTES_MAX, BYTES_IN_FLIGHT_PER_JOB_MAX } from "../../../../shared/protocol/limits.ts";
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

function wholeAudits(rows: number): number {
  return rows < ROWS_AN_AUDIT ? Math.floor(rows) : rows - (rows % ROWS_AN_AUDIT);
}
