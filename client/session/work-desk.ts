/**
 * What lies on the volunteer's desk: assignments in the order in which they came, one under way. The desk knows how to
 * carry one out and how to let go of one; whether to take work at all is the session's business.
 */
import type { ComputeOutcome } from "../../shared/compute/compute-thread-api.ts";
import type { Assignment, Result } from "../../shared/protocol/messages.ts";
import { carryOut } from "./carry-out.ts";
import type { ComputeThreadLink } from "./compute-thread-link.ts";
import type { Piece, PieceOutcome } from "./session-status.ts";

export interface WorkDesk {
  take(assignment: Assignment): void;
  /** Nothing will be answered for this token. What is far past its deadline is ended, with its thread. */
  cancel(token: string): void;
  /** Lets go of everything at once, without a word to the coordinator: there is no connection, or no wish to work. */
  clear(): void;
  /** Gives back what has not begun; what runs may finish. */
  giveBackWaiting(): void;
}

export interface WorkDeskOptions {
  readonly origin: string;
  readonly computeThread: ComputeThreadLink;
  nowMs(): number;
  onBegun(piece: Piece): void;
  onOutcome(outcome: ComputeOutcome): void;
  onEnded(piece: Piece, outcome: PieceOutcome, ms: number, error?: string): void;
  /** Sends a result. @returns whether the coordinator could still use it */
  answer(result: Result): Promise<"received" | "stale">;
  reportFailure(token: string, message: string): void;
  /** Says that an assignment ended here without an answer, and that the compute thread is free of it. */
  reportReturned(token: string): void;
}

/** A cancelled batch that runs on for so many deadlines, and at least so long, has hung. */
const CANCELLED_RUN_DEADLINES_MAX = 3;
const CANCELLED_RUN_MS_MIN = 10_000;

interface Entry {
  readonly assignment: Assignment;
  readonly letGo: AbortController;
  startedMs: number | null;
}

export function createWorkDesk(options: WorkDeskOptions): WorkDesk {
  const entries: Entry[] = [];
  let busy = false;

  async function workOff(): Promise<void> {
    if (busy) return;
    busy = true;
    for (;;) {
      const entry = entries[0];
      if (entry === undefined) break;
      await workOn(entry);
      const place = entries.indexOf(entry);
      if (place >= 0) entries.splice(place, 1);
    }
    busy = false;
  }

  async function workOn(entry: Entry): Promise<void> {
    const { assignment, letGo } = entry;
    if (letGo.signal.aborted) return;
    const piece = pieceOf(assignment);
    const startedMs = options.nowMs();
    entry.startedMs = startedMs;
    options.onBegun(piece);
    const end = (outcome: PieceOutcome, error?: string) =>
      options.onEnded(piece, outcome, options.nowMs() - startedMs, error);
    const endCancelled = () => {
      options.reportReturned(assignment.token);
      end("cancelled");
    };
    try {
      const result = await carryOut(assignment, { ...options, signal: letGo.signal });
      if (letGo.signal.aborted) return endCancelled();
      const verdict = result === null ? "stale" : await options.answer(result);
      end(verdict === "received" ? "answered" : "late");
    } catch (error) {
      if (letGo.signal.aborted) return endCancelled();
      const message = error instanceof Error ? error.message : String(error);
      options.reportFailure(assignment.token, message.slice(0, 500));
      end("failed", message);
    }
  }

  function letGo(entry: Entry): void {
    entry.letGo.abort(new Error("no longer needed"));
  }

  /** What has not begun is free at once. */
  function giveBack(entry: Entry): void {
    letGo(entry);
    entries.splice(entries.indexOf(entry), 1);
    options.reportReturned(entry.assignment.token);
  }

  function endIfHung(entry: Entry): void {
    const { startedMs, assignment } = entry;
    if (startedMs === null) return;
    const limitMs = Math.max(CANCELLED_RUN_MS_MIN, CANCELLED_RUN_DEADLINES_MAX * assignment.deadlineMs);
    if (options.nowMs() - startedMs > limitMs) options.computeThread.restart("a cancelled batch did not end");
  }

  return {
    take(assignment) {
      entries.push({ assignment, letGo: new AbortController(), startedMs: null });
      void workOff();
    },
    cancel(token) {
      const entry = entries.find(({ assignment }) => assignment.token === token);
      if (entry === undefined) return;
      if (entry.startedMs === null) return giveBack(entry);
      letGo(entry);
      endIfHung(entry);
    },
    clear() {
      for (const entry of entries) letGo(entry);
    },
    giveBackWaiting() {
      for (const entry of entries.filter(waits)) giveBack(entry);
    },
  };
}

/** Work that has not begun; a probe is owed in any case. */
function waits({ startedMs, assignment }: Entry): boolean {
  return startedMs === null && assignment.kind !== "probe";
}

function pieceOf({ kind, jobId, jobName, submitter, roundIndex, workerIndex, rowCount }: Assignment): Piece {
  return { kind, jobId, jobName, submitter, roundIndex, workerIndex, rowCount };
}
