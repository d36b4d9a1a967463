/** What the API tells of a regression while it runs: its state, its history. */
import type { CodedEndKind, CodedHistory } from "../../coded/run-view.ts";
import type { CodedScheme } from "../../coding/coded-schemes/coded-schemes.ts";
import type { RegressionModel } from "./submission.ts";

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
/** GET /api/jobs/:jobId/history.json */
export interface RegressionHistory extends CodedHistory {
  points: RegressionPoint[];
}
