/**
 * What a session is doing, for whoever shows it. A pure reducer over the session's events: no words for people here
 * (client/volunteer/texts has them), no clock (times come with the events).
 */
import type { CalibrationReport, ModelChoice } from "../../shared/compute/compute-thread-api.ts";
import type { BackendName } from "../../shared/compute/model-runtime.ts";
import { TAB_CREDIT_MARKS_MAX, TAB_HELPED_JOBS_MAX, TAB_HISTORY_LENGTH_MAX } from "../../shared/protocol/limits.ts";
import type { InvitationStanding, Refused, SeatStanding, Unfit } from "../../shared/protocol/messages.ts";
import type { AssignmentView } from "./assignment-view.ts";
import type { Eased, HoldReason } from "./may-work.ts";

/** `late`: the coordinator no longer needed it. `cancelled`: it said so before we were done. */
export type AssignmentOutcome = "answered" | "late" | "cancelled" | "failed";

export interface FinishedAssignment extends AssignmentView {
  readonly outcome: AssignmentOutcome;
  readonly finishedAtMs: number;
  readonly ms: number;
}

/** What a session has answered of a job. */
export interface JobTally extends Pick<AssignmentView, "jobId" | "jobName" | "submitter"> {
  /** Rows that were computed: fetching a share of the data counts for nothing. */
  readonly rows: number;
  readonly batches: number;
  /** When the latest answer was given. */
  readonly atMs: number;
}

export type Activity =
  /** Not started yet, `stopped` at once by the volunteer, or `finished` first as the volunteer asked. */
  | { readonly kind: "off"; readonly why: "not-started" | "stopped" | "finished" }
  | { readonly kind: "calibrating" }
  | { readonly kind: "connecting" }
  | { readonly kind: "reconnecting"; readonly retryAtMs: number; readonly reason: ConnectionLoss }
  | { readonly kind: "waiting" }
  | ({ readonly kind: "computing" } & UnderWay)
  /** Between two assignments, as the volunteer's intensity wants it. */
  | { readonly kind: "resting"; readonly untilMs: number }
  /** A rule or the volunteer holds work back; what was begun is finished. */
  | { readonly kind: "held"; readonly because: HoldReason; readonly finishing: UnderWay | null }
  /** The coordinator serves another version of this client: the page reloads once. */
  | { readonly kind: "upgrade-needed"; readonly servedBuildHash: string }
  | { readonly kind: "refused"; readonly code: Refused["code"]; readonly message: string }
  | { readonly kind: "broken"; readonly problem: Breakage; readonly message: string };

export interface UnderWay {
  readonly assignment: AssignmentView;
  readonly sinceMs: number;
}

/** Why there is no connection at this moment. */
export type ConnectionLoss =
  | "unreachable"
  | "lost"
  | "offline"
  | "slept"
  | "seat-code"
  | "no-welcome"
  | Refused["code"];
/** What keeps this browser from working at all. */
export type Breakage = "insecure-context" | "no-identity" | "no-back-end" | "compute-thread";

export interface SessionStatus {
  readonly activity: Activity;
  readonly backend: BackendName | null;
  readonly candidates: CalibrationReport["candidates"];
  /** The kernels that the library says it ran for the coordinator's probe, and on which back-end. */
  readonly probed: { readonly backend: BackendName; readonly kernels: readonly string[] } | null;
  /** Of models for which there was a choice, where each is computed; the latest first. */
  readonly choices: readonly ModelChoice[];
  readonly volunteerId: string | null;
  /** What the invitation that the page came with came to; null: it came with none, or was not welcome yet. */
  readonly invitation: InvitationStanding | null;
  /** Where it sits, or what its code for a seat came to; null: neither, or it was not welcome yet. */
  readonly seat: SeatStanding | null;
  /** The name that this device's work counts for, where it is another's; null: its own. */
  readonly owner: string | null;
  /** Verified work of this volunteer over all times, as the coordinator says. */
  readonly credit: CreditTotal | null;
  /** What it was when this session was first welcome. */
  readonly creditAtFirst: CreditTotal | null;
  /** Credit as it was heard of in this session, the latest last: what the live speed is measured by. */
  readonly creditMarks: readonly CreditMark[];
  /** Of this session alone. */
  readonly counts: Readonly<Record<AssignmentOutcome, number>>;
  /** What was answered, by job: the latest first, TAB_HELPED_JOBS_MAX of them. */
  readonly byJob: readonly JobTally[];
  /** In the order in which they began: what is computed, a shard that is fetched, results that are on their way. */
  readonly underWay: readonly UnderWay[];
  /** The latest first. */
  readonly history: readonly FinishedAssignment[];
  readonly lastError: string | null;
  /** Jobs whose model this device computes wrong, as the coordinator says: the latest of each name. */
  readonly unfit: readonly Unfit[];
  /** Why no work is taken at present; null: it is. */
  readonly held: HoldReason | null;
  /** Share of the time that may be spent computing, and what became of it because the computer is under pressure. */
  readonly pace: { readonly intensity: number; readonly eased: Eased | null };
  /** Time in models and kernels, of this session alone. */
  readonly computedMs: number;
  /** Down and up, of this session alone. */
  readonly trafficBytes: number;
  /** Of them those that went up. */
  readonly upBytes: number;
}

/** So that TAB_CREDIT_MARKS_MAX of them reach back a minute. */
const CREDIT_MARK_MS_MIN = 1_000;

export interface CreditTotal {
  readonly macs: number;
  readonly assignments: number;
}
export interface CreditMark extends CreditTotal {
  readonly atMs: number;
}

export type SessionEvent =
  | { readonly type: "calibrating" }
  | { readonly type: "calibrated"; readonly report: CalibrationReport }
  | { readonly type: "probed"; readonly backend: BackendName; readonly kernels: readonly string[] }
  | { readonly type: "chose"; readonly choice: ModelChoice }
  | { readonly type: "connecting" }
  | { readonly type: "disconnected"; readonly reason: ConnectionLoss; readonly retryAtMs: number }
  | {
      readonly type: "welcomed";
      readonly volunteerId: string;
      readonly credit: CreditTotal;
      readonly invitation: InvitationStanding | null;
      readonly seat: SeatStanding | null;
      readonly owner: string | null;
      readonly atMs: number;
    }
  /** It comes with another code for a seat: what became of the one before is not said any more. */
  | { readonly type: "seatAsked" }
  | { readonly type: "credited"; readonly credit: CreditTotal; readonly atMs: number }
  | { readonly type: "unfit"; readonly unfit: Unfit }
  | { readonly type: "assignmentBegun"; readonly assignment: AssignmentView; readonly atMs: number }
  | {
      readonly type: "assignmentEnded";
      readonly assignment: AssignmentView;
      readonly outcome: AssignmentOutcome;
      readonly atMs: number;
      readonly ms: number;
      readonly error?: string;
    }
  | { readonly type: "computed"; readonly ms: number }
  | { readonly type: "moved"; readonly bytes: number; readonly upBytes: number }
  | { readonly type: "heldBack"; readonly because: HoldReason | null }
  | { readonly type: "paced"; readonly intensity: number; readonly eased: Eased | null }
  | { readonly type: "restBegun"; readonly untilMs: number }
  | { readonly type: "restEnded" }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "upgradeNeeded"; readonly servedBuildHash: string }
  | { readonly type: "refused"; readonly code: Refused["code"]; readonly message: string }
  | { readonly type: "broke"; readonly problem: Breakage; readonly message: string }
  | { readonly type: "stopped"; readonly why: "stopped" | "finished" };

export const NOT_STARTED: SessionStatus = {
  activity: { kind: "off", why: "not-started" },
  backend: null,
  candidates: [],
  probed: null,
  choices: [],
  volunteerId: null,
  invitation: null,
  seat: null,
  owner: null,
  credit: null,
  creditAtFirst: null,
  creditMarks: [],
  counts: { answered: 0, late: 0, cancelled: 0, failed: 0 },
  byJob: [],
  underWay: [],
  history: [],
  lastError: null,
  unfit: [],
  held: null,
  pace: { intensity: 1, eased: null },
  computedMs: 0,
  trafficBytes: 0,
  upBytes: 0,
};

/** Whether nothing follows any more unless the volunteer starts anew. */
export function hasEnded({ kind }: Activity): boolean {
  return kind === "off" || kind === "upgrade-needed" || kind === "refused" || kind === "broken";
}

export function reduceStatus(status: SessionStatus, event: SessionEvent): SessionStatus {
  if (hasEnded(status.activity) && event.type !== "calibrating") {
    // What was under way when the session ended may still report; it no longer changes what the page says.
    return event.type === "broke" ? { ...status, activity: brokenBy(event), lastError: event.message } : status;
  }
  switch (event.type) {
    case "calibrating":
      return { ...status, activity: { kind: "calibrating" } };
    case "calibrated":
      return { ...status, backend: event.report.backend, candidates: event.report.candidates };
    case "probed":
      return { ...status, probed: { backend: event.backend, kernels: event.kernels } };
    case "connecting":
      return { ...status, activity: { kind: "connecting" } };
    case "disconnected":
      return { ...status, activity: { kind: "reconnecting", retryAtMs: event.retryAtMs, reason: event.reason } };
    case "welcomed":
      return {
        ...credited(status, event),
        volunteerId: event.volunteerId,
        invitation: event.invitation,
        seat: event.seat,
        owner: event.owner,
        activity: idle(status.held),
      };
    case "seatAsked":
      return { ...status, seat: null };
    case "credited":
      return credited(status, event);
    case "chose":
      return { ...status, choices: choicesWith(status.choices, event.choice) };
    case "unfit":
      return { ...status, unfit: unfitWith(status.unfit, event.unfit) };
    case "assignmentBegun":
      return assignmentBegun(status, { assignment: event.assignment, sinceMs: event.atMs });
    case "assignmentEnded":
      return assignmentEnded(status, event);
    case "computed":
      return { ...status, computedMs: status.computedMs + event.ms };
    case "moved":
      return { ...status, trafficBytes: status.trafficBytes + event.bytes, upBytes: status.upBytes + event.upBytes };
    case "heldBack":
      return heldBack(status, event.because);
    case "paced":
      return { ...status, pace: { intensity: event.intensity, eased: event.eased } };
    case "restBegun":
      return status.activity.kind === "waiting"
        ? { ...status, activity: { kind: "resting", untilMs: event.untilMs } }
        : status;
    case "restEnded":
      return status.activity.kind === "resting" ? { ...status, activity: { kind: "waiting" } } : status;
    case "failed":
      return { ...status, lastError: event.message };
    case "upgradeNeeded":
      return { ...status, activity: { kind: "upgrade-needed", servedBuildHash: event.servedBuildHash } };
    case "refused":
      return { ...status, activity: { kind: "refused", code: event.code, message: event.message } };
    case "broke":
      return { ...status, activity: brokenBy(event), lastError: event.message };
    case "stopped":
      return { ...status, activity: { kind: "off", why: event.why }, underWay: [], held: null };
    default:
      return event satisfies never;
  }
}

/** What is said of many jobs is not all shown. */
const UNFIT_SHOWN_MAX = 5;

const CHOICES_SHOWN_MAX = 3;

function choicesWith(known: readonly ModelChoice[], choice: ModelChoice): readonly ModelChoice[] {
  const others = known.filter(({ modelSha256 }) => modelSha256 !== choice.modelSha256);
  return [choice, ...others].slice(0, CHOICES_SHOWN_MAX);
}

function unfitWith(known: readonly Unfit[], unfit: Unfit): readonly Unfit[] {
  return [unfit, ...known.filter(({ jobName }) => jobName !== unfit.jobName)].slice(0, UNFIT_SHOWN_MAX);
}

function idle(held: HoldReason | null): Activity {
  return held !== null ? { kind: "held", because: held, finishing: null } : { kind: "waiting" };
}

function atWork({ assignment, sinceMs }: UnderWay, held: HoldReason | null): Activity {
  if (held === null) return { kind: "computing", assignment, sinceMs };
  return { kind: "held", because: held, finishing: { assignment, sinceMs } };
}

/** What began last is what the tab is said to be doing. */
function atWorkOrIdle(underWay: readonly UnderWay[], held: HoldReason | null): Activity {
  const latest = underWay.at(-1);
  return latest === undefined ? idle(held) : atWork(latest, held);
}

function assignmentBegun(status: SessionStatus, begun: UnderWay): SessionStatus {
  const underWay = [...status.underWay, begun];
  return { ...status, underWay, activity: atWorkOrIdle(underWay, status.held) };
}

function brokenBy({ problem, message }: { problem: Breakage; message: string }): Activity {
  return { kind: "broken", problem, message };
}

function credited(status: SessionStatus, { credit, atMs }: { credit: CreditTotal; atMs: number }): SessionStatus {
  const { creditMarks } = status;
  // Small batches bring credit many times a second: a mark that follows too soon takes the latest one's place.
  const before = creditMarks.at(-2);
  const isSoon = before !== undefined && atMs - before.atMs < CREDIT_MARK_MS_MIN;
  const kept = isSoon ? creditMarks.slice(0, -1) : creditMarks;
  return {
    ...status,
    credit,
    creditAtFirst: status.creditAtFirst ?? credit,
    creditMarks: [...kept, { ...credit, atMs }].slice(-TAB_CREDIT_MARKS_MAX),
  };
}

function assignmentEnded(
  status: SessionStatus,
  event: Extract<SessionEvent, { type: "assignmentEnded" }>,
): SessionStatus {
  const { assignment, outcome, atMs, ms, error } = event;
  const working = status.activity.kind === "computing" || status.activity.kind === "held";
  const underWay = status.underWay.filter((begun) => begun.assignment !== assignment);
  return {
    ...status,
    activity: working ? atWorkOrIdle(underWay, status.held) : status.activity,
    underWay,
    // The entrance test is nobody's batch.
    counts: assignment.kind === "probe" ? status.counts : { ...status.counts, [outcome]: status.counts[outcome] + 1 },
    byJob: outcome === "answered" ? tallied(status.byJob, assignment, atMs) : status.byJob,
    history: [{ ...assignment, outcome, finishedAtMs: atMs, ms }, ...status.history].slice(0, TAB_HISTORY_LENGTH_MAX),
    lastError: error ?? status.lastError,
  };
}

function tallied(byJob: readonly JobTally[], assignment: AssignmentView, atMs: number): readonly JobTally[] {
  const { kind, work, jobId, jobName, submitter, rowCount } = assignment;
  if (kind === "probe") return byJob;
  const { rows, batches } = byJob.find((tally) => tally.jobId === jobId) ?? { rows: 0, batches: 0 };
  const done = work === "shard" ? { rows, batches } : { rows: rows + rowCount, batches: batches + 1 };
  const others = byJob.filter((tally) => tally.jobId !== jobId);
  return [{ jobId, jobName, submitter, ...done, atMs }, ...others].slice(0, TAB_HELPED_JOBS_MAX);
}

function heldBack(status: SessionStatus, because: HoldReason | null): SessionStatus {
  const { activity } = status;
  const held = { ...status, held: because };
  const underWay = activity.kind === "computing" ? activity : activity.kind === "held" ? activity.finishing : null;
  if (underWay !== null) return { ...held, activity: atWork(underWay, because) };
  const connected = activity.kind === "waiting" || activity.kind === "resting" || activity.kind === "held";
  return connected ? { ...held, activity: idle(because) } : held;
}
