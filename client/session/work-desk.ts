/**
 * What lies on the volunteer's desk: assignments in the order in which they came, one under way; beside it a shard may be
 * on its way, for no round waits for a download that it has no use for. The desk knows how to carry an assignment out and
 * how to let go of one; whether to take work at all, and whether it is time to rest, is the session's business.
 */
import type { AssignmentMessage } from "../../shared/kinds/assignments.ts";
import type { JobKind } from "../../shared/kinds/kinds.ts";
import type { Result } from "../../shared/protocol/messages.ts";
import { TAB_KINDS } from "../kinds/tab-kinds.ts";
import { type AssignmentView, viewOf } from "./assignment-view.ts";
import type { AssignmentWork, TakeOn, WorkLane, Workplace } from "./assignment-work.ts";
import type { AssignmentOutcome } from "./session-status.ts";

export interface WorkDesk {
  take(assignment: AssignmentMessage): void;
  /** Nothing will be answered for this token. What is far past its deadline is ended, with its thread. */
  cancel(token: string): void;
  /** [PR113] Only the first rows of this batch are needed. */
  shorten(token: string, rowCount: number): void;
  /** Lets go of everything at once, without a word to the coordinator: there is no connection, or no wish to work. */
  clear(): void;
  /** Gives back what has not begun; what runs may finish. */
  giveBackWaiting(): void;
  /** The rest is over: what waits may begin. */
  goOn(): void;
}

export interface WorkDeskOptions extends Workplace {
  nowMs(): number;
  /** Nothing but a probe begins meanwhile. */
  isResting(): boolean;
  onBegun(assignment: AssignmentView): void;
  onEnded(assignment: AssignmentView, outcome: AssignmentOutcome, ms: number, error?: string): void;
  /** Sends a result. @returns whether the coordinator could still use it */
  answer(result: Result): Promise<"received" | "stale">;
  reportFailure(token: string, message: string): void;
  /** Says that an assignment ended here without an answer, and that the compute thread is free of it. */
  reportReturned(token: string): void;
}

/** A cancelled batch that runs on for so many deadlines, and at least so long, has hung. */
const CANCELLED_RUN_DEADLINES_MAX = 3;
const CANCELLED_RUN_MS_MIN = 10_000;

/** An assignment that lies here. */
interface Taken {
  readonly token: string;
  readonly deadlineMs: number;
  readonly view: AssignmentView;
  readonly work: AssignmentWork;
  readonly letGo: AbortController;
  /** `sent`: its result is on its way; nobody here has anything more to do with it. */
  state: "waiting" | "underWay" | "sent";
  startedMs: number;
}

export function createWorkDesk(options: WorkDeskOptions): WorkDesk {
  const takeOns = Object.fromEntries(
    Object.entries(TAB_KINDS).map(([kind, takeOnOf]) => [kind, takeOnOf(options)]),
  ) as Readonly<Record<JobKind, TakeOn<AssignmentMessage>>>;
  const desk: Taken[] = [];
  const busy = new Set<WorkLane>();

  async function workOff(lane: WorkLane): Promise<void> {
    if (busy.has(lane)) return;
    busy.add(lane);
    for (;;) {
      const next = desk.find((taken) => taken.work.lane === lane && mayBegin(taken));
      if (next === undefined) break;
      await workOn(next);
    }
    busy.delete(lane);
  }

  function mayBegin({ state, work, view }: Taken): boolean {
    return state === "waiting" && (work.lane === "fetching" || view.kind === "probe" || !options.isResting());
  }

  /** Resolves once the next one may begin, which does not wait for the acknowledgement of this one's result. */
  async function workOn(taken: Taken): Promise<void> {
    const { view, work, letGo } = taken;
    taken.state = "underWay";
    taken.startedMs = options.nowMs();
    options.onBegun(view);
    try {
      const result = await work.carryOut();
      letGo.signal.throwIfAborted();
      taken.state = "sent";
      if (result === null) notNeeded(taken);
      else void send(taken, result);
    } catch (error) {
      fail(taken, error);
    }
  }

  async function send(taken: Taken, result: Result): Promise<void> {
    try {
      const verdict = await options.answer(result);
      end(taken, verdict === "received" ? "answered" : "late");
    } catch (error) {
      fail(taken, error);
    }
  }

  /** An upload said so. The word that it is to be dropped may still be on its way here: the coordinator waits until it is free. */
  function notNeeded(taken: Taken): void {
    options.reportReturned(taken.token);
    end(taken, "late");
  }

  function fail(taken: Taken, error: unknown): void {
    const { token } = taken;
    if (taken.letGo.signal.aborted) {
      options.reportReturned(token);
      return end(taken, "cancelled");
    }
    const message = error instanceof Error ? error.message : String(error);
    options.reportFailure(token, message.slice(0, 500));
    end(taken, "failed", message);
  }

  function end(taken: Taken, outcome: AssignmentOutcome, error?: string): void {
    remove(taken);
    options.onEnded(taken.view, outcome, options.nowMs() - taken.startedMs, error);
  }

  function remove(taken: Taken): void {
    const place = desk.indexOf(taken);
    if (place >= 0) desk.splice(place, 1);
  }

  function letGo(taken: Taken): void {
    taken.letGo.abort(new Error("no longer needed"));
    if (taken.state === "waiting") remove(taken);
  }

  /** What has not begun is free at once. */
  function giveBack(taken: Taken): void {
    letGo(taken);
    options.reportReturned(taken.token);
  }

  function endIfHung({ work, startedMs, deadlineMs }: Taken): void {
    const limitMs = Math.max(CANCELLED_RUN_MS_MIN, CANCELLED_RUN_DEADLINES_MAX * deadlineMs);
    const hasHung = work.lane === "computing" && options.nowMs() - startedMs > limitMs;
    if (hasHung) options.computeThread.restart("a cancelled batch did not end");
  }

  return {
    take(assignment) {
      const letGo = new AbortController();
      // A probe is a batch of no job.
      const { kind } = assignment;
      const work = takeOns[kind === "probe" ? "inference" : kind](assignment, letGo.signal);
      const { token, deadlineMs } = assignment;
      const view = viewOf(assignment, work);
      const taken: Taken = { token, deadlineMs, view, work, letGo, state: "waiting", startedMs: 0 };
      desk.push(taken);
      void workOff(work.lane);
      if (taken.state === "waiting") work.fetchAhead?.();
    },
    cancel(token) {
      const taken = desk.find((one) => one.token === token);
      if (taken === undefined || taken.state === "sent") return;
      if (taken.state === "waiting") return giveBack(taken);
      letGo(taken);
      endIfHung(taken);
    },
    shorten(token, rowCount) {
      const taken = desk.find((one) => one.token === token);
      if (taken === undefined || taken.state === "sent") return;
      const isNotNeeded = taken.work.shorten?.(rowCount) === true;
      if (isNotNeeded && taken.state === "waiting") giveBack(taken);
    },
    clear() {
      for (const taken of [...desk]) letGo(taken);
    },
    giveBackWaiting() {
      for (const taken of desk.filter(isOwedNoMore)) giveBack(taken);
    },
    goOn() {
      void workOff("computing");
    },
  };
}

/** It has not begun, and may be given back; a probe is owed in any case. */
function isOwedNoMore({ state, view }: Taken): boolean {
  return state === "waiting" && view.kind !== "probe";
}
