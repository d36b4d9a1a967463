/** A shard: fetched once, checked, and handed to the compute thread, which keeps it. */
import type { Result, ShardAssignment } from "../../../shared/protocol/messages.ts";
import { type BlobTransfer, fetchBlob } from "../../session/blobs.ts";
import type { CarryOutOptions } from "../../session/carry-out.ts";
import type { ComputeThreadLink } from "../../session/compute-thread-link.ts";

/** @returns `held`, at once where it is */
export async function carryOutShard({ token, shard }: ShardAssignment, options: CarryOutOptions): Promise<Result> {
  const { origin, signal, computeThread } = options;
  await provideShard(shard, computeThread, { origin, token, signal });
  return { token, computeMs: 0, output: { kind: "held" } };
}

/** @throws Error where it cannot be fetched, is not what its hash says, or no back-end can hold it */
export async function provideShard(
  shard: ShardAssignment["shard"],
  computeThread: ComputeThreadLink,
  transfer: BlobTransfer,
): Promise<void> {
  if (await computeThread.holdsShard(shard.sha256)) return;
  const frame = await fetchBlob(shard, transfer);
  transfer.signal.throwIfAborted();
  await computeThread.addShard(shard.sha256, frame);
}
