/** How many groups go out together where the submitter does not say: one row of each is a tab's batch. */
import type { ModelFacts } from "../../shared/compute/model-runtime.ts";
import { BATCH_BYTES_MAX, BYTES_IN_FLIGHT_PER_JOB_MAX, TAB_MEMORY_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { tabBytes } from "./tab-bytes.ts";

/** Of a small job: every tab has something to do, and a late one holds up few. */
const GROUPS_MIN = 10;
/**
 * Of a large one. At least one row of a batch is recomputed, which is a tenth of ten rows and a twentieth of forty; models, and the
 * comparison of estimates, are faster on many rows (bench overhead). Of still larger rounds the queries that are alike are out at the
 * same time, and estimates have fewer neighbours to be made from (bench inference, calibration).
 */
const GROUPS_MAX = 40;
/** But a batch that takes a tab about a second need not grow: nobody is to wait long for what others have. */
const BATCH_MACS_WANTED = 2e9;
/** So many rounds a job should have at least: what a round teaches about its crowd serves the later ones. */
const ROUNDS_WANTED = 16;

/** @param workerCount batches of a round */
export function groupsPerRoundOf(
  queryCount: number,
  queriesPerGroup: number,
  workerCount: number,
  facts: Pick<ModelFacts, "inputSize" | "outputSize" | "macsPerQuery" | "weightBytes" | "activationsPerQuery">,
): number {
  const { inputSize, outputSize, macsPerQuery } = facts;
  const ofRounds = Math.ceil(queryCount / queriesPerGroup / ROUNDS_WANTED);
  const wanted = Math.min(GROUPS_MAX, ofRounds, BATCH_MACS_WANTED / macsPerQuery);
  const room = [
    BATCH_BYTES_MAX / (4 * Math.max(inputSize, outputSize)),
    BYTES_IN_FLIGHT_PER_JOB_MAX / (workerCount * (inputSize + outputSize) * 4),
    (TAB_MEMORY_BYTES_MAX - tabBytes(facts, 0)) / (tabBytes(facts, 1) - tabBytes(facts, 0)),
  ];
  return Math.max(1, Math.floor(Math.min(Math.max(GROUPS_MIN, wanted), ...room)));
}
