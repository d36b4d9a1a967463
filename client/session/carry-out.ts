/** One assignment from its message to its result, by its kind. */
import type { ComputeOutcome } from "../../shared/compute/compute-thread-api.ts";
import type { Assignment, Result } from "../../shared/protocol/messages.ts";
import { carryOutProduct } from "../coded/tab/carry-out-product.ts";
import { carryOutShard } from "../coded/tab/carry-out-shard.ts";
import type { LatestVector } from "../coded/tab/latest-vector.ts";
import { carryOutBatch } from "../kinds/inference/tab/carry-out-batch.ts";
import { fetchRows } from "../kinds/inference/tab/fetch-rows.ts";
import type { ComputeThreadLink } from "./compute-thread-link.ts";

export interface CarryOutOptions {
  readonly origin: string;
  readonly computeThread: ComputeThreadLink;
  readonly latestVector: LatestVector;
  /** Of a batch that waited: its rows, as fetchEarly has them; null: they are still to be fetched. */
  readonly earlyRows: EarlyRows | null;
  onOutcome?(outcome: ComputeOutcome): void;
  /** Aborted where the assignment is no longer needed: transfers end, and nothing is uploaded. */
  readonly signal: AbortSignal;
}

/** Settles when the rows of a batch are here, or cannot be had. */
export type EarlyRows = Promise<Float32Array>;

/** What of an assignment can be fetched while another one is computed; null: nothing. Whoever carries it out hears of failures. */
export function fetchEarly(
  assignment: Assignment,
  { origin, signal }: Pick<CarryOutOptions, "origin" | "signal">,
): EarlyRows | null {
  if (assignment.kind !== "inference") return null;
  const rows = fetchRows(assignment, { origin, token: assignment.token, signal });
  rows.catch(() => undefined);
  return rows;
}

/**
 * @returns the result to send, or null where an upload showed that nobody needs it any more
 * @throws Error where a transfer, a check or the computation fails; the message may go to the coordinator
 */
export function carryOut(assignment: Assignment, options: CarryOutOptions): Promise<Result | null> {
  switch (assignment.kind) {
    case "probe":
    case "inference":
      return carryOutBatch(assignment, options);
    case "shard":
      return carryOutShard(assignment, options);
    case "product":
      return carryOutProduct(assignment, options);
    default:
      return assignment satisfies never;
  }
}
