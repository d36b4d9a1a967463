/** The HTTP API of the worker page: what volunteers may know of a job that they compute for, and of each other. */

/** GET /api/work/:job. Whoever has had an assignment of the job knows its id; nobody else does. */
export interface WorkView {
  readonly jobId: string;
  readonly kind: "inference" | "regression" | "matmul";
  readonly name: string;
  readonly submitter: string;
  /** What it is for, in the submitter's words; absent: not said. */
  readonly purpose?: string;
  readonly state: string;
  /** How far along it is: final answers, steps of the training, or slices of the product. */
  readonly progress: {
    readonly unit: "answers" | "iterations" | "slices";
    readonly done: number;
    readonly all: number;
  };
}

/** GET /api/leaderboard?limit=&volunteerId= */
export interface LeaderboardView {
  /** With verified work, quarantined ones left out. */
  readonly volunteers: number;
  /** The first ones. */
  readonly rows: readonly LeaderboardRow[];
  /** Of the volunteer that was asked about; null: it has no verified work. */
  readonly own: LeaderboardRow | null;
}

/** GET /api/teams?limit=&team= */
export interface TeamsView {
  /** With a member that has verified work; quarantined ones count for none. */
  readonly teams: number;
  /** The first ones. */
  readonly rows: readonly TeamRow[];
  /** Of the team that was asked about; null: none of its members has verified work. */
  readonly own: TeamRow | null;
}

export interface TeamRow {
  /** From 1; the same for equal credit. */
  readonly rank: number;
  /** As volunteers wrote it: text, never markup. */
  readonly name: string;
  readonly members: number;
  /** Verified multiply-adds of those who are in it now: who leaves takes their own along, so that none counts twice. */
  readonly creditMacs: number;
}

export interface LeaderboardRow {
  /** From 1; the same for equal credit. */
  readonly rank: number;
  readonly volunteerId: string;
  /** Who gave none is called by the first digits of its id. Nicknames are not unique, ids are. */
  readonly nickname: string;
  /** Verified multiply-adds. */
  readonly creditMacs: number;
}
