/** What the API tells of an inference job while it runs. */
import type { JobState } from "../../protocol/job-api.ts";
import type { Aim } from "./aim.ts";
import type { AnswerMark } from "./answers.ts";
import type { SPARES } from "./submission.ts";

/** A code of a job with an aim. */
export interface CodeView {
  /** In force for rounds from this one on, until the next code's first. */
  fromRound: number;
  queriesPerGroup: number;
  stragglers: number;
  liars: number;
  groupsPerRound: number;
  spares: (typeof SPARES)[number];
  chosenMs: number;
  /** What it was expected to come to when it was chosen, in words. */
  reason: string;
}

/** GET /api/jobs/:jobId of an inference job. */
export interface InferenceJobView {
  jobId: string;
  name: string;
  submitter: string;
  /** Absent: the submitter has not said. */
  purpose?: string;
  kind: "inference";
  scheme: string;
  queriesPerGroup: number;
  stragglers: number;
  liars: number;
  workerCount: number;
  completion: "fast" | "exact";
  state: JobState;
  /** What the submitter named in place of a code, and the codes that were in force; absent: a code was named. */
  aim?: Aim;
  codes?: CodeView[];
  /** Why nothing moves, in one sentence; null while it moves or has ended. */
  waitingFor: string | null;
  error: string | null;
  queryCount: number;
  roundCount: number;
  roundsDone: number;
  answersByMark: Record<AnswerMark, number>;
  finalCount: number;
  submittedMs: number;
  /** null until its end is durable. */
  finishedMs: number | null;
  /** By how fast rounds were finished lately, ms; null while that is not known, or where nothing moves. */
  remainingMs: number | null;
  /** Share of labels that the current answers hit; null without labels. */
  accuracy: number | null;
  auditedRows: number;
  failedAudits: number;
  /** Absent: its queries were all there when it began. */
  stream?: {
    /** Does it take queries still? */
    isOpen: boolean;
    closeAfterMs: number;
    idleMs: number;
  };
}

/** GET /api/jobs/:jobId/rounds: one row a finished or running round. Times in ms since the round was opened. */
export interface RoundView {
  roundIndex: number;
  generation: number;
  phase: string;
  firstMs: number | null;
  /** When every answer was the model's own and verified; null where the scheme never gets there. */
  exactMs: number | null;
  estimatedAtFirst: number;
  redispatched: number;
}
