/** A product: one matrix of a shard times the vector of the round. */
import type { ProductOutcome } from "../../../shared/compute/compute-thread-api.ts";
import type { ProductAssignment, Result } from "../../../shared/protocol/messages.ts";
import { answerWith } from "../../session/answer-with.ts";
import type { BlobTransfer } from "../../session/blobs.ts";
import type { CarryOutOptions } from "../../session/carry-out.ts";
import { ComputeThreadError } from "../../session/compute-thread-link.ts";
import { runDeadlineMs } from "../../session/run-deadline.ts";
import { provideShard } from "./carry-out-shard.ts";

export async function carryOutProduct(assignment: ProductAssignment, options: CarryOutOptions): Promise<Result | null> {
  const { token, shard, product, width, jobId, roundIndex } = assignment;
  const shape = shard[product];
  if (shape === null) throw new Error(`product: expected a shard with a ${product} matrix, got one without`);
  const { rows, columns } = shape;
  const transfer: BlobTransfer = { origin: options.origin, token, signal: options.signal };
  const { computeThread, latestVector } = options;

  const [vector] = await Promise.all([
    latestVector.of(assignment.vector, [columns, width], transfer),
    provideShard(shard, computeThread, transfer),
  ]);
  options.signal.throwIfAborted();
  const task = { shardSha256: shard.sha256, product, vector, width, jobId, roundIndex };
  const { residues, computeMs } = await multiply();
  options.signal.throwIfAborted();
  if (residues.length !== rows * width) {
    throw new Error(`shard: expected ${rows} x ${width} products, got ${residues.length}`);
  }
  return answerWith({ products: { dtype: "U32", shape: [rows, width], data: residues } }, computeMs, transfer);

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
