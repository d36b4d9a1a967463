/** What every inference job writes, is asked for and is restored from. What its ledger asks the shell for stands in `rows/work.ts`. */
import type { CoreRecord } from "../../../coordinator/effects.ts";
import type { RestoredJob } from "../../../coordinator/events.ts";
import type { StoredContribution } from "../../../store/store.ts";
import type { StoredJob } from "../records.ts";

export const INFERENCE = "inference";

/** In place of a round's index: rows are of no round. */
export const NO_ROUND = -1;

/**
 * [VF15] differs: the trusted runs agree, and it differs from them. agrees: it lies within what they differ by, or what is allowed.
 * unstable: they differ among themselves by more. unstable in half precision: they do where inputs are rounded as its device does.
 * excused: of a card, trusted runs in other orders of sums move the row by as much.
 */
export type RowVerdict = "differs" | "agrees" | "unstable" | "unstable in half precision" | "excused";

export interface Judged {
  readonly volunteerId: string;
  readonly verdict: RowVerdict;
  /** The largest share of a row's size by which the trusted runs of it differ. */
  readonly spread: number;
}

/** What could not be computed. */
export interface NumericsFailure {
  readonly message: string;
  /** Nothing went wrong: its job has ended, or the coordinator is stopping. */
  readonly isOver?: true;
}

/** queriesPosted: to a stream; their bytes are held, of the right shape, and finite. */
export type InferenceRequest =
  | { readonly type: "queriesPosted"; readonly firstQuery: number; readonly queryCount: number }
  /** Its submitter wants the answers of a suspended job as they come. */
  | { readonly type: "goOnUnchecked" };

export type InferenceRecord =
  | { readonly type: "job"; readonly job: StoredJob }
  /** Queries of a stream as the shell holds them. */
  | { readonly type: "piece"; readonly firstQuery: number; readonly queryCount: number }
  | { readonly type: "contribution"; readonly contribution: StoredContribution };

export interface RestoredInference extends RestoredJob {
  readonly job: StoredJob;
  /** Of a job that goes on: what its volunteers did for it so far. */
  readonly contributions: readonly StoredContribution[];
}

/** @returns null: it is no record of an inference job */
export function inferenceRecordIn(record: CoreRecord): InferenceRecord | null {
  return record.kind === "job" && record.of === INFERENCE ? (record.record as InferenceRecord) : null;
}
