/**
 * What each tab did for each job, for the job's picture: it looks on at every step and decides nothing. Bounded by
 * TIMELINE_SPANS_PER_JOB_MAX and TIMELINE_JOBS_MAX, and gone with the process: what must last is in the store.
 */
import { TIMELINE_JOBS_MAX, TIMELINE_SPANS_PER_JOB_MAX } from "../../shared/protocol/limits.ts";
import type { JobTimeline, TimelineOutcome, TimelineSpan, TimelineTab } from "../../shared/protocol/timeline-api.ts";
import type { Share } from "../coded/core/run-job.ts";
import { isRunOutcome, isRunWork, type RunOutcomeEvent, type RunWorkEffect } from "../coded/core/run-work.ts";
import type { Effect } from "../coordinator/effects.ts";
import type { CoordinatorEvent } from "../coordinator/events.ts";
import type { CoordinatorState } from "../coordinator/state.ts";
import { type Batch, inferenceJob } from "../kinds/inference/core/job.ts";
import { inferenceOutcomeIn, inferenceWorkIn, type OutcomeOf } from "../kinds/inference/core/work.ts";
import { PACE_ROUNDS } from "../kinds/inference/remaining-time.ts";

interface Span extends TimelineSpan {
  readonly taskId: number;
  readonly volunteerId: string;
}

/** A thing that is sent, before it is a span. */
type Sent = Pick<Span, "taskId" | "work" | "roundIndex" | "generation" | "workerIndex"> & {
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

export class JobTimelines {
  readonly #state: CoordinatorState;
  readonly #jobs = new Map<string, Kept>();
  /** Of spans that something may still come for. */
  readonly #spanOf = new Map<number, Span>();
  /** Sent ahead to a tab that is at another batch: a span from when that one is answered. */
  readonly #ahead = new Map<number, Sent>();
  /** Checks of products under way, by job and effect: whose. */
  readonly #checks = new Map<string, { roundId: number; shardIndex: number; volunteerId: string }>();
  readonly #restored = new Set<string>();
  #quarantinedCount = 0;

  constructor(state: CoordinatorState) {
    this.#state = state;
  }

  /** @param effects what the event came to; the state is that after the step */
  stepped(event: CoordinatorEvent, effects: readonly Effect[]): void {
    this.#happened(event);
    for (const effect of effects) this.#asked(effect, event, effects);
    if (this.#state.quarantinedCount !== this.#quarantinedCount) this.#rejectQuarantined();
  }

  /** What is kept of a job; empty where nothing was sent out for it, or that is no longer kept. */
  timeline(jobId: string, nowMs: number): Omit<JobTimeline, "rounds"> {
    const kept = this.#jobs.get(jobId);
    const submittedMs = this.#submittedMs(jobId);
    const common = { jobId, atMs: Math.round(nowMs - submittedMs) };
    if (kept === undefined) {
      return { ...common, tabs: [], spans: [], spansDropped: 0, isWhole: !this.#restored.has(jobId) };
    }
    const spans = kept.spans.map(({ taskId: _task, volunteerId: _volunteer, ...span }) => ({
      ...span,
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
      case "outcome":
        return isRunOutcome(event) ? this.#checked(event) : this.#inferred(event);
    }
  }

  #inferred(event: CoordinatorEvent): void {
    const outcome = inferenceOutcomeIn(event);
    if (outcome?.type === "audited" && outcome.failed > 0) this.#judge(outcome.assignmentId, "rejected");
    if (outcome?.type !== "decoded") return;
    for (const { workerIndex } of outcome.outcome.rejected) this.#outvote(outcome.jobId, outcome, workerIndex);
  }

  #asked(effect: Effect, event: CoordinatorEvent, effects: readonly Effect[]): void {
    switch (effect.type) {
      case "sendAssignment": {
        const { assignmentId: taskId, jobId, roundIndex, workerIndex, sessionId } = effect;
        const { generation, share = "batch" } = effect.payload as Batch & Partial<Share>;
        const work = share === "shard" ? "share" : share;
        const sent: Sent = { taskId, work, jobId, roundIndex, generation, workerIndex, sessionId };
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
      case "work": {
        if (isRunWork(effect)) return this.#checking(effect);
        if (inferenceWorkIn(effect)?.type !== "releaseRound") return;
        const done = this.#jobs.get(effect.jobId)?.roundsDoneMs;
        done?.push(event.atMs);
        if (done !== undefined && done.length > PACE_ROUNDS) done.shift();
        return;
      }
      case "releaseJob":
        return this.#letGo(effect.jobId);
    }
  }

  #checking({ jobId, work }: RunWorkEffect): void {
    if (work.run.type !== "verify") return;
    const { effectId, roundId, shardIndex, volunteerId } = work.run;
    this.#checks.set(`${jobId} ${effectId}`, { roundId, shardIndex, volunteerId });
  }

  #begin({ jobId, sessionId, ...named }: Sent, atMs: number): void {
    const kept = this.#keptFor(jobId);
    const tab = this.#tabOf(kept, sessionId);
    const isAgain = kept.sent.has(workKey(named));
    kept.sent.add(workKey(named));
    const { volunteerId } = kept.tabs[tab]!;
    const span: Span = { ...named, tab, volunteerId, isAgain, sentMs: atMs, endedMs: null, outcome: "computing" };
    kept.spans.push(span);
    this.#spanOf.set(named.taskId, span);
    if (kept.spans.length <= TIMELINE_SPANS_PER_JOB_MAX) return;
    const dropped = kept.spans.shift()!;
    this.#spanOf.delete(dropped.taskId);
    if (!dropped.isAgain) kept.sent.delete(workKey(dropped));
    kept.spansDropped++;
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

  #outvote(jobId: string, { roundIndex, generation }: OutcomeOf<"decoded">, workerIndex: number): void {
    const key = workKey({ work: "batch", roundIndex, generation, workerIndex });
    const span = this.#jobs.get(jobId)?.spans.findLast((other) => workKey(other) === key);
    if (span !== undefined && isAnswer(span)) span.outcome = "outvoted";
  }

  #checked({ jobId, outcome }: RunOutcomeEvent): void {
    const { run } = outcome;
    if (run.type !== "verified") return;
    const key = `${jobId} ${run.effectId}`;
    const check = this.#checks.get(key);
    this.#checks.delete(key);
    if (check === undefined || run.isRight) return;
    const span = this.#jobs
      .get(jobId)
      ?.spans.findLast(
        ({ work, roundIndex, workerIndex, volunteerId }) =>
          work === "product" &&
          roundIndex === check.roundId &&
          workerIndex === check.shardIndex &&
          volunteerId === check.volunteerId,
      );
    if (span !== undefined) span.outcome = "rejected";
  }

  /** Of an audited job nothing that a quarantined volunteer gave stands, in whatever round. */
  #rejectQuarantined(): void {
    this.#quarantinedCount = this.#state.quarantinedCount;
    for (const [jobId, { spans }] of this.#jobs) {
      const job = inferenceJob(this.#state, jobId);
      if (job === undefined || job.plan.verification !== "audits" || job.stored.finishedMs !== null) continue;
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
    for (const key of this.#checks.keys()) if (key.startsWith(`${jobId} `)) this.#checks.delete(key);
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
