/** The coordinator's state: who is connected, what is to be done, and where each assignment stands. Plain data: it replays. */

import { AUDIT_SHARE_MAX, COME_BACK_MS, REPROBE_SHARE, SHARE_KEPT_MS } from "../../shared/protocol/limits.ts";
import type { InvitationStanding, WorkChoice } from "../../shared/protocol/messages.ts";
import type { AwayReason } from "../../shared/protocol/why-no-tab.ts";
import { CrowdWindow, type NamingCounted } from "../../shared/verify/cross-checks/crowd-window.ts";
import type { RowsLooked } from "../../shared/verify/model-class.ts";
import { CheckLapses } from "../checks/check-lapses.ts";
import type { Account } from "../checks/words.ts";
import type { StoredVolunteer } from "../store/store.ts";
import { AssignmentTable } from "./assignment-table.ts";
import { type CellShare, NO_SHARE } from "./cell-share.ts";
import { type CrowdKept, nobodyKept } from "./crowd/crowd-kept.ts";
import type { TakerChoice } from "./crowd/takers.ts";
import type { CoreRecord } from "./effects.ts";
import type { Placing } from "./homes.ts";
import { noVerifiedWork, type VerifiedWork } from "./verified-work.ts";
import type { CoreJobRecord, JobEnd, Own, PrecisionClass } from "./words.ts";

export interface ResponseSample {
  /** From the sending to the answer. */
  readonly ms: number;
  /** Multiply-adds of the batch that took so long. */
  readonly work: number;
  /** Of a batch that was sent ahead: what of ms was added, for it was measured from the answer before it; null: of another one. */
  readonly tripMs: number | null;
  /** Of ms what its answer waited here before it was heard, which says nothing of its tab; absent: it did not. */
  readonly waitedMs?: number;
}

interface SessionBase {
  readonly sessionId: string;
  readonly volunteerId: string;
  readonly nickname: string;
  readonly backend: string;
  /** [PC7] Of models that it computes elsewhere, by their hashes. */
  modelBackends: ReadonlyMap<string, string>;
  /** The same for sessions of one network; null: not known. */
  readonly addressGroup: string | null;
  /** [CC3] [VS2] It checks nobody of the same: its address group, or its seat. null: not known. */
  readonly checkGroup: string | null;
  /** [PC8] What it gives one model. */
  readonly memoryBytes: number;
  /** [AS6] Large models that it has answered batches of, by their hashes. */
  readonly fetched: Set<string>;
  readonly openedMs: number;
  /** What the tab last said about wanting work. */
  available: boolean;
  /** Why it wants none, as far as it said so. */
  away: AwayReason | null;
  /** It last gave back what was sent ahead, for it rests after each batch: none is sent until it goes on without. */
  restsBetween: boolean;
  /** [CE8] Of its address group: a draw by a secret of the service; null: this coordinator is alone, or places nobody. */
  readonly homePoint: number | null;
  /** [CE8] Which other coordinator it is at home at; null: at this one. */
  home: string | null;
  /** [CE8] It is sent nothing more, and goes to the coordinator of that name once it holds nothing; null: it stays. */
  pointedTo: string | null;
  /** Assignments that it has not answered, or was told to drop and has not let go of. Without any it is idle. */
  readonly holds: Set<number>;
  /** Of its latest answer: chance that nobody knew before it was held. */
  draw: number;
  /** When it answered the latest of those that it does beside others. */
  besideAnsweredMs: number;
  /** Which T-private job its volunteer was invited to; null: none. */
  readonly invitationSha256: string | null;
  /** [GJ7] What that came to; null: it came with none. */
  readonly invitation: InvitationStanding | null;
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

interface ReadyPart {
  state: "ready";
  precision: PrecisionClass;
  /** Of the known question that it has been asked again; null: of none. */
  reprobeTimerId: number | null;
}

export type Session = SessionBase & ({ state: "probing"; probeTimerId: number } | ReadyPart | { state: "quarantined" });

export type ReadySession = SessionBase & ReadyPart;

export interface Volunteer extends StoredVolunteer {
  /** Of its credit what a crash cannot take back: all that anybody is told. */
  durableCredit: { readonly macs: number; readonly assignments: number };
  readonly sessionIds: Set<string>;
  /** [WC1] What it gives its work to; null: to whatever there is. */
  choice: WorkChoice | null;
  /** [WC3] The operator has let it in, in this run: it may check what it chose. */
  isAdmitted: boolean;
  /** Assignments in a row that it took and never answered, over all its sessions. */
  unansweredInRow: number;
  /** Until then it is sent nothing: it took work and did not answer. */
  restsUntilMs: number;
  /** [AS4] Models that it failed at, since it answered one of theirs last; forgotten at a restart. */
  readonly failedModels: Map<string, { readonly inRow: number; readonly untilMs: number }>;
  /** Made of those and of its choice (taker-choice.ts); null: it was out of turn nowhere. */
  takes: { readonly of: WorkChoice | null; readonly choice: TakerChoice } | null;
  /** What was looked at of each model and back-end of it (shared/verify/model-class.ts), by a key of its kind; forgotten at a restart. */
  readonly classes: Map<string, RowsLooked>;
  /** [CC6] Rows of it that lie within the window of the last ones, as they were at that row of this run. */
  lately: { readonly rows: number; readonly atRow: number };
  /** [VF14] What its naming has added to the window, and made the coordinator forget; null: it was not named in this run. */
  namingCounted: { readonly counted: NamingCounted; readonly rowsForgotten: number } | null;
  /** Multiply-adds a millisecond of what it does beside other assignments, smoothed; null: none was measured. */
  besideSpeed: number | null;
}

/**
 * How an assignment is queued at its session.
 * alone: the session is at one at a time, and at most one more is sent ahead; its response time is measured, and its deadline
 *   follows from what was measured.
 * beside: beside others of its job, each with a fixed limit; a session that holds one is sent none that want to be alone.
 */
export type Queueing = "alone" | "beside";

/**
 * How a result is checked.
 * rows: rows drawn in secret are recomputed. freivalds: against keys that nobody else knows. votes: against those of others.
 * reed-solomon: by the code that it is decoded with. none: it is believed, or there is nothing to check.
 */
export type Check = "rows" | "freivalds" | "votes" | "reed-solomon" | "none";

export interface ModelToFetch {
  readonly sha256: string;
  readonly bytes: number;
}

/** Anything that is sent to one session to be answered. It lives until its kind needs it no more. */
export interface Assignment<Payload = unknown> {
  readonly assignmentId: number;
  /** Of its job. */
  readonly kind: string;
  readonly jobId: string;
  /** Where in its job it belongs: for its kind, and for people. */
  readonly roundIndex: number;
  readonly workerIndex: number;
  readonly sessionId: string;
  readonly volunteerId: string;
  readonly precision: PrecisionClass;
  readonly addressGroup: string | null;
  readonly sentMs: number;
  /** Since when its tab can be at it: sentMs; of one that was sent ahead when the one before it was answered, null until then. */
  startedMs: number | null;
  /** Multiply-adds; of one whose rest was taken back, those that were done of it. */
  work: number;
  /** [AS6] A large model that its tab may have to fetch first; absent: none. */
  readonly fetches?: ModelToFetch;
  readonly queueing: Queueing;
  readonly check: Check;
  /** What its kind sends, and knows it by. */
  readonly payload: Payload;
  /** Of its answer: chance that nobody knew before it was held. */
  draw: number;
  /**
   * outstanding: in time. late: past its deadline, its answer is still welcome. dropped: its tab was told that it is not
   * needed, and has not let go of it. checking: answered, being checked. accepted: its result stands.
   */
  state: "outstanding" | "late" | "dropped" | "checking" | "accepted";
  timerId: number | null;
}

export interface Turns {
  /** Multiply-adds sent out. */
  served: number;
}

/** What the core keeps of a job of any kind. Its kind keeps the rest in the same object. */
export interface Job {
  readonly kind: string;
  readonly stored: CoreJobRecord;
  /** [DP2] Of a submitter's jobs the one that has been served least goes first. Jobs that are served as one have one account: each the same object. */
  turns: Turns;
  /** Multiply-adds of all that was sent for it to be done alone. */
  sentWork: number;
}

export type PersistPurpose =
  | { readonly kind: "submission"; readonly jobId: string }
  | { readonly kind: "jobEnd"; readonly jobId: string; readonly end: JobEnd; readonly credited: readonly string[] }
  | { readonly kind: "standing" }
  | { readonly kind: "release"; readonly volunteerId: string }
  /** Its job's kind knows what for. isRefusable: what the store refuses is not tried again. takesOf: the account that it takes of. */
  | {
      readonly kind: "job";
      readonly jobId: string;
      readonly purpose: Own;
      readonly isRefusable: boolean;
      readonly takesOf?: string;
    };

export type TimerPurpose =
  | { readonly kind: "probe"; readonly sessionId: string }
  /** Of an assignment: it is late by now, or was to be let go of. */
  | { readonly kind: "deadline"; readonly assignmentId: number }
  /** It is longer than expected at its batch, and another one waits behind that. */
  | { readonly kind: "ahead"; readonly sessionId: string; readonly dueMs: number; readonly isSecondLook: boolean }
  /** Nothing to do but to look round for work again. */
  | { readonly kind: "rest" }
  | { readonly kind: "retryPersist" }
  /** Its job's kind knows what for. */
  | { readonly kind: "job"; readonly jobId: string; readonly purpose: Own };

/** What an operator sets, and what is measured with other values. */
export interface CoordinatorSettings {
  /** Rows that are recomputed at random for a job, at most, as a share of its queries. */
  readonly auditShareMax: number;
  /** Share of answers after which a tab is measured again by a known question. */
  readonly reprobeShare: number;
  /** [CC7] After a restart no partner is drawn for so long. */
  readonly comeBackMs: number;
  /** [CE8] After so long a coordinator asks for fewer of the service's tabs. */
  readonly shareKeptMs: number;
}

export const SETTINGS_DEFAULT: CoordinatorSettings = {
  auditShareMax: AUDIT_SHARE_MAX,
  reprobeShare: REPROBE_SHARE,
  comeBackMs: COME_BACK_MS,
  shareKeptMs: SHARE_KEPT_MS,
};

/** What was seen of the crowd since the start; older counts weigh half as much each time that COUNT_MAX is reached. */
export interface CrowdSeen {
  /** Times of the latest answers over their tab's own median before; at most RATIOS_MAX. */
  readonly ratios: number[];
  answers: number;
  slow: number;
  /** Batches that were answered, whose tab left, or that were met with silence. */
  batches: number;
  left: number;
  silent: number;
  /** Volunteers with a record that went away, and when; at most AWAY_MAX. */
  readonly leftMs: Map<string, number>;
  /** How long those were away who came back; at most ABSENCES_MAX. */
  readonly absencesMs: number[];
}

export interface CrowdLately {
  readonly window: CrowdWindow;
  /** R: rows that were taken in since a row that the coordinator drew itself was wrong. */
  rowsSinceAlarm: number;
  /** Rows that were taken in, in this run. */
  rowsEver: number;
}

export interface CoordinatorState {
  readonly settings: CoordinatorSettings;
  nowMs: number;
  nextEffectId: number;
  nextAssignmentId: number;
  nextTimerId: number;
  readonly sessions: Map<string, Session>;
  /** Counts and orders of sessions. */
  readonly crowd: CrowdKept;
  readonly volunteers: Map<string, Volunteer>;
  quarantinedCount: number;
  /** [WC2] Volunteers that are kept only because they chose a job at work before they went, oldest first. */
  readonly goneChoosers: Set<string>;
  readonly jobs: Map<string, Job>;
  /** Of them those that have not ended, as far as that is durable: what has ended is passed over at each step. */
  readonly jobsAtWork: Map<string, Job>;
  /** [DP2] By submitter (turns.ts), of those with jobs at work. */
  readonly parties: Map<string, Turns>;
  /** [DP2] How much whoever was served last had been served before, at most: who begins does so level with it. */
  partiesServed: number;
  /** All that was sent and is of use still, of every kind of job. */
  readonly assignments: AssignmentTable<Assignment>;
  /** [CE8] null: there is no other coordinator, or one that places no tabs. */
  placing: Placing | null;
  /** [CE8] Sessions that are at home elsewhere. */
  readonly strays: Set<string>;
  /** [CE8] Sessions that were pointed elsewhere and hold nothing: they are told at the next step. */
  readonly going: Set<string>;
  /** [CE8] As much of the service's tabs this coordinator asks for. */
  ownShare: CellShare;
  /** [CE8] Of the service's tabs that part is here, or was waited for. */
  partWaitedFor: number;
  /** Who may work has changed: jobs that choose among all hear of it before the step ends. */
  isCrowdChanged: boolean;
  /** The latest step that looked what could be moved on, or sent, found nothing: as long as nothing changes there is nothing. */
  isSettled: boolean;
  /** The process is about to end: nothing is sent out any more. */
  isStopping: boolean;
  /** [CC7] When tabs of before the start, or [CE8] of other coordinators, have had the time to come; 0: there were none. */
  tabsBackMs: number;
  readonly timers: Map<number, TimerPurpose>;
  /** Effects on the numerics pool that have not come back, and whose each is. */
  readonly numericsPending: Map<number, string>;
  /** What is to be durable, oldest first; the first `write.count` entries are being written. */
  readonly persistQueue: { readonly purpose: PersistPurpose; readonly records: readonly CoreRecord[] }[];
  write: { readonly effectId: number; readonly count: number } | null;
  /** Volunteers of whom at least one row was recomputed. */
  auditedVolunteers: number;
  /** What was recomputed of all volunteers, kept by verified-work.ts. */
  readonly verifiedWork: VerifiedWork;
  /** [CC6] The last rows of checked jobs, and who was named in them (crowd-record.ts). */
  crowdLately: CrowdLately;
  /** Of submitters, at each bound that they asked for: accountKey (server/checks/account.ts). */
  readonly accounts: Map<string, Account>;
  /** Of these, what other coordinators have booked since this one began. */
  readonly accountsNews: Map<string, Account>;
  /** Checks that volunteers let lie: they are drawn less. */
  readonly checkLapses: CheckLapses;
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
    crowd: nobodyKept(),
    volunteers: new Map(),
    quarantinedCount: 0,
    goneChoosers: new Set(),
    jobs: new Map(),
    jobsAtWork: new Map(),
    parties: new Map(),
    partiesServed: 0,
    assignments: new AssignmentTable(),
    placing: null,
    strays: new Set(),
    going: new Set(),
    ownShare: NO_SHARE,
    partWaitedFor: 1,
    isCrowdChanged: false,
    isSettled: false,
    isStopping: false,
    tabsBackMs: 0,
    timers: new Map(),
    numericsPending: new Map(),
    persistQueue: [],
    write: null,
    auditedVolunteers: 0,
    verifiedWork: noVerifiedWork(),
    crowdLately: { window: new CrowdWindow(), rowsSinceAlarm: 0, rowsEver: 0 },
    accounts: new Map(),
    accountsNews: new Map(),
    checkLapses: new CheckLapses(),
    storeProblem: null,
    crowdResponses: [],
    crowdSeen: nothingSeen(),
  };
}

function nothingSeen(): CrowdSeen {
  const counts = { answers: 0, slow: 0, batches: 0, left: 0, silent: 0 };
  return { ratios: [], ...counts, leftMs: new Map(), absencesMs: [] };
}
