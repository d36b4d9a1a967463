/**
 * What lies on the volunteer's desk: assignments in the order in which they came, one under way; beside it a shard may be
 * on its way, for no round waits for a download that it has no use for. The desk knows how to carry an assignment out and
 * how to let go of one; whether to take work at all, and whether it is time to rest, is the session's business.
 */
import type { ComputeOutcome } from "../../shared/compute/compute-thread-api.ts";
import type { Assignment, Result } from "../../shared/protocol/messages.ts";
import { createLatestVector } from "../coded/tab/latest-vector.ts";
import { carryOut, type EarlyRows, fetchEarly } from "./carry-out.ts";
import type { ComputeThreadLink } from "./compute-thread-link.ts";
import { type Piece, pieceOf } from "./piece.ts";
import type { PieceOutcome } from "./session-status.ts";

export interface WorkDesk {
  take(assignment: Assignment): void;
  /** Nothing will be answered for this token. What is far past its deadline is ended, with its thread. */
  cancel(token: string): void;
  /** Lets go of everything at once, without a word to the coordinator: there is no connection, or no wish to work. */
  clear(): void;
  /** Gives back what has not begun; what runs may finish. */
  giveBackWaiting(): void;
  /** The rest is over: what waits may begin. */
  goOn(): void;
}

export interface WorkDeskOptions {
  readonly origin: string;
  readonly computeThread: ComputeThreadLink;
  nowMs(): number;
  /** Nothing but a probe begins meanwhile. */
  isResting(): boolean;
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
  readonly piece: Piece;
  readonly lane: Lane;
  readonly letGo: AbortController;
  /** Its rows, on their way since before it could begin; null: they are fetched when it begins. */
  earlyRows: EarlyRows | null;
  /** `sent`: its result is on its way; nobody here has anything more to do with it. */
  state: "waiting" | "underWay" | "sent";
  startedMs: number;
}

type Lane = "computing" | "fetching";

export function createWorkDesk(options: WorkDeskOptions): WorkDesk {
  const entries: Entry[] = [];
  const latestVector = createLatestVector();
  const busy = new Set<Lane>();

  async function workOff(lane: Lane): Promise<void> {
    if (busy.has(lane)) return;
    busy.add(lane);
    for (;;) {
      const entry = entries.find((entry) => entry.lane === lane && mayBegin(entry));
      if (entry === undefined) break;
      await workOn(entry);
    }
    busy.delete(lane);
  }

  function mayBegin({ state, lane, piece }: Entry): boolean {
    return state === "waiting" && (lane === "fetching" || piece.kind === "probe" || !options.isResting());
  }

  /** Resolves once the next one may begin, which does not wait for the acknowledgement of this one's result. */
  async function workOn(entry: Entry): Promise<void> {
    const { assignment, piece, letGo, earlyRows } = entry;
    entry.state = "underWay";
    entry.startedMs = options.nowMs();
    options.onBegun(piece);
    try {
      const result = await carryOut(assignment, { ...options, latestVector, earlyRows, signal: letGo.signal });
      letGo.signal.throwIfAborted();
      entry.state = "sent";
      if (result === null) notNeeded(entry);
      else void send(entry, result);
    } catch (error) {
      fail(entry, error);
    }
  }

  async function send(entry: Entry, result: Result): Promise<void> {
    try {
      const verdict = await options.answer(result);
      end(entry, verdict === "received" ? "answered" : "late");
    } catch (error) {
      fail(entry, error);
    }
  }

  /** An upload said so. The word that it is to be dropped may still be on its way here: the coordinator waits until it is free. */
  function notNeeded(entry: Entry): void {
    options.reportReturned(entry.assignment.token);
    end(entry, "late");
  }

  function fail(entry: Entry, error: unknown): void {
    const { token } = entry.assignment;
    if (entry.letGo.signal.aborted) {
      options.reportReturned(token);
      return end(entry, "cancelled");
    }
    const message = error instanceof Error ? error.message : String(error);
    options.reportFailure(token, message.slice(0, 500));
    end(entry, "failed", message);
  }

  function end(entry: Entry, outcome: PieceOutcome, error?: string): void {
    remove(entry);
    options.onEnded(entry.piece, outcome, options.nowMs() - entry.startedMs, error);
  }

  function remove(entry: Entry): void {
    const place = entries.indexOf(entry);
    if (place >= 0) entries.splice(place, 1);
  }

  function letGo(entry: Entry): void {
    entry.letGo.abort(new Error("no longer needed"));
    if (entry.state === "waiting") remove(entry);
  }

  /** What has not begun is free at once. */
  function giveBack(entry: Entry): void {
    letGo(entry);
    options.reportReturned(entry.assignment.token);
  }

  function endIfHung({ lane, startedMs, assignment }: Entry): void {
    const limitMs = Math.max(CANCELLED_RUN_MS_MIN, CANCELLED_RUN_DEADLINES_MAX * assignment.deadlineMs);
    const hasHung = lane === "computing" && options.nowMs() - startedMs > limitMs;
    if (hasHung) options.computeThread.restart("a cancelled batch did not end");
  }

  return {
    take(assignment) {
      const lane = assignment.kind === "shard" ? "fetching" : "computing";
      const piece = pieceOf(assignment);
      const letGo = new AbortController();
      const entry: Entry = { assignment, piece, lane, letGo, earlyRows: null, state: "waiting", startedMs: 0 };
      entries.push(entry);
      void workOff(lane);
      if (waits(entry)) entry.earlyRows = fetchEarly(assignment, { origin: options.origin, signal: letGo.signal });
    },
    cancel(token) {
      const entry = entries.find(({ assignment }) => assignment.token === token);
      if (entry === undefined || entry.state === "sent") return;
      if (entry.state === "waiting") return giveBack(entry);
      letGo(entry);
      endIfHung(entry);
    },
    clear() {
      for (const entry of [...entries]) letGo(entry);
    },
    giveBackWaiting() {
      for (const entry of entries.filter(waits)) giveBack(entry);
    },
    goOn() {
      void workOff("computing");
    },
  };
}

/** Work that has not begun; a probe is owed in any case. */
function waits({ state, piece }: Entry): boolean {
  return state === "waiting" && piece.kind !== "probe";
}
