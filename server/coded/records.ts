/**
 * What outlives the process of a gradient job: the job with how far it got, and its weights. A matrix job is kept in the same
 * records: its A is `features`, its B is `labels`, its slices are iterations, and the product so far is its weights.
 */
import type { CodedEndKind } from "../../shared/coded/run-view.ts";
import type { MatmulSubmission } from "../../shared/kinds/matmul/submission.ts";
import type { RegressionPoint } from "../../shared/kinds/regression/job-view.ts";
import type { RegressionSubmission } from "../../shared/kinds/regression/submission.ts";

export type GradientJobState = "accepting" | "preparing" | "running" | "finishing" | "done" | "failed" | "cancelled";

export interface StoredGradientJob {
  jobId: string;
  submission: RegressionSubmission | MatmulSubmission;
  /** What the submission's source came to. */
  featuresSha256: string;
  labelsSha256: string;
  inputScale: number;
  /** As uploaded: rows held out are among them. Of a matrix job: A's rows, the inner size, B's columns. */
  rows: number;
  columns: number;
  classes: number;
  /** What a prediction of class c is called; empty for linear. */
  labelOfClass: number[];
  /** Which rows are held out follows from it. */
  splitSeed: number;
  state: GradientJobState;
  error: string | null;
  endKind: CodedEndKind | null;
  endReason: string | null;
  submittedMs: number;
  finishedMs: number | null;
  /** Updates of the weights that a checkpoint holds, or the result; null: none is durable. */
  weightsOf: number | null;
  /** What the submitter should know of the data, in sentences. */
  notes: string[];
  progress: StoredGradientProgress;
  /** T > 0: hashes of the invitations, and whose key came first with each. */
  invitations: { sha256: string; volunteerId: string | null }[];
}

/** As of the latest checkpoint. */
export interface StoredGradientProgress {
  iteration: number;
  history: RegressionPoint[];
  best: { iteration: number; loss: number } | null;
  codeChanges: { iteration: number; generation: number; blockCount: number; reason: string }[];
  liars: { volunteerId: string; iteration: number; roundId: number; shardIndex: number }[];
  volunteers: {
    volunteerId: string;
    nickname: string;
    isSlow: boolean;
    isLiar: boolean;
    pointsIssued: number;
    acceptedResults: number;
  }[];
  resultsChecked: number;
  resultsRejected: number;
  undecodedRounds: number;
  correctedResults: number;
  nextGeneration: number;
}

export interface StoredGradientCheckpoint {
  jobId: string;
  current: StoredWeights;
  /** The best so far, where they are others. */
  best: StoredWeights | null;
}

export interface StoredWeights {
  iteration: number;
  /** columns x classes each */
  weights: Float64Array;
  lookahead: Float64Array;
}

export function noProgress(): StoredGradientProgress {
  return {
    iteration: 0,
    history: [],
    best: null,
    codeChanges: [],
    liars: [],
    volunteers: [],
    resultsChecked: 0,
    resultsRejected: 0,
    undecodedRounds: 0,
    correctedResults: 0,
    nextGeneration: 1,
  };
}
