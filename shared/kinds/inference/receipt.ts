/** GET /api/jobs/:jobId/receipt.json of an inference job that has ended; gradient-api.ts has that of a gradient job. */
import type { AnswerMark } from "./answers.ts";
import type { CodeView } from "./job-view.ts";
import type { InferenceSubmission } from "./submission.ts";

export interface InferenceReceipt {
  jobId: string;
  kind: "inference";
  submission: InferenceSubmission;
  state: "done" | "failed" | "cancelled";
  error: string | null;
  code: {
    scheme: string;
    /** K, S, E and N; of a job with an aim those of the last code. */
    queriesPerGroup: number;
    stragglers: number;
    liars: number;
    workers: number;
    groups: number;
    rounds: number;
    /** Of them those whose answers are durable; all, where the job is done. */
    roundsDone: number;
    /** Of a job with an aim: which code was in force for which rounds. */
    inForce?: CodeView[];
  };
  /** audits: results were recomputed in part before they counted. votes: a majority decided. none: they were believed. */
  verification: "audits" | "votes" | "none";
  hashes: {
    /** Of the model that tabs ran: with the one output that the job asked for. */
    model: string;
    parityModel: string | null;
    /** null: they were posted while the job ran. */
    queries: string | null;
    labels: string | null;
    /** sha-256 of the files that answers.npy and marks.npy serve. */
    answers: string;
    marks: string;
  };
  answers: {
    queryCount: number;
    byMark: Record<AnswerMark, number>;
    final: number;
    /** Below this chance of being wrong an answer is final. */
    boundOfJob: number;
    /** Of the audited answers the largest bound; null: there are none. */
    boundMax: number | null;
    /** Sum of the bounds of all audited answers: so many of them may be wrong, on average, at most. */
    wrongExpectedMax: number;
  };
  /** How often estimates were what the model itself said, where both are known; null: there was nothing to compare. */
  estimates: { agreed: number; compared: number; confidence: number } | null;
  audits: { rows: number; failedRows: number };
  volunteers: VolunteerReceipt[];
  /** What was done again because somebody had lied. */
  redone: { rounds: number; assignments: number; rows: number };
  submittedMs: number;
  finishedMs: number;
}

export interface VolunteerReceipt {
  volunteerId: string;
  nickname: string;
  /** Results of it that went into durable rounds, or were taken out again. */
  assignments: number;
  /** Rows of these: one a query group of the round. */
  rows: number;
  /** Answers that stand as it gave them (and, marked exact, as the coordinator computed them too). */
  answers: number;
  auditedRows: number;
  failedRows: number;
  /** Rows that the scheme itself outvoted, or that its error locator named. The locator names E, whether or not anybody lied. */
  rejectedRows: number;
  withdrawnAssignments: number;
  withdrawnRows: number;
  /** The chance that an audited answer of it is wrong, as of the job's end; null: nothing of it was audited. */
  bound: number | null;
  quarantine: { atMs: number; jobId: string; roundIndex: number; reason: string } | null;
}
