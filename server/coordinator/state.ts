/** The coordinator's state: who is connected, what is to be done, and where each piece of it stands. */
import { AUDIT_SHARE_MAX, REPROBE_SHARE, SECOND_OPINION_SHARE } from "../../shared/protocol/limits.ts";
import type { Estimator } from "../../shared/verify/estimate-confidence.ts";
import type { GradientJob, GradientTask } from "../coded/core/run-job.ts";
import type { CodeWatch } from "../kinds/inference/core/adapt-code.ts";
import type { BatchSource } from "../kinds/inference/core/batch-source.ts";
import type { InferencePlan } from "../kinds/inference/core/inference-plan.ts";
import type { RoundSchedule } from "../kinds/inference/core/round-schedule.ts";
import type { StreamState } from "../kinds/inference/core/streams.ts";
import type { StoredJob } from "../kinds/inference/records.ts";
import type { StoredContribution, StoredVolunteer } from "../store/store.ts";
import type { Credits } from "./credits.ts";
import { type CrowdSeen, nothingSeen } from "./crowd-seen.ts";
import type { CoreRecord } from "./effects.ts";
import type { PrecisionClass } from "./events.ts";

export interface ResponseSample {
  /** From the sending to the answer. */
  readonly ms: number;
  /** Multiply-adds of the batch that took so long. */
  readonly work: number;
  /** Of a batch that was sent ahead: what of ms was added, for it was measured from the answer before it; null: of another one. */
  readonly tripMs: number | null;
}

interface SessionBase {
  readonly sessionId: string;
  readonly volunteerId: string;
  readonly nickname: string;
  readonly backend: string;
  /** The same for sessions of one network; null: not known. */
  readonly addressGroup: string | null;
  readonly openedMs: number;
  /** What the tab last said about wanting work. */
  available: boolean;
  /** It last gave back what was sent ahead, for it rests after each batch: none is sent until it goes on without. */
  restsBetween: boolean;
  /** Assignments that it has not answered: one that it is at, and at most one that was sent ahead and waits behind it. */
  readonly unanswered: Set<number>;
  /** Shards and products of gradient jobs that it has not answered, or not let go of. */
  readonly shares: Set<number>;
  /** When it answered the latest of them. */
  shareAnsweredMs: number;
  /** Which T-private job its volunteer was invited to; null: none. */
  readonly invitationSha256: string | null;
  /** Void assignments that it was told to drop and has not let go of: until then it is busy. */
  readonly lettingGo: Map<number, { readonly assignment: Assignment; readonly timerId: number }>;
  /** The latest answers, oldest first; at most RESPONSE_SAMPLES_PER_SESSION. */
  readonly responses: ResponseSample[];
  /** The latest measures of the way there and back (response-times.ts); at most TRIPS_PER_SESSION. */
  readonly tripsMs: number[];
  /** Assignments in a row that came to nothing: failed in the tab, or answered with something malformed. */
  failuresInRow: number;
  verifiedAssignments: number;
  lateAssignments: number;
  readonly recent: { jobId: string; roundIndex: number; workerIndex: number; outcome: string; ms: number }[];
}
export type Session = SessionBase &
  (
    | { state: "probing"; probeTimerId: number }
    | {
        state: "ready";
        precision: PrecisionClass;
        /** Of the known question that it has been asked again; null: of none. */
        reprobeTimerId: number | null;
      }
    | { state: "quarantined" }
  );

export interface Volunteer extends StoredVolunteer {
  /** Of its credit what a crash cannot take back: all that anybody is told. */
  durableCredit: { readonly macs: number; readonly assignments: number };
  readonly sessionIds: Set<string>;
  /** Assignments in a row that it took and never answered, over all its sessions. */
  unansweredInRow: number;
  /** Until then it is sent nothing: it took work and did not answer. */
  restsUntilMs: number;
  /** Multiply-adds a millisecond of its products, smoothed; null: none was measured. */
  productSpeed: number | null;
}

/** One batch sent to one session. It lives until its slot needs it no more. */
export interface Assignment {
  readonly assignmentId: number;
  readonly jobId: string;
  readonly roundIndex: number;
  readonly generation: number;
  readonly workerIndex: number;
  readonly sessionId: string;
  readonly volunteerId: string;
  readonly precision: PrecisionClass;
  readonly addressGroup: string | null;
  readonly sentMs: number;
  /** Since when its tab can be at it: sentMs; of one that was sent ahead when the one before it was answered, null until then. */
  startedMs: number | null;
  readonly work: number;
  /** When it was sent its session was one of the slow ones (placement.ts). */
  readonly isSlow: boolean;
  /** Of its answer: chance that nobody knew before it was held. */
  draw: number;
  /**
   * outstanding: in time. late: past its deadline, its answer is still welcome. auditing: answered, being checked.
   * accepted: its result stands for its worker index.
   */
  state: "outstanding" | "late" | "auditing" | "accepted";
  timerId: number | null;
}

export interface Slot {
  readonly workerIndex: number;
  /** Assignments in the states outstanding, late or auditing. */
  readonly attempts: Set<number>;
  /** Whose result stands for this worker index; the assignment id is null once its bytes are part of stored answers. */
  accepted: (BatchSource & { assignmentId: number | null; addressGroup: string | null }) | null;
  /** Everybody who was ever at it in this generation: what was sent ahead and taken back nobody has tried. */
  readonly tried: Set<string>;
  /** Volunteers that were asked for a second opinion. */
  opinionsAsked: number;
}

export interface Round {
  readonly roundIndex: number;
  /** Of the code that it was opened with. */
  readonly plan: InferencePlan;
  readonly generation: number;
  phase: "encoding" | "gathering" | "finishing";
  readonly openedMs: number;
  readonly slots: Slot[];
  readonly groupCount: number;
  readonly bytes: number;
  /** Are the worker indices beyond K sent? Else whoever is free backs up who is lost. */
  readonly hasParities: boolean;
  /** none: no answers yet. running: being decoded. published: the round has its first answers. */
  decode:
    | { state: "none"; minimumResults: number }
    | { state: "running"; effectId: number; resultCount: number }
    | { state: "published" };
  /**
   * Once there are answers: the queries of a group (as rawQueryOf counts them) that still want the model's own answer,
   * because the job ends exact, or because what stood for them came from a liar.
   */
  readonly wanted: Set<number>;
  /** Worker indices whose result is to be computed by somebody else too before the round is durable. */
  readonly opinionsWanted: Set<number>;
  graceTimerId: number | null;
  gracePassed: boolean;
  firstMs: number | null;
  exactMs: number | null;
  estimatedAtFirst: number;
  redispatched: number;
  /** Credit that becomes real when the round is durable: multiply-adds and assignments by volunteer. */
  readonly credits: Credits;
  /** Rows that the scheme itself rejected, by volunteer. */
  readonly rejected: Map<string, number>;
  /** Results of quarantined volunteers that were taken out, one entry each; wasDurable: out of a durable round. */
  readonly takenOut: { readonly volunteerId: string; readonly wasDurable: boolean }[];
}

/** A round whose answers are durable. */
export interface FinishedRound {
  readonly generation: number;
  readonly openedMs: number;
  readonly sources: readonly (BatchSource | null)[];
  readonly firstMs: number | null;
  readonly exactMs: number | null;
  readonly estimatedAtFirst: number;
  readonly redispatched: number;
}

export interface Job {
  stored: StoredJob;
  /** Of the code in force: what rounds are opened with that have not been opened yet. */
  plan: InferencePlan;
  schedule: RoundSchedule;
  /** Of a job to which queries are posted while it runs; null: all of them were there when it began. */
  readonly stream: StreamState | null;
  nextRoundIndex: number;
  readonly openRounds: Map<number, Round>;
  readonly finishedRounds: Map<number, FinishedRound>;
  /** Of the finished rounds those with a liar's part in them: they wait to be opened again. */
  readonly toRedo: Set<number>;
  /** Multiply-adds sent out for it: whoever has been served least goes first. */
  servedWork: number;
  /** Assignments in a row that came to nothing, and whose: a model that nobody can run ends its job. */
  failuresInRow: number;
  readonly failedBy: Set<string>;
  /** Audits at the end of the job that are under way, by volunteer. */
  readonly topUps: Map<string, number>;
  topUpRows: number;
  /** Random rows whose recomputation was asked for, in all. */
  auditRowsAsked: number;
  /** Volunteers whose records such audits changed: written with the job's end. */
  readonly toppedUp: Set<string>;
  /** Volunteers of whom no row is left to audit in this job. */
  readonly topUpExhausted: Set<string>;
  /** Multiply-adds of all batches that were sent for it. */
  sentWork: number;
  codeWatch: CodeWatch;
  /** Which estimator agrees with the model more surely here, by what was decoded last; null: none was tried. */
  better: Estimator | null;
  /** By volunteer; those that changed are written with the next round, or the job's end. */
  readonly contributions: Map<string, StoredContribution>;
  readonly contributionsChanged: Set<string>;
}

export type PersistPurpose =
  | { readonly kind: "submission"; readonly jobId: string }
  | { readonly kind: "prepared"; readonly jobId: string }
  /** Queries of a stream, up to that place. */
  | { readonly kind: "queries"; readonly jobId: string; readonly endPlace: number }
  | { readonly kind: "streamClosed"; readonly jobId: string }
  | { readonly kind: "round"; readonly jobId: string; readonly roundIndex: number }
  | { readonly kind: "jobEnd"; readonly jobId: string }
  | { readonly kind: "gradientCheckpoint"; readonly jobId: string; readonly credited: readonly string[] }
  | { readonly kind: "gradientEnd"; readonly jobId: string; readonly credited: readonly string[] }
  | { readonly kind: "standing" }
  | { readonly kind: "release"; readonly volunteerId: string };

export type TimerPurpose =
  | { readonly kind: "probe"; readonly sessionId: string }
  | { readonly kind: "lettingGo"; readonly sessionId: string; readonly assignmentId: number }
  | { readonly kind: "deadline"; readonly assignmentId: number }
  /** It is longer than expected at its batch, and another one waits behind that. */
  | { readonly kind: "ahead"; readonly sessionId: string; readonly dueMs: number; readonly isSecondLook: boolean }
  /** Nothing to do but to look round for work again. */
  | { readonly kind: "rest" }
  | { readonly kind: "grace"; readonly jobId: string; readonly roundIndex: number; readonly generation: number }
  | { readonly kind: "retryPersist" }
  /** The oldest query of a stream that is in no window has waited long enough. */
  | { readonly kind: "windowDue"; readonly jobId: string }
  | { readonly kind: "streamIdle"; readonly jobId: string }
  | { readonly kind: "trainingWake"; readonly jobId: string }
  | { readonly kind: "share"; readonly taskId: number };

/** What an operator sets, and what is measured with other values. */
export interface CoordinatorSettings {
  /** Share of the batches of volunteers without a record that somebody else computes too. */
  readonly secondOpinionShare: number;
  /** Rows that are recomputed at random for a job, at most, as a share of its queries. */
  readonly auditShareMax: number;
  /** Share of answers after which a tab is measured again by a known question. */
  readonly reprobeShare: number;
}

export const SETTINGS_DEFAULT: CoordinatorSettings = {
  secondOpinionShare: SECOND_OPINION_SHARE,
  auditShareMax: AUDIT_SHARE_MAX,
  reprobeShare: REPROBE_SHARE,
};

export interface CoordinatorState {
  readonly settings: CoordinatorSettings;
  nowMs: number;
  nextEffectId: number;
  nextAssignmentId: number;
  nextTimerId: number;
  readonly sessions: Map<string, Session>;
  /** Ready, available, with nothing to answer: who may be sent work. Kept by sessions.ts. */
  readonly idleSessions: Set<string>;
  /** At one batch in time, and quick: who may be sent the next one ahead. Kept with the idle ones. */
  readonly soonIdleSessions: Set<string>;
  readonly volunteers: Map<string, Volunteer>;
  quarantinedCount: number;
  readonly jobs: Map<string, Job>;
  readonly assignments: Map<number, Assignment>;
  readonly gradientJobs: Map<string, GradientJob>;
  readonly gradientTasks: Map<number, GradientTask>;
  /** Who may sit in gradient jobs has changed: seats are looked at before the step ends. */
  seatsStale: boolean;
  /** The process is about to end: nothing is sent out any more. */
  isStopping: boolean;
  readonly timers: Map<number, TimerPurpose>;
  /** Effects on the numerics pool that have not come back. */
  readonly numericsPending: Set<number>;
  /** What is to be durable, oldest first; the first `write.count` entries are being written. */
  readonly persistQueue: { readonly purpose: PersistPurpose; readonly records: readonly CoreRecord[] }[];
  write: { readonly effectId: number; readonly count: number } | null;
  /** Whose work audits under way look at: a lie counts even where the result is no longer needed. */
  readonly auditsPending: Map<
    number,
    {
      readonly jobId: string;
      readonly roundIndex: number;
      readonly volunteerId: string;
      readonly askedMs: number;
      /** The accepted result that it is compared with. */
      readonly against: { readonly assignmentId: number; readonly volunteerId: string } | null;
    }
  >;
  /** As auditsPending, of decodes: volunteers by worker index. */
  readonly decodesPending: Map<number, ReadonlyMap<number, string>>;
  /** Volunteers of whom at least one row was recomputed. */
  auditedVolunteers: number;
  /** Why the store last refused, until it accepts again. */
  storeProblem: string | null;
  /** Recent answers of the whole crowd, oldest first; at most RESPONSE_SAMPLES_OF_CROWD. */
  readonly crowdResponses: ResponseSample[];
  /** Rates of slow, gone and coming tabs: what estimates are made from. */
  readonly crowdSeen: CrowdSeen;
}

export function initialState(settings: CoordinatorSettings = SETTINGS_DEFAULT): CoordinatorState {
  return {
    settings,
    nowMs: 0,
    nextEffectId: 1,
    nextAssignmentId: 1,
    nextTimerId: 1,
    sessions: new Map(),
    idleSessions: new Set(),
    soonIdleSessions: new Set(),
    volunteers: new Map(),
    quarantinedCount: 0,
    jobs: new Map(),
    assignments: new Map(),
    gradientJobs: new Map(),
    gradientTasks: new Map(),
    seatsStale: false,
    isStopping: false,
    timers: new Map(),
    numericsPending: new Set(),
    persistQueue: [],
    write: null,
    auditsPending: new Map(),
    decodesPending: new Map(),
    auditedVolunteers: 0,
    storeProblem: null,
    crowdResponses: [],
    crowdSeen: nothingSeen(),
  };
}
