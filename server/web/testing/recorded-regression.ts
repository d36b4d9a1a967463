/** Views of regressions as a coordinator might give them: for the tests of this folder. */
import type { RegressionEstimate } from "../../../shared/kinds/regression/estimate.ts";
import type { RegressionHistory, RegressionJobView } from "../../../shared/kinds/regression/job-view.ts";
import type { RegressionReceipt } from "../../../shared/kinds/regression/receipt.ts";
import { regressionSubmissionSchema } from "../../../shared/kinds/regression/submission.ts";

export function regressionViewOf(jobId: string, changes: Partial<RegressionJobView> = {}): RegressionJobView {
  return {
    jobId,
    kind: "regression",
    name: "fours and nines",
    submitter: "ada",
    model: "logistic",
    scheme: "avcc",
    dataVolunteers: 4,
    stragglers: 1,
    liars: 1,
    colluders: 0,
    volunteerCount: 6,
    state: "running",
    waitingFor: null,
    error: null,
    endKind: null,
    endReason: null,
    rows: 100,
    columns: 3,
    classes: 1,
    iterations: 50,
    iteration: 7,
    loss: 0.5,
    accuracy: 0.8,
    validationLoss: 0.6,
    validationAccuracy: 0.75,
    distance: null,
    labelNames: null,
    weightsOf: 5,
    isVerified: true,
    code: { generation: 1, dataBlocks: 4, masks: 0, shards: 6, shardsHeld: 6 },
    invitations: null,
    volunteersAtWork: 6,
    liarsNamed: 0,
    codeChanges: 0,
    notes: [],
    submittedMs: 1,
    finishedMs: null,
    remainingMs: 4_000,
    ...changes,
  };
}

const ROUNDING: RegressionEstimate["rounding"] = {
  featureBits: 22,
  limbBits: 11,
  featureLimbs: 2,
  vectorBits: 22,
  forward: { limbs: 2, chunks: 1 },
  backward: { limbs: 2, chunks: 1 },
  notes: ["Each column of features is rounded."],
};

export function estimateOf(): RegressionEstimate {
  return {
    kind: "regression",
    volunteersNeeded: 6,
    volunteersReady: 2,
    volunteersMissing: 4,
    shardBytesPerVolunteer: 600,
    broadcastBytesPerIteration: 412,
    resultBytesPerIteration: 104,
    totalBytes: 158_400,
    multiplicationsPerVolunteerPerIteration: 150,
    verificationShare: 0.01,
    rounds: 100,
    redundancy: 1.5,
    finishMs: null,
    multiplicationsAlone: 2_000,
    comparison: null,
    secondsPerIteration: null,
    notes: [],
    rounding: ROUNDING,
  };
}

export function historyOf(): RegressionHistory {
  const point = { validationLoss: null, validationAccuracy: null };
  return {
    points: [
      { iteration: 1, loss: 0.69, accuracy: 0.5, atMs: 10, ...point },
      { iteration: 2, loss: 0.6, accuracy: 0.7, atMs: 20, ...point },
    ],
    codeChanges: [{ iteration: 1, generation: 1, blockCount: 4, reason: "the first code" }],
    liars: [],
    volunteers: [],
  };
}

export function receiptOf(jobId: string): RegressionReceipt {
  return {
    jobId,
    kind: "regression",
    submission: regressionSubmissionSchema.parse({ kind: "regression", source: { kind: "sample", sample: "mnist" } }),
    featuresSha256: "a".repeat(64),
    labelsSha256: "b".repeat(64),
    rows: 100,
    columns: 3,
    classes: 1,
    rounding: ROUNDING,
    endKind: "done",
    endReason: "all iterations are done",
    iterations: 50,
    weightsSha256: "c".repeat(64),
    code: { blockCount: 4, maskCount: 0, shardCount: 6, volunteerCount: 6, redundancy: 1.5 },
    verification: {
      method: "freivalds",
      keyCount: 2,
      errorPerResult: 2.2e-19,
      resultsChecked: 600,
      errorOfJob: 1.3e-16,
      resultsRejected: 0,
    },
    undecodedRounds: 0,
    correctedResults: 0,
    volunteers: [],
    liars: [],
    codeChanges: [],
    pointsIssued: 6,
    submittedMs: 1,
    finishedMs: 9,
  };
}
