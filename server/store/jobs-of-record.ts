/** Which job a record is of: whoever writes it needs the lease of that one. */
import { unreachable } from "../../shared/control/unreachable.ts";
import type { StoreRecord } from "./store.ts";

export function jobsOfRecord(record: StoreRecord): string[] {
  switch (record.kind) {
    case "job":
      return [record.job.jobId];
    case "round":
      return [record.round.jobId];
    case "piece":
      return [record.piece.jobId];
    case "append":
      return [record.append.jobId];
    case "block":
      return [record.block.jobId];
    case "contribution":
      return [record.contribution.jobId];
    case "checkpoint":
      return [record.checkpoint.jobId];
    case "volunteer":
    case "crowd":
    case "account":
      return [];
    default:
      return unreachable("jobsOfRecord: no such record", record);
  }
}
