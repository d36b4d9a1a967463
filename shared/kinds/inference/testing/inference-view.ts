/** The view of an inference job as a coordinator might give it: for tests. */
import type { InferenceJobView } from "../job-view.ts";

export function inferenceViewOf(jobId: string, changes: Partial<InferenceJobView> = {}): InferenceJobView {
  return {
    jobId,
    name: "digits",
    submitter: "ada",
    kind: "inference",
    scheme: "systematic",
    queriesPerGroup: 4,
    stragglers: 2,
    liars: 1,
    workerCount: 7,
    completion: "exact",
    state: "running",
    waitingFor: null,
    error: null,
    queryCount: 3,
    roundCount: 1,
    roundsDone: 0,
    answersByMark: { missing: 1, unchecked: 0, estimated: 1, audited: 1, exact: 0, "non-finite": 0 },
    finalCount: 1,
    labelAmbiguousCount: 0,
    submittedMs: 1,
    finishedMs: null,
    remainingMs: null,
    accuracy: null,
    auditedRows: 0,
    failedAudits: 0,
    ...changes,
  };
}
