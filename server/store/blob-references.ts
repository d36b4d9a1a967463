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
      const { finishedMs, facts, data } = record.job;
      const hasEnded = finishedMs !== null && finishedMs < endedBeforeMs;
      return hashesIn(hasEnded ? facts : { facts, data });
    }
    // Their arrays are rows of tables, not blobs.
    case "round":
    case "piece":
    case "append":
    case "block":
    case "account":
    case "checkpoint":
    case "volunteer":
    case "contribution":
    case "crowd":
      return [];
    default:
      return unreachable("blobReferences: no such record", record);
  }
}

export function hashesIn(value: unknown): string[] {
  return JSON.stringify(value).match(SHA256_HEX) ?? [];
}
