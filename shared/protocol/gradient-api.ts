/**
 * The HTTP API of gradient jobs: regression on data that is coded over the tabs. Parsed by these schemas at the edge, as
 * api.ts does for inference jobs. X and y are uploaded as `.npy` (POST /api/tensors).
 */
import { z } from "zod";
import { jobName, jobPurpose, sha256 } from "./api-fields.ts";
import {
  GRADIENT_ITERATIONS_MAX,
  GRADIENT_SHARDS_MAX,
  GRADIENT_SHARDS_PER_VOLUNTEER_MAX,
  GRADIENT_VALIDATION_SHARE_MAX,
} from "./limits.ts";

export const REGRESSION_MODELS = ["linear", "logistic", "softmax"] as const;
export type RegressionModel = (typeof REGRESSION_MODELS)[number];

export const CODED_SCHEMES = ["uncoded", "replication", "lcc", "avcc", "avcc-static"] as const;
export type CodedScheme = (typeof CODED_SCHEMES)[number];

/** gisette-like: fours against nines, 6000 x 5000, for `logistic`. mnist: ten digits, 784 pixels, for `softmax`. */
export const REGRESSION_SAMPLES = ["gisette-like", "mnist"] as const;
export type RegressionSample = (typeof REGRESSION_SAMPLES)[number];

const volunteerCount = (least: number) => z.number().int().min(least).max(GRADIENT_SHARDS_MAX);

/** POST /api/jobs, and POST /api/estimates to ask what it would cost. */
export const regressionSubmissionSchema = z.strictObject({
  kind: z.literal("regression"),
  name: jobName.default("untitled"),
  submitter: jobName.default("anonymous"),
  /** Told to volunteers: what it is for. */
  purpose: jobPurpose.optional(),
  source: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("sample"),
      sample: z.enum(REGRESSION_SAMPLES),
      /** The first so many rows; absent: 6000, which is all of gisette-like. mnist has 60,000. */
      rows: z.number().int().min(20).max(60_000).optional(),
    }),
    z.strictObject({
      kind: z.literal("uploads"),
      /** X: rows x columns */
      featuresSha256: sha256,
      /** y: one number a row */
      labelsSha256: sha256,
      /** x = entry * inputScale: 1/255 for 8-bit pixels. */
      inputScale: z.number().positive().max(1e6).default(1),
    }),
  ]),
  model: z.enum(REGRESSION_MODELS).default("logistic"),
  scheme: z.enum(CODED_SCHEMES).default("avcc"),
  /** K: volunteers that would do if all were quick and honest. */
  dataVolunteers: volunteerCount(1).default(4),
  /** S */
  stragglers: volunteerCount(0).default(1),
  /** M */
  liars: volunteerCount(0).default(1),
  /** T: so many volunteers may pool what they hold and learn nothing of X. Above 0 the job runs by invitation. */
  colluders: volunteerCount(0).default(0),
  /** N, where there are to be more than the code needs. */
  volunteers: volunteerCount(1).optional(),
  /** g: small shards a volunteer, so that a slow one's finished part counts. */
  shardsPerVolunteer: z.number().int().min(1).max(GRADIENT_SHARDS_PER_VOLUNTEER_MAX).default(1),
  /** Encoded ahead for whoever joins. */
  spareShards: z.number().int().min(0).max(64).default(0),
  iterations: z.number().int().min(1).max(GRADIENT_ITERATIONS_MAX).default(50),
  learningRate: z.number().positive().max(1e6).default(0.5),
  momentum: z.number().min(0).max(0.999).default(0.9),
  l2: z.number().min(0).max(1e6).default(0),
  /** Share of the rows, drawn at random, that is not trained on and measures the weights. */
  validationShare: z.number().min(0).max(GRADIENT_VALIDATION_SHARE_MAX).default(0.1),
  /** Stop after so many iterations without a better loss; null: never. */
  patience: z.number().int().min(1).max(GRADIENT_ITERATIONS_MAX).nullable().default(null),
});
export type RegressionSubmission = z.infer<typeof regressionSubmissionSchema>;

export const CODED_ENDS = ["done", "stopped", "diverged", "failed", "cancelled"] as const;
export type CodedEndKind = (typeof CODED_ENDS)[number];

/** GET /api/jobs/:jobId of a gradient job. */
export interface RegressionJobView {
  jobId: string;
  kind: "regression";
  name: string;
  submitter: string;
  /** Absent: the submitter has not said. */
  purpose?: string;
  model: RegressionModel;
  scheme: CodedScheme;
  dataVolunteers: number;
  stragglers: number;
  liars: number;
  colluders: number;
  /** N of the plan. */
  volunteerCount: number;
  /** As of inference jobs; "diverged" and "stopped" jobs are done, `endKind` tells them apart. */
  state: "accepting" | "preparing" | "running" | "finishing" | "done" | "failed" | "cancelled";
  waitingFor: string | null;
  error: string | null;
  endKind: CodedEndKind | null;
  /** How it ended, in a sentence. */
  endReason: string | null;
  rows: number;
  columns: number;
  classes: number;
  iterations: number;
  /** Updates of the weights so far. */
  iteration: number;
  /** Of the latest iteration; null before the first. Accuracies are null for `linear`. */
  loss: number | null;
  accuracy: number | null;
  validationLoss: number | null;
  validationAccuracy: number | null;
  /** Updates that the weights have had which can be fetched now; null: there are none yet. */
  weightsOf: number | null;
  /** Is every result checked before it may touch the weights? */
  isVerified: boolean;
  /** The code at work; null before the first and after the end. */
  code: { generation: number; dataBlocks: number; masks: number; shards: number; shardsHeld: number } | null;
  volunteersAtWork: number;
  liarsNamed: number;
  codeChanges: number;
  /** What the submitter should know of the data, in sentences. */
  notes: string[];
  submittedMs: number;
  /** null until its end is durable. */
  finishedMs: number | null;
  /** Expected until the last iteration; null where nothing is known or the job waits. */
  remainingMs: number | null;
}

export interface RegressionPoint {
  iteration: number;
  loss: number;
  accuracy: number | null;
  validationLoss: number | null;
  validationAccuracy: number | null;
  atMs: number;
}
export interface CodedVolunteerView {
  volunteerId: string;
  nickname: string;
  isPresent: boolean;
  isSlow: boolean;
  isLiar: boolean;
  /** Shards of the code at work that it holds. */
  shards: number;
  /** Evaluation points that it was ever given. */
  pointsIssued: number;
  acceptedResults: number;
}
/** GET /api/jobs/:jobId/history.json */
export interface CodedHistory {
  points: RegressionPoint[];
  codeChanges: { iteration: number; generation: number; blockCount: number; reason: string }[];
  liars: { volunteerId: string; nickname: string; iteration: number }[];
  volunteers: CodedVolunteerView[];
}

/** GET /api/jobs/:jobId/receipt.json of a gradient job that has ended. */
export interface RegressionReceipt {
  jobId: string;
  kind: "regression";
  submission: RegressionSubmission;
  featuresSha256: string;
  labelsSha256: string;
  rows: number;
  columns: number;
  classes: number;
  /** What was uploaded: rows held out are among them. */
  endKind: CodedEndKind;
  endReason: string;
  iterations: number;
  /** Of the file that weights.npy serves; null: there are no weights. */
  weightsSha256: string | null;
  code: { blockCount: number; maskCount: number; shardCount: number; volunteerCount: number; redundancy: number };
  verification: {
    /** freivalds: each result; votes or reed-solomon: within the code's budget; none */
    method: "freivalds" | "votes" | "reed-solomon" | "none";
    /** t: secret vectors a check uses. */
    keyCount: number;
    /** Chance that one wrong result passes: q^-t. null where nothing is checked. */
    errorPerResult: number | null;
    resultsChecked: number;
    /** At most resultsChecked * errorPerResult. */
    errorOfJob: number | null;
    resultsRejected: number;
  };
  /** Rounds of lcc in which there were more errors than it can correct, and which were believed nevertheless. */
  undecodedRounds: number;
  correctedResults: number;
  volunteers: CodedVolunteerView[];
  liars: { volunteerId: string; nickname: string; iteration: number }[];
  codeChanges: CodedHistory["codeChanges"];
  /** T > 0: evaluation points handed out, over all volunteers and codes. */
  pointsIssued: number;
  submittedMs: number;
  finishedMs: number;
}

/** POST /api/estimates */
export interface CodedEstimate {
  kind: "regression" | "matmul";
  volunteersNeeded: number;
  volunteersReady: number;
  /** 0 where it can begin at once. */
  volunteersMissing: number;
  shardBytesPerVolunteer: number;
  broadcastBytesPerIteration: number;
  resultBytesPerIteration: number;
  totalBytes: number;
  multiplicationsPerVolunteerPerIteration: number;
  /** Of the coordinator's checks, over what they check. */
  verificationShare: number;
  rounds: number;
  /** Work of all volunteers over that of `uncoded`. */
  redundancy: number;
  /** From speeds measured so far; null where none are. */
  secondsPerIteration: number | null;
}

/** GET /api/jobs/:jobId/weights.json; weights.npy holds the weights alone, float64, columns x classes. */
export interface RegressionWeightsFile {
  /** Updates that they have had. */
  weightsOf: number;
  columns: number;
  classes: number;
  /** What a prediction of class c is called; empty for linear. */
  labelOfClass: number[];
  /** columns rows of classes numbers, for x as it was uploaded times its input scale */
  weights: number[][];
}

/** POST /api/jobs/:jobId/predictions: `.npy` of n x columns in; predictions as `.npy` out, or as this with Accept: application/json. */
export interface RegressionPredictions {
  weightsOf: number;
  /** logistic and softmax: the label; linear: the number. */
  predictions: number[];
}

/** POST /api/jobs answers with this; `invitations` only where T > 0: one a volunteer, shown this once. */
export interface JobSubmitted {
  jobId: string;
  invitations?: string[];
}
