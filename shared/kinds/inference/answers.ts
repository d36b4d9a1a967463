/** Answers of an inference job: their marks, a page of them, the end of their stream. */
import type { JobState } from "../../protocol/job-api.ts";

export const ANSWER_MARKS = ["missing", "unchecked", "estimated", "audited", "exact"] as const;
/** As stored: the index in ANSWER_MARKS. */
export type AnswerMark = (typeof ANSWER_MARKS)[number];

/**
 * Which answers a page shows. estimated: those that are estimates now; estimated-first: those that were, when they first
 * came. not-final: those that may still be wrong by more than the job's bound. touched: those of rounds in which the answer
 * of a quarantined volunteer was thrown out, and those that such a volunteer gave.
 */
export const ANSWER_FILTERS = ["all", "estimated", "estimated-first", "not-final", "touched"] as const;
export type AnswerFilter = (typeof ANSWER_FILTERS)[number];

/** GET /api/jobs/:jobId/answers.json?offset=&limit=&only= */
export interface AnswersPage {
  queryCount: number;
  /** How many there are of those that were asked for; offset counts these. */
  matching: number;
  offset: number;
  answers: AnswerView[];
}
export interface AnswerView {
  index: number;
  /** argmax of outputs; null while the answer is missing, and for regression */
  label: number | null;
  /** Empty while the answer is missing. */
  outputs: number[];
  mark: AnswerMark;
  final: boolean;
  /** Chance that it is wrong, for `audited` (and 0 for `exact`); null for the other marks. */
  bound: number | null;
  /** Lower confidence bound of the measured agreement with the model, for `estimated`; else null. */
  confidence: number | null;
  volunteerId: string | null;
  /** What the first delivery said; its label is null for regression. */
  first: { label: number | null; mark: AnswerMark } | null;
}

/** The last event of answers.sse. */
export interface AnswersEnd {
  jobId: string;
  state: JobState;
  error: string | null;
  queryCount: number;
}
