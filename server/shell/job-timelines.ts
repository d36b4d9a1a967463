/**
 * What each tab did for each job, for the job's picture: it looks on at every step and decides nothing. Bounded by
 * TIMELINE_SPANS_PER_JOB_MAX and TIMELINE_JOBS_MAX, and gone with the process: what must last is in the store.
 */
import { TIMELINE_JOBS_MAX, TIMELINE_SPANS_PER_JOB_MAX } from "../../shared/protocol/limits.ts";
import type { JobTimeline, TimelineOutcome, TimelineSpan, TimelineTab } from "../../shared/protocol/timeline-api.ts";
import { must } from "../coordinator/assert.ts";
import type { Effect } from "../coordinator/effects.ts";
import type { CoordinatorEvent } from "../coordinator/events.ts";
import type { CoordinatorState } from "../coordinator/state.ts";
import type { KindTeller, ToldFields } from "./kind-teller.ts";
import type { StepRecord, StepSink, Told } from "./step-stream.ts";

/** Rounds that a job's rate looks back on: enough to even out rounds in flight together, few enough to notice a crowd that shrinks. */
export const PACE_ROUNDS = 12;

interface Span extends TimelineSpan {
  readonly taskId: number;
  readonly volunteerId: string;
  readonly isOfRound: boolean;
  readonly roundIndex: number;
}

/** A thing that is sent, before it is a span. */
type Sent = Pick<Span, "taskId" | "work" | "isOfRound" | "roundIndex" | "generation" | "workerIndex"> & {
  readonly jobId: string;
  readonly sessionId: string;
};

interface Kept {
  readonly tabs: TimelineTab[];
  readonly tabOf: Map<string, number>;
  readonly spans: Span[];
  /** What was sent to somebody, of the spans that are kept. */
  readonly sent: Set<string>;
  spansDropped: number;
  readonly isWhole: boolean;
  /** When its latest rounds were done, oldest first; at most PACE_ROUNDS. */
  readonly roundsDoneMs: number[];
}

type EventOf<T extends CoordinatorEvent["type"]> = Extract<CoordinatorEvent, { type: T }>;

export class JobTimelines implements StepSink {
  readonly #state: CoordinatorState;
  readonly #tellers: ReadonlyMap<string, KindTeller>;
  readonly #jobs = new Map<string, Kept>();
  /** Of spans that something may still come for. */
  readonly #spanOf = new Map<number, Span>();
  /** Sent ahead to a tab that is at another batch: a span from when that one is answered. */
  readonly #ahead = new Map<number, Sent>();
  readonly #restored = new Set<string>();
  #quarantinedCount = 0;

  constructor(state: CoordinatorState, tellers: ReadonlyMap<string, KindTeller>) {
    this.#state = state;
    this.#tellers = tellers;
  }

  stepped({ event, effects, told }: StepRecord): void {
    this.#happened(event);
    for (const one of told) if (one.type === "happened") this.#hear(one, event.atMs);
    for (const effect of effects) this.#asked(effect, event, effects);
    if (this.#state.quarantinedCount !== this.#quarantinedCount) this.#rejectQuarantined(event.atMs);
  }

  /** What is kept of a job; empty where nothing was sent out for it, or that is no longer kept. */
  timeline(jobId: string, nowMs: number): Omit<JobTimeline, "rounds"> {
    const kept = this.#jobs.get(jobId);
    const submittedMs = this.#submittedMs(jobId);
    const common = { jobId, atMs: Math.round(nowMs - submittedMs) };
    if (kept === undefined) {
      return { ...common, tabs: [], spans: [], spansDropped: 0, isWhole: !this.#restored.has(jobId) };
    }
    const spans = kept.spans.map(({ taskId: _task, volunteerId: _volunteer, isOfRound, ...span }) => ({
      ...span,
      roundIndex: isOfRound ? span.roundIndex : null,
      sentMs: span.sentMs - submittedMs,
      endedMs: span.endedMs === null ? null : span.endedMs - submittedMs,
    }));
    return { ...common, tabs: [...kept.tabs], spans, spansDropped: kept.spansDropped, isWhole: kept.isWhole };
  }

  /** When its latest rounds were done, in this run, oldest first. */
  roundsDoneMs(jobId: string): readonly number[] {
    return this.#jobs.get(jobId)?.roundsDoneMs ?? [];
  }

  /** Rounds in which somebody's answer was thrown out. */
  roundsWithRejected(jobId: string): ReadonlySet<number> {
    const spans = this.#jobs.get(jobId)?.spans ?? [];
    return new Set(spans.filter(({ outcome }) => outcome === "rejected").map(({ roundIndex }) => roundIndex));
  }

  #submittedMs(jobId: string): number {
    return this.#state.jobs.get(jobId)?.stored.submittedMs ?? 0;
  }

  #happened(event: CoordinatorEvent): void {
    switch (event.type) {
      case "restored":
        for (const { job } of event.jobs) this.#restored.add(job.jobId);
        this.#quarantinedCount = this.#state.quarantinedCount;
        return;
      case "resultArrived":
        return this.#answered(event);
      case "resultMalformed":
      case "assignmentFailed":
        return this.#end(event.assignmentId, event.atMs, "failed");
      case "assignmentReturned":
        return this.#end(event.assignmentId, event.atMs, "unneeded");
    }
  }

  #hear({ jobId, what, fields }: Extract<Told, { type: "happened" }>, atMs: number): void {
    switch (what) {
      case "audit failed":
        return fields.assignmentId === undefined ? undefined : this.#judge(fields.assignmentId, "rejected");
      case "answered in part":
        return fields.assignmentId === undefined ? undefined : this.#end(fields.assignmentId, atMs, "answered");
      case "check failed":
      case "outvoted": {
        const span = this.#latestAt(jobId, fields);
        if (span === undefined) return;
        if (what === "check failed") span.outcome = "rejected";
        else if (isAnswer(span)) span.outcome = "outvoted";
        return;
      }
      case "round done": {
        const done = this.#jobs.get(jobId)?.roundsDoneMs;
        done?.push(atMs);
        if (done !== undefined && done.length > PACE_ROUNDS) done.shift();
      }
    }
  }

  #asked(effect: Effect, event: CoordinatorEvent, effects: readonly Effect[]): void {
    switch (effect.type) {
      case "sendAssignment": {
        const { assignmentId: taskId, jobId, roundIndex, workerIndex, sessionId } = effect;
        const { generation, work, isOfRound } = must(this.#tellers.get(effect.kind), "a kind says what it sends").sent(
          effect.payload,
        );
        const sent: Sent = { taskId, work, isOfRound, jobId, roundIndex, generation, workerIndex, sessionId };
        if (effect.isAhead) this.#ahead.set(taskId, sent);
        else this.#begin(sent, event.atMs);
        return;
      }
      case "voidAssignment": {
        // Nobody was at it.
        if (this.#ahead.delete(effect.assignmentId)) return;
        const isGone = event.type === "sessionClosed" || effects.some((other) => isClosing(other, effect.sessionId));
        return this.#end(effect.assignmentId, event.atMs, isGone ? "gone" : "unneeded");
      }
      case "releaseJob":
        return this.#letGo(effect.jobId);
    }
  }

  #begin({ jobId, sessionId, ...named }: Sent, atMs: number): void {
    const kept = this.#keptFor(jobId);
    const tab = this.#tabOf(kept, sessionId);
    const isAgain = kept.sent.has(workKey(named));
    kept.sent.add(workKey(named));
    const { volunteerId } = kept.tabs[tab]!;
    const span: Span = { tab, volunteerId, isAgain, sentMs: atMs, endedMs: null, outcome: "computing", ...named };
    kept.spans.push(span);
    this.#spanOf.set(named.taskId, span);
    if (kept.spans.length <= TIMELINE_SPANS_PER_JOB_MAX) return;
    const dropped = kept.spans.shift()!;
    this.#spanOf.delete(dropped.taskId);
    if (!dropped.isAgain) kept.sent.delete(workKey(dropped));
    kept.spansDropped++;
  }

  /** The job is deleted. */
  forget(jobId: string): void {
    if (!this.#jobs.has(jobId)) return;
    this.#letGo(jobId);
    this.#jobs.delete(jobId);
  }

  #keptFor(jobId: string): Kept {
    let kept = this.#jobs.get(jobId);
    if (kept !== undefined) return kept;
    kept = {
      tabs: [],
      tabOf: new Map(),
      spans: [],
      sent: new Set(),
      spansDropped: 0,
      isWhole: !this.#restored.has(jobId),
      roundsDoneMs: [],
    };
    this.#jobs.set(jobId, kept);
    if (this.#jobs.size > TIMELINE_JOBS_MAX) {
      const oldest = this.#jobs.keys().next().value!;
      this.#letGo(oldest);
      this.#jobs.delete(oldest);
    }
    return kept;
  }

  #tabOf({ tabs, tabOf }: Kept, sessionId: string): number {
    const known = tabOf.get(sessionId);
    if (known !== undefined) return known;
    const { volunteerId = "", nickname = "", backend = "" } = this.#state.sessions.get(sessionId) ?? {};
    tabOf.set(sessionId, tabs.length);
    return tabs.push({ sessionId, volunteerId, nickname, backend }) - 1;
  }

  /** The core has just noted, beside the session, whether the answer was late. */
  #answered({ sessionId, assignmentId, atMs }: EventOf<"resultArrived">): void {
    for (const begun of [assignmentId, ...(this.#state.sessions.get(sessionId)?.holds ?? [])]) {
      const sent = this.#ahead.get(begun);
      if (sent?.sessionId !== sessionId || !this.#ahead.delete(begun)) continue;
      this.#begin(sent, atMs);
    }
    const span = this.#spanOf.get(assignmentId);
    if (span === undefined) return;
    const noted = this.#state.sessions
      .get(sessionId)
      ?.recent.findLast(
        ({ roundIndex, workerIndex }) => roundIndex === span.roundIndex && workerIndex === span.workerIndex,
      );
    span.endedMs = atMs;
    // What has been called off and comes nevertheless was not waited for.
    span.outcome = noted?.outcome === "late" || span.outcome === "unneeded" ? "late" : "answered";
  }

  #end(taskId: number, atMs: number, outcome: TimelineOutcome): void {
    const span = this.#spanOf.get(taskId);
    if (span === undefined || span.endedMs !== null) return;
    span.endedMs = atMs;
    span.outcome = outcome;
  }

  #judge(taskId: number, outcome: TimelineOutcome): void {
    const span = this.#spanOf.get(taskId);
    if (span !== undefined) span.outcome = outcome;
  }

  /** What was last sent to that place of a round. */
  #latestAt(jobId: string, place: ToldFields): Span | undefined {
    const { roundIndex, workerIndex } = place;
    const spans = this.#jobs.get(jobId)?.spans ?? [];
    return spans.findLast(
      (span) =>
        span.isOfRound &&
        span.roundIndex === roundIndex &&
        span.workerIndex === workerIndex &&
        (place.generation ?? span.generation) === span.generation &&
        (place.volunteerId ?? span.volunteerId) === span.volunteerId,
    );
  }

  /** Of an audited job nothing that a quarantined volunteer gave stands, in whatever round; of one that had ended before, all does. */
  #rejectQuarantined(atMs: number): void {
    this.#quarantinedCount = this.#state.quarantinedCount;
    for (const [jobId, { spans }] of this.#jobs) {
      const job = this.#state.jobs.get(jobId);
      if (job === undefined || this.#tellers.get(job.kind)?.losesAllOfLiars?.(job) !== true) continue;
      const { finishedMs } = job.stored;
      // A small job may wait for nothing but the verdict, and end with it.
      if (finishedMs !== null && finishedMs < Math.round(atMs)) continue;
      for (const span of spans) {
        if (isAnswer(span) && this.#state.volunteers.get(span.volunteerId)?.quarantine != null)
          span.outcome = "rejected";
      }
    }
  }

  /** Nothing comes for it any more. */
  #letGo(jobId: string): void {
    for (const { taskId } of this.#jobs.get(jobId)?.spans ?? []) this.#spanOf.delete(taskId);
    for (const [taskId, sent] of this.#ahead) if (sent.jobId === jobId) this.#ahead.delete(taskId);
  }
}

/** The same for attempts at the same thing. */
function workKey(of: Pick<Span, "work" | "roundIndex" | "generation" | "workerIndex">): string {
  return `${of.work} ${of.roundIndex} ${of.generation} ${of.workerIndex}`;
}

function isAnswer({ outcome }: Span): boolean {
  return outcome === "answered" || outcome === "late" || outcome === "outvoted";
}

function isClosing(effect: Effect, sessionId: string): boolean {
  return effect.type === "closeSession" && effect.sessionId === sessionId && effect.code === "unresponsive";
}
