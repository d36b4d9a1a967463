import { inferenceSubmissionSchema } from "../../../../shared/kinds/inference/submission.ts";
import type { StoredJob } from "../records.ts";

export function someInferenceJob(jobId: string, changes: Partial<StoredJob> = {}): StoredJob {
  return {
    jobId,
    submission: inferenceSubmissionSchema.parse({ kind: "inference", source: { kind: "sample", sample: "mnist" } }),
    codes: [],
    modelSha256: "a".repeat(64),
    queriesSha256: "b".repeat(64),
    labelsSha256: null,
    queryCount: 400,
    isOpen: false,
    inputSize: 784,
    outputSize: 10,
    macsPerQuery: 177_800,
    parity: null,
    outputScale: null,
    inputScale: 1 / 255,
    sensitivity: null,
    unchecked: null,
    crossChecks: null,
    suspended: null,
    state: "accepting",
    error: null,
    submittedMs: 1_700_000_000_000.25,
    finishedMs: null,
    orderSha256: null,
    auditedRows: 0,
    failedAudits: 0,
    heldOutAgreed: 0,
    heldOutTotal: 0,
    liarShare: null,
    ...changes,
  };
}
