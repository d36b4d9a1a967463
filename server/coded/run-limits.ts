/** What a coded run may take of the coordinator and of a tab. */
import { CODED_DATA_BYTES_MAX, CODED_SHARD_BYTES_MAX } from "../../shared/coded/limits.ts";
import { requireReadable, SubmissionError } from "../shell/submission-error.ts";
import type { Store } from "../store/store.ts";
import type { RunCost } from "./core/run-cost.ts";
import type { RunPlan } from "./core/run-plan.ts";

/** @param name what the submitter calls it */
export async function uploadedTensor(store: Store, sha256: string, name: string): Promise<Uint8Array> {
  await requireReadable(store, sha256, name);
  const bytes = await store.getBlob(sha256);
  if (bytes !== null) return bytes;
  throw new SubmissionError(422, "unknown-tensor", `${name}: expected an upload with sha-256 ${sha256}, got none`);
}

/**
 * @param rows of the matrix that is coded
 * @param limbs numbers that each entry is cut into
 * @throws SubmissionError where it is too large, or has fewer rows than blocks
 */
export function requireMatrix({ blockCount }: RunPlan, name: string, rows: number, columns: number, limbs = 1): void {
  const bytes = 4 * limbs * rows * columns;
  if (bytes > CODED_DATA_BYTES_MAX) {
    const expected = `expected ${name} of at most ${CODED_DATA_BYTES_MAX} bytes at ${4 * limbs} an entry`;
    const advice = limbs > 1 ? `; with featureBits 12 an entry takes 4` : "";
    throw new SubmissionError(422, "too-much-data", `${expected}, got ${rows} x ${columns}: ${bytes}${advice}`);
  }
  if (rows < blockCount) {
    const expected = `expected at least ${blockCount} rows, one a block`;
    throw new SubmissionError(422, "too-little-data", `${name}: ${expected}, got ${rows}`);
  }
}

/** @throws SubmissionError where a tab would have to hold more than it may */
export function requireShards({ shardsPerVolunteer }: RunPlan, { shardBytesPerVolunteer }: RunCost): void {
  const shardBytes = shardBytesPerVolunteer / shardsPerVolunteer;
  if (shardBytes <= CODED_SHARD_BYTES_MAX) return;
  const expected = `expected shards of at most ${CODED_SHARD_BYTES_MAX} bytes`;
  throw new SubmissionError(422, "shards-too-large", `${expected}, got ${shardBytes}: raise K`);
}
