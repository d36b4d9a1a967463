/** GET /api/jobs/:jobId/timeline: what each tab did for a job, and when. Times in ms since the job was submitted. */

/**
 * What came of one batch, share or product that was sent to a tab. computing: it is still out. answered: in time, and used or
 * usable. late: it came after its deadline, or after its round had done without it. rejected: its answer, or another one of
 * its volunteer, was found wrong, and nothing of it stands. outvoted: the code itself found it to differ from the others.
 * failed: the tab could not, or sent something malformed. unneeded: called off, others had answered. gone: its tab left.
 */
export const TIMELINE_OUTCOMES = [
  "computing",
  "answered",
  "late",
  "rejected",
  "outvoted",
  "failed",
  "unneeded",
  "gone",
] as const;
export type TimelineOutcome = (typeof TIMELINE_OUTCOMES)[number];

export interface TimelineTab {
  sessionId: string;
  volunteerId: string;
  nickname: string;
  backend: string;
}

/** One thing that one tab was asked for. */
export interface TimelineSpan {
  /** Place in JobTimeline.tabs. */
  tab: number;
  /** share: coded data sent ahead of the rounds of a gradient or matrix job; its round is 0. */
  work: "batch" | "share" | "product";
  roundIndex: number;
  generation: number;
  workerIndex: number;
  /** Somebody else had been sent the same in this generation: it was sent again, or a second opinion was asked for. */
  isAgain: boolean;
  /** Of a batch that was sent ahead: when the one before it was answered, for then its tab began it. */
  sentMs: number;
  /** null: it is still out. */
  endedMs: number | null;
  outcome: TimelineOutcome;
}

/** A round of an inference job that has answers: how the first ones compare with those that stand now. */
export interface TimelineRound {
  roundIndex: number;
  /** Above 0: it was done again, in part or whole, because somebody in it had lied. */
  generation: number;
  rows: number;
  /** First answers that were estimates. */
  estimatedAtFirst: number;
  /** Of these, those whose query has the model's own, checked answer now, and how many of them said the same label. */
  estimatesCompared: number;
  estimatesAgreed: number;
  /** First answers whose label stands now. null: a regression has no labels. */
  firstStands: number | null;
  /** Answers that hit the submitter's labels, at first and now; null without labels. */
  firstRight: number | null;
  nowRight: number | null;
}

export interface JobTimeline {
  jobId: string;
  /** When this was told: what is still out has lasted until then. */
  atMs: number;
  tabs: TimelineTab[];
  /** In the order in which they were sent; the latest, where there were more than the coordinator keeps. */
  spans: TimelineSpan[];
  /** Spans that were let go of. */
  spansDropped: number;
  /** false: the job was at work in an earlier run of the coordinator, and what each tab did then is not kept. */
  isWhole: boolean;
  /** Of inference jobs, in the order of their index; those whose answers are durable. */
  rounds: TimelineRound[];
}
