/** A shard: fetched once, checked, and handed to the compute thread, which keeps it. */
import type { ShardAssignment } from "../../../shared/coded/assignments.ts";
import { type BlobTransfer, fetchBlob } from "../../session/blobs.ts";
import type { ComputeThreadLink } from "../../session/compute-thread-link.ts";

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
