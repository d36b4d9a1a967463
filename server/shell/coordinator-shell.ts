import { unreachable } from "../../shared/control/unreachable.ts";
import type { AnswerFilter, AnswersPage } from "../../shared/kinds/inference/answers.ts";
import type { InferenceJobView, RoundView } from "../../shared/kinds/inference/job-view.ts";
import type { QueriesPosted } from "../../shared/kinds/inference/stream.ts";
import type {
  EstimateRequest,
  JobEstimate,
  JobView,
  Receipt,
  Submission,
  AssignmentMessage as TabAssignment,
} from "../../shared/kinds/kinds.ts";
import type { SessionView, StatusView, VolunteerView } from "../../shared/protocol/crowd-api.ts";
import type { JobSubmitted } from "../../shared/protocol/job-api.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/limits.ts";
import type { Failed, Result, ResultAck, Returned } from "../../shared/protocol/messages.ts";
import type { NpyArray } from "../../shared/protocol/npy.ts";
import type { DifferingRow } from "../../shared/protocol/operator-api.ts";
import type { JobTimeline } from "../../shared/protocol/timeline-api.ts";
import type { RandomSource } from "../../shared/random/random.ts";
import { isRunWork, type WrittenRun, writtenRunIn } from "../coded/core/run-work.ts";
import type { CodedDesk } from "../coded/desk.ts";
import { must } from "../coordinator/assert.ts";
import type { CoreRecord, Effect } from "../coordinator/effects.ts";
import type { CoordinatorEvent, Happening, RestoredJob } from "../coordinator/events.ts";
import { isActive, JOBS_ENDED_KEPT_MAX } from "../coordinator/jobs.ts";
import {
  type Assignment,
  type CoordinatorSettings,
  type CoordinatorState,
  initialState,
} from "../coordinator/state.ts";
import { step } from "../kinds/core-kinds.ts";
import { AnswerWatchers } from "../kinds/inference/answer-watchers.ts";
import { crowdFactsOf } from "../kinds/inference/core/crowd-facts.ts";
import { planInference } from "../kinds/inference/core/inference-plan.ts";
import { inferenceJob, inferenceJobs } from "../kinds/inference/core/job.ts";
import {
  INFERENCE,
  type InferenceEffect,
  type InferenceOutcome,
  type InferenceRecord,
  inferenceRecordIn,
  inferenceWorkIn,
  type RestoredInference,
  type RestoredRound,
  type RoundPlace,
} from "../kinds/inference/core/work.ts";
import { EndedJobs } from "../kinds/inference/ended-jobs.ts";
import type { SentRows } from "../kinds/inference/engine/differing-rows.ts";
import type { JobData } from "../kinds/inference/engine/job-data.ts";
import { windowOfRound } from "../kinds/inference/engine/job-queries.ts";
import { JobWorkspace } from "../kinds/inference/engine/job-workspace.ts";
import { decodePlan } from "../kinds/inference/engine/stored-plan.ts";
import { nextCode } from "../kinds/inference/inference-estimates.ts";
import { jobDataBytes, loadJob } from "../kinds/inference/job-loader.ts";
import { JobLooks } from "../kinds/inference/job-looks.ts";
import { knownRounds } from "../kinds/inference/known-rounds.ts";
import type { AllAnswers, InferencePort, PostedQuery, Standing } from "../kinds/inference/port.ts";
import { receiptOf } from "../kinds/inference/receipt.ts";
import type { StoredJob } from "../kinds/inference/records.ts";
import { inferenceCodec } from "../kinds/inference/records.ts";
import { StreamDesk } from "../kinds/inference/stream-desk.ts";
import { type SubmissionOptions, Submissions } from "../kinds/inference/submissions.ts";
import {
  type AnswersOfJob,
  allAnswers,
  jobView,
  roundViews,
  sessionViews,
  statusView,
  volunteerView,
  volunteerViews,
} from "../kinds/inference/views.ts";
import { type DeskOptions, type Desks, openDesks } from "../kinds/kinds.ts";
import type { KindsExecutor } from "../kinds/numerics-tasks.ts";
import type { KindPorts } from "../kinds/web-kinds.ts";
import { messageOf } from "../store/attempt.ts";
import { type Store, type StoredRound, StoreError, type StoreRecord } from "../store/store.ts";
import type { ApiProblem, OpenedSession, TabLink } from "../web/coordinator-port.ts";
import type { DeskPort } from "../web/kind-routes.ts";
import { DurableRecords } from "./durable-records.ts";
import { JobTimelines } from "./job-timelines.ts";
import { Releases } from "./releases.ts";
import { SubmissionQueue } from "./submission-queue.ts";
import { type TabBlob, TabDesk } from "./tab-desk.ts";

const STORE_RETRY_MS = 1_000;
const DRAIN_LOOK_MS = 20;

export interface ShellOptions extends Omit<SubmissionOptions, "executor">, Omit<DeskOptions, "executor"> {
  readonly executor: KindsExecutor;
  readonly secretRandom: RandomSource;
  readonly buildHash: string;
  readonly faultsAllowed: boolean;
  readonly operatedBy?: string | null;
  readonly settings?: CoordinatorSettings;
  /** Sees every event before it is applied: the log that replays to the same state. */
  readonly onEvent?: (event: CoordinatorEvent) => void;
  /** Sees what every event came to, before its effects are carried out. */
  readonly onStep?: (event: CoordinatorEvent, effects: readonly Effect[]) => void;
  /** Rows that somebody sent came out differently when they were computed again. */
  readonly onEvidence?: (jobId: string, sent: SentRows, rows: readonly DifferingRow[]) => void;
  readonly onProblem: (message: string, error: unknown) => void;
}

/**
 * Carries out what the coordinator decides. Everything that keeps something of its own has a desk beside it; this file is long
 * because every effect, every outcome and every request of the port has to be named in one place.
 */
export class CoordinatorShell implements DeskPort, InferencePort {
  readonly desks: KindPorts;
  readonly state: CoordinatorState;
  readonly #options: ShellOptions;
  readonly #queue: CoordinatorEvent[] = [];
  #isDraining = false;
  #isClosed = false;
  readonly #tabs: TabDesk;
  readonly #timers = new Map<number, () => void>();
  readonly #workspaces = new Map<string, JobWorkspace>();
  /** Jobs of an earlier run whose data is gone or damaged, and why. */
  readonly #unloadable = new Map<string, string>();
  readonly #submissions: Submissions;
  readonly #ended: EndedJobs;
  readonly #durableRecords = new DurableRecords();
  readonly #timelines: JobTimelines;
  readonly #looks: JobLooks;
  readonly #desks: Desks;
  readonly #submissionQueue = new SubmissionQueue();
  readonly #releases = new Releases();
  readonly #streams: StreamDesk;
  readonly #watchers = new AnswerWatchers();

  constructor(options: ShellOptions) {
    this.#options = options;
    this.state = initialState(options.settings);
    this.#ended = new EndedJobs(options.store);
    this.#timelines = new JobTimelines(this.state);
    this.#looks = new JobLooks(options.store, this.state, this.#timelines, {
      workspace: (jobId) => this.#workspaces.get(jobId) ?? null,
      answersOf: (jobId) => this.#answersOf(jobId),
      isCodedRun: (jobId) => this.#codedDesk(jobId) !== null,
      nowMs: () => options.clock.nowMs(),
    });
    this.#tabs = new TabDesk(options, {
      state: this.state,
      happen: (happening) => this.#happen(happening),
      heldWorkspace: (jobId) => this.#workspaces.get(jobId) ?? null,
      workspace: async (jobId) => this.#workspace(jobId),
      holdProducts: (grant, products) => this.#codedDesk(grant.answers.jobId)?.holdResult(grant, products),
    });
    this.#submissions = new Submissions(options, {
      queue: this.#submissionQueue,
      activeJobs: () => inferenceJobs(this.state).filter(isActive).length,
      heldBytes: () => this.#heldBytes(),
      accept: (data) => {
        this.#workspaces.set(data.job.jobId, this.#newWorkspace(data));
        this.#happen({ type: "jobSubmitted", job: data.job });
      },
      crowdFacts: () => crowdFactsOf(this.state, null),
    });
    this.#streams = new StreamDesk({
      state: this.state,
      happen: (happening) => this.#happen(happening),
      workspace: (jobId) => this.#workspaces.get(jobId) ?? null,
      heldBytes: () => this.#heldBytes(),
    });
    this.#desks = openDesks(options, {
      state: this.state,
      submissions: this.#submissionQueue,
      happen: (happening) => this.#happen(happening),
      grant: (grant) => this.#tabs.grant(grant),
      send: (sessionId, assignment) => this.#tabs.linkOf(sessionId)?.assignment(assignment as TabAssignment),
    });
    this.desks = { inference: this, ...this.#desks };
  }

  /** Reads what is durable and goes on with it. Call it once, before any tab or submitter is let in. */
  async restore(): Promise<void> {
    const { store } = this.#options;
    const jobs: RestoredInference[] = [];
    const records = await store.jobs();
    for (const record of newestJobs(records.filter(({ kind }) => kind === "inference"))) {
      const job = inferenceCodec.fromRecord(record);
      try {
        planInference(job);
        const rounds = await store.rounds(job.jobId);
        // Of a job that has ended they are read when its receipt is asked for.
        const contributions = hasEnded(job) ? [] : await store.contributions(job.jobId);
        if (!hasEnded(job)) await this.#restoreWorkspace(job, rounds);
        jobs.push({
          job: this.#asPosted(job),
          rounds: rounds.map((round) => restoredRound(job, round)),
          contributions,
        });
      } catch (error) {
        // One job that cannot be read is no reason not to start; it stays in the store as it is.
        this.#options.onProblem(`job ${job.jobId} cannot be read`, error);
      }
    }
    const runs = newestJobs(records.filter(({ kind }) => kind !== "inference")).flatMap((record): RestoredJob[] => {
      const job = this.#deskOf(record.kind)?.restored(record);
      return job === undefined ? [] : [{ job }];
    });
    const volunteers = await store.volunteers();
    for (const volunteer of volunteers) this.#durableRecords.note(volunteer);
    this.#happen({ type: "restored", jobs: [...runs, ...jobs], volunteers });
    // In the order in which they ended: views of the earliest give way first.
    const ended = jobs.map(({ job }) => job).filter(hasEnded);
    for (const job of ended.sort((a, b) => (a.finishedMs ?? 0) - (b.finishedMs ?? 0))) await this.#rememberEnded(job);
  }

  /** [SM2] What was posted to a stream is durable before its job says how much that is. */
  #asPosted(job: StoredJob): StoredJob {
    const workspace = this.#workspaces.get(job.jobId);
    return job.queriesSha256 !== null || workspace === undefined
      ? job
      : { ...job, queryCount: workspace.answers.queryCount };
  }

  #heldBytes(): number {
    let bytes = this.#desks.regression.heldBytes() + this.#desks.matmul.heldBytes();
    for (const { data, answers } of this.#workspaces.values()) bytes += jobDataBytes(data, answers.queryCount);
    return bytes;
  }

  async #rememberEnded(job: StoredJob): Promise<void> {
    try {
      await this.#ended.remember(job, this.state);
    } catch (error) {
      this.#options.onProblem(`the answers of job ${job.jobId} cannot be read`, error);
    }
  }

  #newWorkspace(data: JobData): JobWorkspace {
    const { executor, secretRandom, onEvidence } = this.#options;
    const { jobId } = data.job;
    const known = knownRounds(this.state, jobId);
    return new JobWorkspace(data, known, executor, secretRandom, (sent, rows) => onEvidence?.(jobId, sent, rows));
  }

  async #restoreWorkspace(job: StoredJob, rounds: Awaited<ReturnType<Store["rounds"]>>): Promise<void> {
    try {
      const { store } = this.#options;
      const workspace = this.#newWorkspace(await loadJob(store, job));
      if (job.queriesSha256 === null) workspace.restore(rounds);
      else if (job.orderSha256 !== null) {
        const order = await store.getBlob(job.orderSha256);
        if (order === null) throw new Error(`the order of job ${job.jobId} is missing`);
        await workspace.prepare(new Uint32Array(Uint8Array.from(order).buffer));
        workspace.restore(rounds);
      }
      this.#workspaces.set(job.jobId, workspace);
    } catch (error) {
      // Its `prepare` finds no workspace and fails the job, with what is stored of it kept.
      this.#unloadable.set(job.jobId, messageOf(error));
      this.#options.onProblem(`job ${job.jobId} cannot go on`, error);
    }
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
    for (const desk of Object.values(this.#desks)) desk.close();
    this.#submissionQueue.refuseAll("the coordinator is shutting down");
    this.#streams.refuseAll("the coordinator is shutting down; post them again after its start");
    this.#watchers.close();
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
        this.#options.onEvent?.(event);
        const effects = step(this.state, event);
        this.#timelines.stepped(event, effects);
        this.#options.onStep?.(event, effects);
        for (const effect of effects) this.#carryOut(effect);
        this.#watchers.stepped(event, effects);
      }
    } finally {
      this.#isDraining = false;
    }
  }

  // --- effects ----------------------------------------------------------------------------------------------------

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case "persist":
        return this.#persist(effect.effectId, effect.records);
      case "answerSubmission":
        return this.#submissionQueue.answer(effect.jobId, effect.problem);
      case "answerRelease":
        return this.#releases.answer(effect.volunteerId);
      case "sendProbe":
        return this.#tabs.sendProbe(effect.sessionId);
      case "sendAssignment": {
        const desk = this.#deskOf(effect.kind);
        return desk === null ? void this.#tabs.sendAssignment(effect) : desk.sendAssignment(effect);
      }
      case "voidAssignment":
        return this.#tabs.voidAssignment(effect);
      case "work": {
        const work = inferenceWorkIn(effect);
        if (work !== null) return this.#doWork(work);
        return isRunWork(effect) ? this.#deskOf(effect.kind)?.work(effect) : undefined;
      }
      case "releaseJob":
        return this.#releaseJob(effect.jobId);
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

  /** Work of inference jobs. */
  #doWork(work: InferenceEffect): void {
    const { jobId } = work;
    switch (work.type) {
      case "prepare":
        return this.#prepare(work);
      case "encode":
        return this.#outcome(
          work,
          this.#onWorkspace(jobId, (job) => job.encode(work)),
          () => ({ type: "encoded", ...placeOf(work) }),
          (message) => ({ type: "encodeFailed", ...placeOf(work), message }),
        );
      case "chooseCode":
        return this.#outcome(
          work,
          this.#nextCode(work),
          (code) => ({ type: "codeChosen", code }),
          () => ({ type: "codeChosen", code: null }),
        );
      case "answerStream":
        return this.#streams.answer(work);
      case "audit": {
        const { assignmentId } = work;
        return this.#outcome(
          work,
          this.#onWorkspace(jobId, (job) => job.audit(work)),
          (outcome) => ({ type: "audited", ...placeOf(work), assignmentId, ...outcome }),
          (message) => ({ type: "auditFailed", ...placeOf(work), assignmentId, message }),
        );
      }
      case "decode":
        return this.#outcome(
          work,
          this.#onWorkspace(jobId, (job) => job.decode(work)),
          (outcome) => ({ type: "decoded", ...placeOf(work), outcome }),
          (message) => ({ type: "decodeFailed", ...placeOf(work), message }),
        );
      case "publish":
        return this.#workspaces.get(jobId)?.publish(work);
      case "patch":
        return this.#workspaces.get(jobId)?.patch(work);
      case "withdraw":
        return this.#workspaces.get(jobId)?.withdraw(work);
      case "topUp": {
        const { volunteerId, rows } = work;
        return this.#outcome(
          work,
          this.#onWorkspace(jobId, (job) => job.topUp(volunteerId, rows)),
          (outcome) => ({ type: "toppedUp", volunteerId, ...outcome }),
          (message) => ({ type: "topUpFailed", volunteerId, message }),
        );
      }
      case "releaseRound":
        return this.#workspaces.get(jobId)?.releaseRound(work.roundIndex);
      default:
        return unreachable("shell: no such work", work);
    }
  }

  async #nextCode({ jobId, left }: Extract<InferenceEffect, { type: "chooseCode" }>): ReturnType<typeof nextCode> {
    const job = inferenceJob(this.state, jobId);
    // Looked at now: what the crowd is when the pool comes to it is not what the event log replays.
    const facts = crowdFactsOf(this.state, jobId);
    if (job === undefined) return null;
    const { data } = this.#workspace(jobId);
    return nextCode(this.#options.executor, data, facts, left, job.plan);
  }

  #outcome<T>(
    { jobId, effectId }: Pick<InferenceEffect, "jobId" | "effectId">,
    work: Promise<T>,
    done: (value: T) => InferenceOutcome,
    failed: (message: string) => InferenceOutcome,
  ): void {
    const tell = (outcome: InferenceOutcome) =>
      this.#happen({ type: "outcome", kind: INFERENCE, jobId, effectId, outcome });
    work.then(
      (value) => tell(done(value)),
      (error: unknown) => {
        this.#options.onProblem("numerics failed", error);
        tell(failed(messageOf(error)));
      },
    );
  }

  /** Begins at once: what an effect names is held now, and need not be once the next event has been taken. */
  async #onWorkspace<T>(jobId: string, work: (workspace: JobWorkspace) => Promise<T>): Promise<T> {
    return work(this.#workspace(jobId));
  }

  /** @throws Error where it could not be loaded */
  #workspace(jobId: string): JobWorkspace {
    const workspace = this.#workspaces.get(jobId);
    if (workspace !== undefined) return workspace;
    const reason = this.#unloadable.get(jobId);
    throw new Error(`the data of job ${jobId} could not be loaded${reason === undefined ? "" : `: ${reason}`}`);
  }

  #prepare(work: InferenceEffect): void {
    const { jobId } = work;
    const prepare = async () => {
      const workspace = this.#workspace(jobId);
      const { orderSha256 } = workspace.data.job;
      if (workspace.isPrepared && orderSha256 !== null) return orderSha256;
      const order = await workspace.prepare(null);
      if (order === null) return null;
      return this.#putBlobPatiently(new Uint8Array(order.buffer, order.byteOffset, order.byteLength));
    };
    this.#outcome(
      work,
      prepare(),
      (orderSha256) => ({ type: "prepared", orderSha256 }),
      (message) => ({ type: "prepareFailed", message }),
    );
  }

  /** An accepted job does not fail because the disk is full: it waits until the store takes the blob. */
  async #putBlobPatiently(bytes: Uint8Array): Promise<string> {
    const { store, clock } = this.#options;
    for (;;) {
      try {
        return await store.putBlob(bytes);
      } catch (error) {
        if (!(error instanceof StoreError) || this.#isClosed) throw error;
        this.#options.onProblem("the store refused a blob", error);
        await new Promise<void>((resolve) => clock.at(clock.nowMs() + STORE_RETRY_MS, resolve));
      }
    }
  }

  #persist(effectId: number, records: readonly CoreRecord[]): void {
    // What is stored is what the records hold now; the weights of coded runs come from their threads.
    const stored = records.map((record) => {
      const run = writtenRunIn(record);
      return run === null ? this.#storeRecords(record) : this.#runDesk(run).storeRecords(run);
    });
    const write = async () => {
      const all = stored.some((record) => record instanceof Promise) ? await Promise.all(stored) : stored;
      const written = (all as StoreRecord[][]).flat();
      await this.#options.store.apply(written);
      return written;
    };
    write().then(
      (written) => {
        for (const record of written) this.#isDurable(record);
        for (const record of records) {
          const run = writtenRunIn(record);
          if (run !== null) this.#runDesk(run).recordIsDurable(run);
        }
        this.#happen({ type: "persisted", effectId });
      },
      (error: unknown) => {
        this.#options.onProblem("the store refused a write", error);
        this.#happen({ type: "persistFailed", effectId, message: messageOf(error) });
      },
    );
  }

  #isDurable(record: StoreRecord): void {
    if (record.kind === "volunteer") this.#durableRecords.note(record.volunteer);
    if (record.kind === "round") this.#workspaces.get(record.round.jobId)?.answers.isStored(record.round);
  }

  #storeRecords(record: CoreRecord): StoreRecord[] {
    if (record.kind === "volunteer") return [record];
    const own = inferenceRecordIn(record);
    return own === null ? [] : this.#storeInference(record.jobId, own);
  }

  #storeInference(jobId: string, record: InferenceRecord): StoreRecord[] {
    const workspace = this.#workspaces.get(jobId);
    switch (record.type) {
      case "contribution":
        return [{ kind: "contribution", contribution: record.contribution }];
      case "round":
        return workspace === undefined ? [] : [{ kind: "round", round: workspace.storedRound({ jobId, ...record }) }];
      case "piece": {
        const piece = workspace?.piece(record.firstQuery, record.queryCount);
        return piece === undefined ? [] : [{ kind: "piece", piece }];
      }
      case "job": {
        const { job } = record;
        const changed = job.finishedMs === null ? [] : (workspace?.changedRounds() ?? []);
        return [
          { kind: "job", job: inferenceCodec.toRecord(job) },
          ...changed.map((round) => ({ kind: "round", round }) as const),
        ];
      }
    }
  }

  #releaseJob(jobId: string): void {
    const desk = this.#codedDesk(jobId);
    if (desk !== null) return desk.release(jobId);
    const workspace = this.#workspaces.get(jobId);
    this.#workspaces.delete(jobId);
    const job = inferenceJob(this.state, jobId);
    if (job === undefined) return;
    if (job.stored.state !== "done") this.#options.executor.forget?.(jobId);
    if (workspace) {
      this.#ended.rememberWorkspace({ ...job.stored }, workspace, [...job.contributions.values()], this.state);
    }
    // Rounds that were not durable when a job failed or was cancelled are no part of it: its view is made without them.
    if (!workspace || job.stored.state !== "done") void this.#rememberEnded({ ...job.stored });
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
    return submission.kind === "inference"
      ? this.#submissions.submit(submission, jobId)
      : this.#deskOf(submission.kind)!.submit(submission, jobId);
  }

  estimate(submission: EstimateRequest): Promise<JobEstimate | ApiProblem> {
    return submission.kind === "inference"
      ? this.#submissions.estimate(submission)
      : this.#deskOf(submission.kind)!.estimate(submission);
  }

  async stop(jobId: string): Promise<boolean> {
    return this.#codedDesk(jobId)?.stop(jobId) ?? this.#streams.close(jobId);
  }

  postQueries(jobId: string, queries: readonly PostedQuery[], at: number | null): Promise<QueriesPosted | ApiProblem> {
    return this.#streams.post(jobId, queries, at);
  }

  standing(jobId: string): Standing | null {
    const stored = inferenceJob(this.state, jobId)?.stored;
    if (stored === undefined) return this.#ended.standing(jobId);
    const { state, queryCount, error, inputSize, submission } = stored;
    const finishedMs = state === "finishing" ? null : stored.finishedMs;
    return { state, finishedMs, queryCount, error, inputSize, completion: submission.completion };
  }

  watchAnswers(jobId: string, changed: () => void): () => void {
    return this.#watchers.watch(jobId, changed);
  }

  #deskOf(kind: string): CodedDesk | null {
    return (this.#desks as Partial<Record<string, CodedDesk>>)[kind] ?? null;
  }

  #runDesk({ job }: WrittenRun): CodedDesk {
    return must(this.#deskOf(job.submission.kind), `JB5: expected a kind of coded run, got ${job.submission.kind}`);
  }

  /** Of a coded run that is at hand. */
  #codedDesk(jobId: string): CodedDesk | null {
    const desks: readonly CodedDesk[] = Object.values(this.#desks);
    return desks.find((desk) => desk.job(jobId) !== undefined) ?? null;
  }

  async receipt(jobId: string): Promise<Receipt | "not-ended" | null> {
    const desk = this.#codedDesk(jobId);
    if (desk !== null) return desk.receipt(jobId);
    const job = inferenceJob(this.state, jobId);
    if (job !== undefined && !hasEnded(job.stored)) return "not-ended";
    const found = await this.#ended.answers(jobId);
    return found === null ? null : receiptOf(this.#options.store, this.state, found);
  }

  async cancel(jobId: string): Promise<boolean> {
    const desk = this.#codedDesk(jobId);
    if (desk !== null) return desk.cancel(jobId);
    const job = inferenceJob(this.state, jobId);
    if (job === undefined || !isActive(job) || job.stored.state === "finishing") return false;
    this.#happen({ type: "jobCancelled", jobId });
    return true;
  }

  jobView(jobId: string): JobView | null {
    return this.#codedDesk(jobId)?.view(jobId) ?? this.#inferenceView(jobId);
  }

  /** [JB6] All that ended is in the store; the latest are at hand. */
  async recall(jobId: string): Promise<void> {
    if (this.jobView(jobId) !== null) return;
    const { store } = this.#options;
    const record = await store.job(jobId);
    if (record === null || !hasEnded(record)) return;
    if (record.kind === "inference") await this.#ended.recall(inferenceCodec.fromRecord(record), this.state);
    else this.#deskOf(record.kind)?.recall(record);
  }

  #inferenceView(jobId: string): InferenceJobView | null {
    const job = inferenceJob(this.state, jobId);
    const workspace = this.#workspaces.get(jobId);
    return job === undefined || workspace === undefined
      ? this.#ended.view(jobId, this.state)
      : jobView(
          this.state,
          job,
          workspace,
          this.#timelines.roundsDoneMs(jobId),
          this.#durableRecords.of(workspace.answers.volunteers),
        );
  }

  /** The latest first. */
  jobViews(): JobView[] {
    const jobIds = [...this.state.jobs.keys()];
    const views = jobIds.flatMap((jobId) => this.jobView(jobId) ?? []);
    return views.sort((a, b) => b.submittedMs - a.submittedMs);
  }

  rounds(jobId: string): RoundView[] | null {
    const job = inferenceJob(this.state, jobId);
    if (job !== undefined) return roundViews(job);
    return this.#ended.standing(jobId) === null ? null : [];
  }

  timeline(jobId: string): Promise<JobTimeline | null> {
    return this.#looks.timeline(jobId);
  }

  answers(jobId: string, offset: number, limit: number, only: AnswerFilter = "all"): Promise<AnswersPage | null> {
    return this.#looks.answers(jobId, offset, limit, only);
  }

  queries(jobId: string, indices: readonly number[]): Promise<NpyArray | null> {
    return this.#looks.queries(jobId, indices);
  }

  async allAnswers(jobId: string): Promise<AllAnswers | null> {
    const found = await this.#answersOf(jobId);
    return found === null ? null : allAnswers(this.state, found);
  }

  async #answersOf(jobId: string): Promise<AnswersOfJob | null> {
    const workspace = this.#workspaces.get(jobId);
    const job = inferenceJob(this.state, jobId);
    if (workspace && job) {
      const { answers } = workspace;
      return {
        job: job.stored,
        answers,
        records: new Map(),
        durableRecords: this.#durableRecords.of(answers.volunteers),
      };
    }
    return this.#ended.answers(jobId);
  }

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
      ...statusView(this.state),
    };
  }
}

function hasEnded({ state }: { state: StoredJob["state"] }): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}

/** All that are at work, and the latest of those that have ended: older ones stay in the store, and are read when asked for. */
function newestJobs<J extends { state: StoredJob["state"]; finishedMs: number | null }>(jobs: readonly J[]): J[] {
  const ended = jobs.filter(hasEnded).sort((a, b) => (b.finishedMs ?? 0) - (a.finishedMs ?? 0));
  const kept = new Set(ended.slice(0, JOBS_ENDED_KEPT_MAX));
  return jobs.filter((job) => !hasEnded(job) || kept.has(job));
}

function placeOf({ roundIndex, generation }: RoundPlace): RoundPlace {
  return { roundIndex, generation };
}

function restoredRound({ queriesSha256 }: StoredJob, round: StoredRound): RestoredRound {
  const { roundIndex, generation, firstMs, exactMs, estimatedAtFirst, redispatched } = round;
  const { sources } = decodePlan(round.plan);
  const restored = { roundIndex, generation, sources, firstMs, exactMs, estimatedAtFirst, redispatched };
  if (queriesSha256 !== null) return restored;
  const { firstPlace, endPlace } = windowOfRound(round);
  return { ...restored, window: { firstPlace, endPlace } };
}
