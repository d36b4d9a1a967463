import { inferenceSubmissionSchema } from "../../../../shared/kinds/inference/submission.ts";
import { JUST_SUBMITTED, type StoredJob } from "../records.ts";

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
    ...JUST_SUBMITTED,
    submittedMs: 1_700_000_000_000.25,
    ...changes,
  };
}
