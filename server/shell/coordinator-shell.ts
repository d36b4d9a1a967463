/**
 * Carries out what the coordinator decides: the queue of events, what is made durable, timers, tabs, and the desks of the kinds
 * of job, which know the rest.
 */
import { unreachable } from "../../shared/control/unreachable.ts";
import type { EstimateRequest, JobEstimate, JobView, Receipt, Submission } from "../../shared/kinds/kinds.ts";
import type { SessionView, StatusView, VolunteerView } from "../../shared/protocol/crowd-api.ts";
import type { JobSubmitted } from "../../shared/protocol/job-api.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/limits.ts";
import type { Failed, Result, ResultAck, Returned } from "../../shared/protocol/messages.ts";
import type { JobTimeline } from "../../shared/protocol/timeline-api.ts";
import { must } from "../coordinator/assert.ts";
import type { CoreRecord, Effect } from "../coordinator/effects.ts";
import type { CoordinatorEvent, Happening, RestoredJob } from "../coordinator/events.ts";
import { JOBS_ENDED_KEPT_MAX } from "../coordinator/jobs.ts";
import {
  type Assignment,
  type CoordinatorSettings,
  type CoordinatorState,
  initialState,
} from "../coordinator/state.ts";
import { CORE_KINDS, step } from "../kinds/core-kinds.ts";
import { type DeskOptions, type Desks, openDesks } from "../kinds/kinds.ts";
import { openTellers } from "../kinds/tellers.ts";
import { messageOf } from "../store/attempt.ts";
import type { JobRecord, StoreRecord } from "../store/store.ts";
import type { ApiProblem, CoordinatorPort, OpenedSession, TabLink } from "../web/coordinator-port.ts";
import { sessionViews, statusView, volunteerView, volunteerViews } from "./crowd-views.ts";
import { DurableRecords } from "./durable-records.ts";
import { JobTimelines } from "./job-timelines.ts";
import type { KindDesk, TabBlob } from "./kind-desk.ts";
import { Releases } from "./releases.ts";
import { type StepSink, StepStream } from "./step-stream.ts";
import { SubmissionQueue } from "./submission-queue.ts";
import { TabDesk } from "./tab-desk.ts";

const DRAIN_LOOK_MS = 20;

export interface ShellOptions extends DeskOptions {
  readonly buildHash: string;
  readonly faultsAllowed: boolean;
  readonly operatedBy?: string | null;
  readonly settings?: CoordinatorSettings;
  /** Who keeps a record of what is decided, beside the pictures that the pages show. */
  readonly sinks?: readonly StepSink[];
}

export class CoordinatorShell implements CoordinatorPort {
  readonly state: CoordinatorState;
  readonly desks: Desks;
  readonly #options: ShellOptions;
  readonly #queue: CoordinatorEvent[] = [];
  #isDraining = false;
  #isClosed = false;
  readonly #tabs: TabDesk;
  readonly #timers = new Map<number, () => void>();
  readonly #durableRecords = new DurableRecords();
  readonly #timelines: JobTimelines;
  readonly #stream: StepStream;
  readonly #submissions = new SubmissionQueue();
  readonly #releases = new Releases();

  constructor(options: ShellOptions) {
    this.#options = options;
    this.state = initialState(options.settings);
    const happen = (happening: Happening) => this.#happen(happening);
    const tellers = openTellers();
    this.#timelines = new JobTimelines(this.state, tellers);
    this.#stream = new StepStream(this.state, tellers, [this.#timelines, ...(options.sinks ?? [])]);
    this.#tabs = new TabDesk(options, { state: this.state, happen, desk: (kind) => this.#deskOf(kind) });
    this.desks = openDesks(options, {
      state: this.state,
      submissions: this.#submissions,
      timelines: this.#timelines,
      durableRecords: this.#durableRecords,
      happen,
      heldBytes: () => this.#desks().reduce((bytes, desk) => bytes + desk.heldBytes(), 0),
    });
  }

  #desks(): readonly KindDesk[] {
    return Object.values(this.desks);
  }

  #deskOf(kind: string): KindDesk {
    const desks: Readonly<Record<string, KindDesk>> = { ...this.desks };
    return must(desks[kind], `JB5: expected a kind of job that there is, got ${kind}`);
  }

  /** Reads what is durable and goes on with it. Call it once, before any tab or submitter is let in. */
  async restore(): Promise<void> {
    const { store } = this.#options;
    const restored = new Map<KindDesk, RestoredJob[]>();
    const jobs: RestoredJob[] = [];
    // In the order in which they were submitted, as they were before.
    for (const record of newestJobs(await store.jobs())) {
      const desk = this.#deskOf(record.kind);
      const job = await desk.restored(record);
      if (job === null) continue;
      jobs.push(job);
      restored.set(desk, [...(restored.get(desk) ?? []), job]);
    }
    const volunteers = await store.volunteers();
    for (const volunteer of volunteers) this.#durableRecords.note(volunteer);
    this.#happen({ type: "restored", jobs, volunteers });
    for (const [desk, own] of restored) await desk.afterRestore?.(own);
  }

  /**
   * Sends nothing new out, and resolves when what tabs have in hand has come in, was checked and is durable; or at untilMs:
   * what is missing then begins anew after the next start.
   * @returns whether everything came in
   */
  async drain(untilMs: number): Promise<boolean> {
    const { clock } = this.#options;
    this.#happen({ type: "stopping" });
    while (!this.#isQuiet() && clock.nowMs() < untilMs) {
      await new Promise<void>((resolve) => clock.at(Math.min(untilMs, clock.nowMs() + DRAIN_LOOK_MS), resolve));
    }
    return this.#isQuiet();
  }

  #isQuiet(): boolean {
    const { assignments, numericsPending, persistQueue } = this.state;
    // What is done beside others is begun anew in any case.
    const isAwaited = ({ state, queueing }: Assignment) =>
      queueing === "alone" && state !== "accepted" && state !== "dropped";
    const isUnanswered = [...assignments.values()].some(isAwaited);
    return !isUnanswered && numericsPending.size === 0 && persistQueue.length === 0;
  }

  /** Nothing is applied any more: what is durable is what the next start goes on with. */
  close(): void {
    this.#isClosed = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#submissions.refuseAll("the coordinator is shutting down");
    for (const desk of this.#desks()) desk.close();
    this.#releases.refuseAll(
      "the coordinator is shutting down; look whether the volunteer is released after its start",
    );
    this.#tabs.refuseAll("The coordinator restarts. This tab comes back by itself.");
  }

  // --- events -----------------------------------------------------------------------------------------------------

  #happen(happening: Happening): void {
    if (this.#isClosed) return;
    this.#queue.push({ ...happening, atMs: this.#options.clock.nowMs() } as CoordinatorEvent);
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) {
        this.#stream.begins(event);
        const effects = step(this.state, event);
        this.#stream.stepped(event, effects);
        for (const effect of effects) this.#carryOut(effect);
        for (const desk of this.#desks()) desk.stepped?.(event, effects);
      }
    } finally {
      this.#isDraining = false;
    }
  }

  // --- effects ----------------------------------------------------------------------------------------------------

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case "persist":
        return void this.#persist(effect.effectId, effect.records);
      case "answerSubmission":
        return this.#submissions.answer(effect.jobId, effect.problem);
      case "answerRelease":
        return this.#releases.answer(effect.volunteerId);
      case "sendProbe":
        return this.#tabs.sendProbe(effect.sessionId);
      case "sendAssignment":
        return void this.#tabs.sendAssignment(effect);
      case "voidAssignment":
        return this.#tabs.voidAssignment(effect);
      case "work":
        return this.#deskOf(effect.kind).work(effect);
      case "releaseJob":
        return this.#deskOf(effect.kind).release(effect.jobId);
      case "credit":
        return this.#tabs.linkOf(effect.sessionId)?.credit({ macs: effect.macs, assignments: effect.assignments });
      case "closeSession":
        return this.#tabs.linkOf(effect.sessionId)?.refused({ code: effect.code, message: effect.message });
      case "setTimer": {
        const { timerId } = effect;
        const cancel = this.#options.clock.at(effect.atMs, () => {
          this.#timers.delete(timerId);
          this.#happen({ type: "timerFired", timerId });
        });
        this.#timers.set(timerId, cancel);
        return;
      }
      case "clearTimer":
        this.#timers.get(effect.timerId)?.();
        this.#timers.delete(effect.timerId);
        return;
      default:
        return unreachable("CoordinatorShell: no such effect", effect);
    }
  }

  /** What is stored is what the records hold now; arrays of coded runs come from their threads. */
  #persist(effectId: number, records: readonly CoreRecord[]): void {
    const asked = records.map((record) =>
      record.kind === "volunteer" ? [record] : this.#deskOf(record.of).storeRecords(record.jobId, record.record),
    );
    const write = async (): Promise<readonly StoreRecord[][]> => {
      const hasThreads = asked.some((stored) => stored instanceof Promise);
      const stored = (hasThreads ? await Promise.all(asked) : asked) as StoreRecord[][];
      await this.#options.store.apply(stored.flat());
      return stored;
    };
    write().then(
      (stored) => {
        records.forEach((record, i) => {
          if (record.kind === "volunteer") this.#durableRecords.note(record.volunteer);
          else this.#deskOf(record.of).isDurable(record.jobId, record.record, stored[i]!);
        });
        this.#happen({ type: "persisted", effectId });
      },
      (error: unknown) => {
        this.#options.onProblem("the store refused a write", error);
        this.#happen({ type: "persistFailed", effectId, message: messageOf(error) });
      },
    );
  }

  // --- what tabs say ------------------------------------------------------------------------------------------------

  sessionOpened(session: OpenedSession, link: TabLink): void {
    this.#tabs.sessionOpened(session, link);
  }

  sessionClosed(sessionId: string): void {
    this.#tabs.sessionClosed(sessionId);
  }

  availability(sessionId: string, available: boolean): void {
    this.#happen({ type: "availabilityChanged", sessionId, available });
  }

  result(sessionId: string, result: Result): ResultAck {
    return this.#tabs.result(sessionId, result);
  }

  returned(sessionId: string, returned: Returned): void {
    this.#tabs.returned(sessionId, returned);
  }

  failed(sessionId: string, failed: Failed): void {
    this.#tabs.failed(sessionId, failed);
  }

  async blobForToken(token: string, sha256: string): Promise<TabBlob | null> {
    return this.#tabs.blobForToken(token, sha256);
  }

  resultBytesMax(token: string): number | null {
    return this.#tabs.resultBytesMax(token);
  }

  resultUploaded(token: string, frame: Uint8Array): "received" | "stale" | "malformed" {
    return this.#tabs.resultUploaded(token, frame);
  }

  // --- what submitters ask ------------------------------------------------------------------------------------------

  submit(submission: Submission, jobId?: string): Promise<JobSubmitted | ApiProblem> {
    return this.#deskOf(submission.kind).submit(submission, jobId);
  }

  estimate(request: EstimateRequest): Promise<JobEstimate | ApiProblem> {
    return this.#deskOf(request.kind).estimate(request);
  }

  async stop(jobId: string): Promise<boolean> {
    for (const desk of this.#desks()) if (await desk.stop(jobId)) return true;
    return false;
  }

  async cancel(jobId: string): Promise<boolean> {
    return this.#desks().some((desk) => desk.cancel(jobId));
  }

  jobView(jobId: string): JobView | null {
    for (const desk of this.#desks()) {
      const view = desk.view(jobId);
      if (view !== null) return view;
    }
    return null;
  }

  /** The latest first. */
  jobViews(): JobView[] {
    const views = [...this.state.jobs.keys()].flatMap((jobId) => this.jobView(jobId) ?? []);
    return views.sort((a, b) => b.submittedMs - a.submittedMs);
  }

  /** [JB6] All that ended is in the store; the latest are at hand. */
  async recall(jobId: string): Promise<void> {
    if (this.jobView(jobId) !== null) return;
    const record = await this.#options.store.job(jobId);
    if (record !== null && hasEnded(record)) await this.#deskOf(record.kind).recall(record);
  }

  async receipt(jobId: string): Promise<Receipt | "not-ended" | null> {
    for (const desk of this.#desks()) {
      const receipt = await desk.receipt(jobId);
      if (receipt !== null) return receipt;
    }
    return null;
  }

  async timeline(jobId: string): Promise<JobTimeline | null> {
    const nowMs = this.#options.clock.nowMs();
    const kept = this.#timelines.timeline(jobId, nowMs);
    for (const desk of this.#desks()) {
      const rounds = await desk.timelineRounds(jobId);
      if (rounds !== null) return { ...kept, rounds };
    }
    return null;
  }

  // --- the crowd ----------------------------------------------------------------------------------------------------

  sessions(): SessionView[] {
    return sessionViews(this.state);
  }

  volunteers(): VolunteerView[] {
    return volunteerViews(this.state);
  }

  async release(volunteerId: string, reason: string): Promise<VolunteerView | ApiProblem> {
    const volunteer = this.state.volunteers.get(volunteerId);
    if (volunteer === undefined) {
      return { status: 404, code: "unknown-volunteer", message: `there is no volunteer ${volunteerId}` };
    }
    if (volunteer.quarantine === null) {
      const message = "expected a quarantined volunteer, got one that is not";
      return { status: 409, code: "not-quarantined", message };
    }
    const durable = this.#releases.wait(volunteerId);
    this.#happen({ type: "volunteerReleased", volunteerId, reason });
    return (await durable) ?? volunteerView(volunteer);
  }

  status(): StatusView {
    return {
      protocolVersion: PROTOCOL_VERSION,
      buildHash: this.#options.buildHash,
      faultsAllowed: this.#options.faultsAllowed,
      operatedBy: this.#options.operatedBy ?? null,
      ...statusView(this.state, CORE_KINDS),
    };
  }
}

function hasEnded({ state }: JobRecord): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}

/** [JB6] All that are at work, and of each kind the latest of those that have ended: older ones stay in the store. */
function newestJobs(jobs: readonly JobRecord[]): JobRecord[] {
  const endedOf = new Map<string, JobRecord[]>();
  for (const job of jobs) if (hasEnded(job)) endedOf.set(job.kind, [...(endedOf.get(job.kind) ?? []), job]);
  const kept = [...endedOf.values()].flatMap((ended) =>
    ended.sort((a, b) => (b.finishedMs ?? 0) - (a.finishedMs ?? 0)).slice(0, JOBS_ENDED_KEPT_MAX),
  );
  const isKept = new Set(kept);
  return jobs.filter((job) => !hasEnded(job) || isKept.has(job));
}
