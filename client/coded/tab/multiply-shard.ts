/** A product: one matrix of a shard times the vector of the round. */

import type { ProductAssignment } from "../../../shared/coded/assignments.ts";
import type { ProductOutcome } from "../../../shared/compute/compute-thread-api.ts";
import type { Result } from "../../../shared/protocol/messages.ts";
import { answerWith } from "../../session/answer-with.ts";
import type { Workplace } from "../../session/assignment-work.ts";
import type { BlobTransfer } from "../../session/blobs.ts";
import { ComputeThreadError } from "../../session/compute-thread-link.ts";
import { runDeadlineMs } from "../../session/run-deadline.ts";
import type { LatestVector } from "./latest-vector.ts";
import { provideShard } from "./provide-shard.ts";

/** @returns null where an upload showed that nobody needs it any more */
export async function multiplyShard(
  assignment: ProductAssignment,
  workplace: Workplace,
  latestVector: LatestVector,
  signal: AbortSignal,
): Promise<Result | null> {
  const { shard, product, width, jobId, roundIndex, token } = assignment;
  const { computeThread, origin, onMoved } = workplace;
  const transfer: BlobTransfer = { origin, token, signal, onMoved };
  const shape = shard[product];
  if (shape === null) throw new Error(`product: expected a shard with a ${product} matrix, got one without`);
  const { rows, columns } = shape;

  const [vector] = await Promise.all([
    latestVector.of(assignment.vector, [columns, width], transfer),
    provideShard(shard, computeThread, transfer),
  ]);
  signal.throwIfAborted();
  const task = { shardSha256: shard.sha256, product, vector, width, jobId, roundIndex };
  const { residues, computeMs } = await multiply();
  signal.throwIfAborted();
  if (residues.length !== rows * width) {
    throw new Error(`shard: expected ${rows} x ${width} products, got ${residues.length}`);
  }
  const tensor = { dtype: "U32", shape: [rows, width], data: residues } as const;
  return answerWith("products", tensor, computeMs, { assignment, workplace, signal });

  async function multiply(): Promise<ProductOutcome> {
    const deadlineMs = runDeadlineMs(assignment.deadlineMs);
    try {
      return await computeThread.multiply(task, deadlineMs);
    } catch (error) {
      // Back-ends fail and threads are replaced: then the shard is gone, and another try begins with fetching it.
      if (error instanceof ComputeThreadError || (await computeThread.holdsShard(shard.sha256))) throw error;
      await provideShard(shard, computeThread, transfer);
      return computeThread.multiply(task, deadlineMs);
    }
  }
}
