/** The arrays of one open round, by reference ids: what the coordinator's effects name and never carry. */

import type { CodingScheme } from "../../../../shared/coding/scheme.ts";
import type { EstimateTally } from "../../../../shared/verify/estimate-confidence.ts";
import type { ResultReference } from "../../../coordinator/effects.ts";
import type { RoundReference } from "../../../coordinator/events.ts";
import type { TaskOutputs } from "../../../numerics/task-messages.ts";

/** Where the rows of a round are: the same again after a restart, or a redo would answer other queries. */
export interface RoundPlan {
  /** The code that it was opened with. */
  readonly scheme: CodingScheme;
  /** G x K query indices in the order of the data points; padding repeats the last query of the job. */
  readonly rows: Uint32Array;
  /** Rows that answer a query of their own: padding does not. */
  readonly ownRows: number;
  /** G x K, or null where worker index and place are the same. */
  readonly placements: Uint32Array | null;
  readonly groupCount: number;
}

export interface HeldResult {
  /** G x C */
  readonly outputs: Float32Array;
  /** Rows that the coordinator recomputed and found right, with its own outputs, in the order of the flags. */
  checked: { flags: Uint8Array; ownOutputs: Float32Array } | null;
}

export interface DecodeCandidate {
  readonly decoded: TaskOutputs["decode"];
  /** G x K flags: estimates that are not sure enough to be told to anybody. */
  readonly isWithheld: Uint8Array;
  readonly results: readonly ResultReference[];
}

export interface RoundWorkspace {
  readonly reference: RoundReference;
  readonly plan: RoundPlan;
  /** N batches of G x D, made when first needed; those of workers that hold queries as they are, are empty. */
  batches: Promise<Float32Array[]> | null;
  readonly results: Map<number, HeldResult>;
  readonly candidates: Map<number, DecodeCandidate>;
  /** What its lost rows were estimated as, told or not: G x K x C, and where they belong. null: nothing is published. */
  estimates: { readonly outputs: Float32Array; readonly codes: Uint8Array } | null;
  /** What was compared in it, to know what estimates are worth. */
  heldOut: EstimateTally;
}

/**
 * The row (over G x K) that worker index `workerIndex` computes of group g, or -1 for a parity.
 * @param rawQueryOf of the scheme, by position
 */
export function rowOfWorker(
  plan: RoundPlan,
  queryCount: number,
  rawQueryOf: Int32Array,
  workerIndex: number,
  g: number,
): number {
  const position = positionOf(plan, queryCount, workerIndex, g);
  const query = rawQueryOf[position]!;
  return query < 0 ? -1 : g * queryCount + query;
}

/** The worker index that computes row `row` (over G x K) as it is, where one does. */
export function ownWorkerOf(plan: RoundPlan, queryCount: number, row: number): number {
  return plan.placements?.[row] ?? row % queryCount;
}

function positionOf(plan: RoundPlan, queryCount: number, workerIndex: number, g: number): number {
  if (plan.placements === null || workerIndex >= queryCount) return workerIndex;
  const ofGroup = plan.placements.subarray(g * queryCount, (g + 1) * queryCount);
  return ofGroup.indexOf(workerIndex);
}
