/**
 * Which blobs a record refers to. Conservative: whatever looks like a sha-256 in a record counts, so that a field that is
 * added later cannot be forgotten here.
 */
import { unreachable } from "../../shared/control/unreachable.ts";
import type { StoreRecord } from "./store.ts";

const SHA256_HEX = /[0-9a-f]{64}/g;

/**
 * @param endedBeforeMs a job that ended earlier keeps what its answers need, and lets go of its model and its data
 * @returns hashes, some of which may be no blob's
 */
export function blobReferences(record: StoreRecord, endedBeforeMs: number): string[] {
  switch (record.kind) {
    case "job": {
      const { job } = record;
      const data = { submission: null, modelSha256: null, parity: null, queriesSha256: null, orderSha256: null };
      return hashesIn(hasEndedBefore(job, endedBeforeMs) ? { ...job, ...data } : job);
    }
    case "gradientJob": {
      const { job } = record;
      const data = { submission: null, featuresSha256: null, labelsSha256: null, invitations: [] };
      return hashesIn(hasEndedBefore(job, endedBeforeMs) ? { ...job, ...data } : job);
    }
    // Their arrays are rows of tables, not blobs.
    case "round":
    case "piece":
    case "gradientCheckpoint":
    case "volunteer":
    case "contribution":
      return [];
    default:
      return unreachable("blobReferences: no such record", record);
  }
}

function hasEndedBefore({ finishedMs }: { finishedMs: number | null }, endedBeforeMs: number): boolean {
  return finishedMs !== null && finishedMs < endedBeforeMs;
}

export function hashesIn(value: unknown): string[] {
  return JSON.stringify(value).match(SHA256_HEX) ?? [];
}
