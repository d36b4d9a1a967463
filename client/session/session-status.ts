/**
 * What a session is doing, for whoever shows it. A pure reducer over the session's events: no words for people here
 * (client/ui/texts.ts has them), no clock (times come with the events).
 */
import type { CalibrationReport } from "../../shared/compute/compute-thread-api.ts";
import type { BackendName } from "../../shared/compute/model-runtime.ts";
import { TAB_HISTORY_LENGTH_MAX } from "../../shared/protocol/limits.ts";
import type { Assignment, Refused } from "../../shared/protocol/messages.ts";

/** One assignment, as far as a volunteer may want to know it. */
export interface Piece {
  readonly kind: Assignment["kind"];
  readonly jobId: string;
  readonly jobName: string;
  readonly submitter: string;
  readonly roundIndex: number;
  readonly workerIndex: number;
  readonly rowCount: number;
}

/** `late`: the coordinator no longer needed it. `cancelled`: it said so before we were done. */
export type PieceOutcome = "answered" | "late" | "cancelled" | "failed";

export interface FinishedPiece extends Piece {
  readonly outcome: PieceOutcome;
  readonly finishedAtMs: number;
  readonly ms: number;
}

export type Activity =
  /** `stopped` by the volunteer, or not started yet. */
  | { readonly kind: "off"; readonly why: "not-started" | "stopped" }
  | { readonly kind: "calibrating" }
  | { readonly kind: "connecting" }
  | { readonly kind: "reconnecting"; readonly retryAtMs: number; readonly reason: ConnectionLoss }
  | { readonly kind: "waiting" }
  | { readonly kind: "computing"; readonly piece: Piece; readonly sinceMs: number }
  | { readonly kind: "paused"; readonly finishing: Piece | null }
  /** The coordinator serves another version of this client: the page reloads once. */
  | { readonly kind: "upgrade-needed"; readonly servedBuildHash: string }
  | { readonly kind: "refused"; readonly code: Refused["code"]; readonly message: string }
  | { readonly kind: "broken"; readonly problem: Breakage; readonly message: string };

/** Why there is no connection at this moment. */
export type ConnectionLoss = "unreachable" | "lost" | "no-welcome" | Refused["code"];
/** What keeps this browser from working at all. */
export type Breakage = "insecure-context" | "no-identity" | "no-back-end" | "compute-thread";

export interface SessionStatus {
  readonly activity: Activity;
  readonly backend: BackendName | null;
  readonly candidates: CalibrationReport["candidates"];
  /** The kernels that the library says it ran for the coordinator's probe, and on which back-end. */
  readonly probed: { readonly backend: BackendName; readonly kernels: readonly string[] } | null;
  readonly volunteerId: string | null;
  /** Verified work of this volunteer over all times, as the coordinator says. */
  readonly credit: { readonly macs: number; readonly assignments: number } | null;
  /** Of this session alone. */
  readonly counts: Readonly<Record<PieceOutcome, number>>;
  /** The latest first. */
  readonly history: readonly FinishedPiece[];
  readonly lastError: string | null;
  readonly paused: boolean;
}

export type SessionEvent =
  | { readonly type: "calibrating" }
  | { readonly type: "calibrated"; readonly report: CalibrationReport }
  | { readonly type: "probed"; readonly backend: BackendName; readonly kernels: readonly string[] }
  | { readonly type: "connecting" }
  | { readonly type: "disconnected"; readonly reason: ConnectionLoss; readonly retryAtMs: number }
  | { readonly type: "welcomed"; readonly volunteerId: string; readonly credit: { macs: number; assignments: number } }
  | { readonly type: "credited"; readonly credit: { macs: number; assignments: number } }
  | { readonly type: "pieceBegun"; readonly piece: Piece; readonly atMs: number }
  | {
      readonly type: "pieceEnded";
      readonly piece: Piece;
      readonly outcome: PieceOutcome;
      readonly atMs: number;
      readonly ms: number;
      readonly error?: string;
    }
  | { readonly type: "pauseSet"; readonly paused: boolean }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "upgradeNeeded"; readonly servedBuildHash: string }
  | { readonly type: "refused"; readonly code: Refused["code"]; readonly message: string }
  | { readonly type: "broke"; readonly problem: Breakage; readonly message: string }
  | { readonly type: "stopped" };

export const NOT_STARTED: SessionStatus = {
  activity: { kind: "off", why: "not-started" },
  backend: null,
  candidates: [],
  probed: null,
  volunteerId: null,
  credit: null,
  counts: { answered: 0, late: 0, cancelled: 0, failed: 0 },
  history: [],
  lastError: null,
  paused: false,
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
      return { ...status, volunteerId: event.volunteerId, credit: event.credit, activity: idle(status.paused) };
    case "credited":
      return { ...status, credit: event.credit };
    case "pieceBegun":
      return status.paused
        ? { ...status, activity: { kind: "paused", finishing: event.piece } }
        : { ...status, activity: { kind: "computing", piece: event.piece, sinceMs: event.atMs } };
    case "pieceEnded":
      return pieceEnded(status, event);
    case "pauseSet":
      return pauseSet(status, event.paused);
    case "failed":
      return { ...status, lastError: event.message };
    case "upgradeNeeded":
      return { ...status, activity: { kind: "upgrade-needed", servedBuildHash: event.servedBuildHash } };
    case "refused":
      return { ...status, activity: { kind: "refused", code: event.code, message: event.message } };
    case "broke":
      return { ...status, activity: brokenBy(event), lastError: event.message };
    case "stopped":
      return { ...status, activity: { kind: "off", why: "stopped" }, paused: false };
    default:
      return event satisfies never;
  }
}

function idle(paused: boolean): Activity {
  return paused ? { kind: "paused", finishing: null } : { kind: "waiting" };
}

function brokenBy({ problem, message }: { problem: Breakage; message: string }): Activity {
  return { kind: "broken", problem, message };
}

function pieceEnded(status: SessionStatus, event: Extract<SessionEvent, { type: "pieceEnded" }>): SessionStatus {
  const { piece, outcome, atMs, ms, error } = event;
  const working = status.activity.kind === "computing" || status.activity.kind === "paused";
  return {
    ...status,
    activity: working ? idle(status.paused) : status.activity,
    counts: { ...status.counts, [outcome]: status.counts[outcome] + 1 },
    history: [{ ...piece, outcome, finishedAtMs: atMs, ms }, ...status.history].slice(0, TAB_HISTORY_LENGTH_MAX),
    lastError: error ?? status.lastError,
  };
}

function pauseSet(status: SessionStatus, paused: boolean): SessionStatus {
  const { activity } = status;
  if (paused && activity.kind === "computing") {
    return { ...status, paused, activity: { kind: "paused", finishing: activity.piece } };
  }
  const connected = activity.kind === "waiting" || activity.kind === "paused";
  return { ...status, paused, activity: connected ? idle(paused) : activity };
}
