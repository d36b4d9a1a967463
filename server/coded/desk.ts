/**
 * The desk of a kind that works in coded rounds: submissions, what its runs ask for, shards and products on their way to tabs,
 * and what people ask. What differs by kind its CodedKind says.
 */
import { CODED_JOBS_ACTIVE_MAX, CODED_JOBS_DATA_BYTES_MAX } from "../../shared/coded/limits.ts";
import { addTo, countBy } from "../../shared/control/shares.ts";
import {
  type EstimateRequest,
  type JobEstimate,
  type JobView,
  kindFactsOf,
  type Receipt,
  type Submission,
} from "../../shared/kinds/kinds.ts";
import type { JobSubmitted } from "../../shared/protocol/job-api.ts";
import { INVITATIONS_SPARE_COUNT } from "../../shared/protocol/limits.ts";
import type { TimelineRound } from "../../shared/protocol/timeline-api.ts";
import type { RandomSource } from "../../shared/random/random.ts";
import { must } from "../coordinator/assert.ts";
import type { RestoredJob } from "../coordinator/events.ts";
import { isActive } from "../coordinator/jobs.ts";
import { partyOf } from "../coordinator/parties.ts";
import type { Own } from "../coordinator/words.ts";
import { sha256Hex } from "../sha256-hex.ts";
import type { Clock } from "../shell/clock.ts";
import type { DeskHost, JobGlance, KindDesk, Outgoing, SendEffect, WorkEffect } from "../shell/kind-desk.ts";
import type { SealedParts } from "../shell/receipt-parts.ts";
import { RecentlyAsked } from "../shell/recently-asked.ts";
import { submissionProblem } from "../shell/submission-problem.ts";
import type { JobRecord, Store, StoreRecord } from "../store/store.ts";
import type { ApiProblem } from "../web/coordinator-port.ts";
import type { CodedKind } from "./coded-kind.ts";
import { type CodedRunJob, codedRun, codedRuns } from "./core/run-job.ts";
import { newRunJob, runPlanOf } from "./core/run-lifecycle.ts";
import type { RunPlan } from "./core/run-plan.ts";
import type { RunOutcome, RunWork, WrittenRun } from "./core/run-work.ts";
import type { CodedEngine, EngineModule } from "./engine/coded-engine.ts";
import type { HeldArrays } from "./engine/kind-numerics.ts";
import { fitCode } from "./fit-code.ts";
import { tracedParts } from "./receipt-parts.ts";
import { checkpointRecord, noProgress, type RunCheckpoint, type RunRecord, runCheckpoint } from "./records.ts";
import { runEstimate } from "./run-estimate.ts";
import type { TraceSegment } from "./run-trace.ts";
import { RunWorkspace } from "./run-workspace.ts";
import { shareAssignment } from "./share-assignments.ts";
import { runHistory, runReceipt, runView } from "./views.ts";

export interface CodedDeskOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly secretRandom: RandomSource;
  readonly makeToken: () => string;
  /** A thread of its own for each run, but in simulations. */
  readonly openEngine: (module: EngineModule) => CodedEngine;
  readonly onProblem: (message: string, error: unknown) => void;
}

type Run<R extends RunRecord> = CodedRunJob & { readonly stored: R };

export class CodedDesk<R extends RunRecord = RunRecord> implements KindDesk {
  readonly #kind: CodedKind<R>;
  readonly #options: CodedDeskOptions;
  readonly #host: DeskHost;
  readonly #workspaces = new Map<string, RunWorkspace>();
  readonly #recalled = new RecentlyAsked<CodedRunJob>();

  constructor(kind: CodedKind<R>, options: CodedDeskOptions, host: DeskHost) {
    this.#kind = kind;
    this.#options = options;
    this.#host = host;
  }

  // --- submissions --------------------------------------------------------------------------------------------------

  async submit(asked: Submission, jobId = this.#options.makeToken()): Promise<JobSubmitted | ApiProblem> {
    const party = this.#host.partyOf(jobId, asked);
    const active = countBy(codedRuns(this.#host.state).filter(isActive), partyOf);
    const limit = { of: "jobs on coded data", party, active, activeMax: CODED_JOBS_ACTIVE_MAX };
    return this.#host.submissions.submit(jobId, limit, async () => {
      const { clock, makeToken } = this.#options;
      const { submission, notes: fitted } = await this.#fitted(asked);
      const plan = runPlanOf({ submission });
      const own = await this.#kind.describe(submission, plan);
      const notes = [...fitted, ...own.notes];
      const invitations = drawInvitations(plan, makeToken);
      const job = {
        jobId,
        submission,
        ...own,
        notes,
        state: "accepting",
        error: null,
        endKind: null,
        endReason: null,
        submittedMs: Math.round(clock.nowMs()),
        finishedMs: null,
        weightsOf: null,
        progress: noProgress(),
        invitations: invitations.map((token) => ({ sha256: invitationHash(token), volunteerId: null })),
      } as RunRecord as R;
      this.#host.submissions.requireBytes(jobId, this.#bytesOf(job, plan), CODED_JOBS_DATA_BYTES_MAX, this.#held());
      this.#host.happen({ type: "jobSubmitted", job });
      return { jobId, ...(invitations.length > 0 && { invitations }), ...(notes.length > 0 && { notes }) };
    });
  }

  async estimate(asked: EstimateRequest): Promise<JobEstimate | ApiProblem> {
    try {
      const { submission, notes } = await this.#fitted(asked);
      const plan = runPlanOf({ submission });
      const { cost, facts } = await this.#kind.cost(submission, plan);
      const estimated = runEstimate(this.#host.state, plan, cost, submission.submitter);
      return {
        ...estimated,
        notes: [...notes, ...estimated.notes],
        ...facts,
        kind: submission.kind,
      } as JobEstimate;
    } catch (error) {
      return submissionProblem(error);
    }
  }

  /** Numbers that make no code are said before the data is looked at. */
  async #fitted(asked: Submission | EstimateRequest) {
    const submission = asked as unknown as R["submission"];
    runPlanOf({ submission });
    return fitCode(submission, await this.#kind.blocks(submission));
  }

  // --- effects ------------------------------------------------------------------------------------------------------

  work({ kind, jobId, effectId, work }: WorkEffect): void {
    const { run } = work as RunWork;
    const tell = (outcome: RunOutcome) => this.#host.happen({ type: "outcome", kind, jobId, effectId, outcome });
    const workspace = this.#workspaceOf(jobId);
    workspace.carryOut(run).then(
      (outcome) => {
        if (outcome !== null) tell(outcome);
      },
      (error: unknown) => {
        // The job has ended, and its thread with it: nobody waits for what the thread had in hand.
        if (this.#workspaces.get(jobId) !== workspace) return;
        this.#options.onProblem(`job ${jobId}: ${run.type} failed`, error);
        const message = error instanceof Error ? error.message : String(error);
        tell({ type: "run", run: { type: "effectFailed", effectId: run.effectId, message } });
      },
    );
  }

  /** Made when the run first asks for something. */
  #workspaceOf(jobId: string): RunWorkspace {
    const held = this.#workspaces.get(jobId);
    if (held !== undefined) return held;
    const { store, openEngine } = this.#options;
    const { stored, plan } = must(this.job(jobId), "EV3: a run that asks for something is at work");
    const read = async (sha256: string): Promise<Uint8Array> => {
      const bytes = await store.getBlob(sha256);
      if (bytes === null) throw new Error(`the data of job ${jobId} could not be loaded`);
      return bytes;
    };
    const record = { ...stored };
    const data = {
      engineJob: () => this.#kind.engineJob(record, plan, read),
      checkpoint: async () => {
        const found = await store.checkpoint(jobId);
        return found === null ? null : runCheckpoint(found);
      },
    };
    const workspace = new RunWorkspace(openEngine(this.#kind.engine), data, stored);
    this.#workspaces.set(jobId, workspace);
    return workspace;
  }

  assignment(effect: SendEffect): Outgoing | null {
    const [job, workspace] = [this.job(effect.jobId), this.#workspaces.get(effect.jobId)];
    // What was called off in the same step is not sent.
    const isWanted = this.#host.state.assignments.has(effect.assignmentId);
    if (job === undefined || workspace === undefined || !isWanted) return null;
    return shareAssignment(effect, job.stored.submission, workspace);
  }

  /** The job's end is durable. */
  release(jobId: string): void {
    const workspace = this.#workspaces.get(jobId);
    this.#workspaces.delete(jobId);
    workspace?.close().catch((error: unknown) => this.#options.onProblem(`job ${jobId} did not close`, error));
  }

  /** A record of the core with the arrays that it names. */
  async storeRecords(jobId: string, record: Own): Promise<StoreRecord[]> {
    const { job, weightsOf, bestOf } = record as WrittenRun;
    const workspace = this.#workspaces.get(jobId);
    if (workspace === undefined) return [this.#storeRecord(job)];
    const traced = (trace: readonly TraceSegment[]) => (trace.length === 0 ? job : { ...job, trace });
    if (weightsOf === null) return [this.#storeRecord(traced(workspace.trace.segments))];
    let held: RunCheckpoint;
    try {
      held = await workspace.checkpoint(weightsOf, bestOf);
    } catch (error) {
      // Its thread has died: what was durable stays, and the job ends as failed.
      this.#options.onProblem(`the arrays of job ${jobId} are lost`, error);
      const isEnd = job.finishedMs !== null;
      const lasting = { ...traced(workspace.trace.segments), weightsOf: workspace.durableWeightsOf };
      return isEnd ? [this.#storeRecord(lasting)] : [];
    }
    const { store } = this.#options;
    const trace = await workspace.trace.written(held.current, (bytes) => store.putBlob(bytes));
    const ended = job.finishedMs === null ? {} : await this.#evaluated(jobId, workspace, held.current);
    return [
      this.#storeRecord({ ...traced(trace), ...ended }),
      { kind: "checkpoint", checkpoint: checkpointRecord(jobId, held) },
    ];
  }

  /** How good its result is, kept beside the job: its data may be gone when people ask. A job ends without it rather than not. */
  async #evaluated(jobId: string, workspace: RunWorkspace, held: HeldArrays): Promise<Partial<RunRecord>> {
    try {
      const evaluation = await workspace.evaluation(held);
      return evaluation === null ? {} : { evaluationSha256: await this.#options.store.putBlob(evaluation) };
    } catch (error) {
      this.#options.onProblem(`job ${jobId} could not be evaluated`, error);
      return {};
    }
  }

  /** @returns the bytes of JSON; null: there is none */
  protected async evaluationBytes(jobId: string): Promise<Uint8Array | null> {
    const { store } = this.#options;
    const record = await store.job(jobId);
    // What the core holds of an ended job need not name what was written last.
    const sha256 = record === null ? undefined : this.#kind.codec.fromRecord(record).evaluationSha256;
    return sha256 === undefined ? null : store.getBlob(sha256);
  }

  #storeRecord(job: RunRecord): StoreRecord {
    return { kind: "job", job: this.#kind.codec.toRecord(job as R) };
  }

  isDurable(jobId: string, record: Own): void {
    const { weightsOf, bestOf } = record as WrittenRun;
    if (weightsOf !== null) this.#workspaces.get(jobId)?.checkpointIsDurable(weightsOf, bestOf);
  }

  /** Of the data of jobs at work, with its shards: what is coded (and its transpose), and what the code makes of it. */
  /** What runs at work hold is counted by itself. */
  heldBytes(): Map<string, number> {
    return new Map();
  }

  /** Of runs of this kind at work, by whose they are. */
  #held(): Map<string, number> {
    const own = codedRuns(this.#host.state).filter(
      (job): job is Run<R> => job.stored.submission.kind === this.#kind.name && isActive(job),
    );
    const held = new Map<string, number>();
    for (const job of own) addTo(held, partyOf(job), this.#bytesOf(job.stored, job.plan));
    return held;
  }

  #bytesOf(stored: R, { redundancy }: Pick<Run<R>["plan"], "redundancy">): number {
    return 4 * this.#kind.entries(stored) * (2 + 2 * redundancy);
  }

  close(): void {
    for (const jobId of [...this.#workspaces.keys()]) this.release(jobId);
  }

  // --- what people ask ----------------------------------------------------------------------------------------------

  /** @returns false where it has ended, has nothing to end with, or is none */
  stop(jobId: string): boolean {
    const run = this.job(jobId)?.run;
    if (run == null || run.phase !== "running" || run.iteration === 0) return false;
    if (run.settings.isForwardOnly) return false; // half a product is none
    this.#host.happen({ type: "stopRequested", jobId });
    return true;
  }

  cancel(jobId: string): boolean {
    const run = this.job(jobId)?.run;
    if (run == null || run.phase === "ended") return false;
    this.#host.happen({ type: "jobCancelled", jobId });
    return true;
  }

  /** A job of an earlier run, as the core is told of it. */
  async restored(record: JobRecord): Promise<RestoredJob> {
    return { job: this.#kind.codec.fromRecord(record) };
  }

  /** A job that ended so long ago that it is not at hand: as if it were, until others have been asked for. */
  recall(record: JobRecord): void {
    this.#recalled.set(record.jobId, newRunJob(this.#kind.codec.fromRecord(record)));
  }

  /** Of this kind, at work or ended. */
  job(jobId: string): Run<R> | undefined {
    const job = codedRun(this.#host.state, jobId) ?? this.#recalled.get(jobId);
    return job?.stored.submission.kind === this.#kind.name ? (job as Run<R>) : undefined;
  }

  view(jobId: string): JobView | null {
    const job = this.job(jobId);
    if (job === undefined) return null;
    // [GJ6] The core has asked for these weights to be written; people are told of those that are.
    const workspace = this.#workspaces.get(jobId);
    const weightsOf = workspace === undefined ? job.stored.weightsOf : workspace.durableWeightsOf;
    return this.#kind.view({ ...job, stored: { ...job.stored, weightsOf } }, runView(this.#host.state, job));
  }

  glance(jobId: string): JobGlance | null {
    const view = this.view(jobId);
    if (view === null) return null;
    const { done, all } = kindFactsOf(view.kind).progressOf(view as never);
    return { state: view.state, progress: all === 0 ? 1 : done / all, waitingFor: view.waitingFor };
  }

  forget(jobId: string): void {
    this.#recalled.forget(jobId);
  }

  /** There are no first answers. */
  async timelineRounds(jobId: string): Promise<TimelineRound[] | null> {
    return this.job(jobId) === undefined ? null : [];
  }

  history(jobId: string): ReturnType<typeof runHistory> | null {
    const job = this.job(jobId);
    return job === undefined ? null : runHistory(this.#host.state, job);
  }

  async receipt(jobId: string): Promise<Receipt | "not-ended" | null> {
    const job = this.job(jobId);
    if (job === undefined) return null;
    if (isActive(job)) return "not-ended";
    const held = await this.durable(jobId);
    const result = held === null ? null : this.#kind.result(job.stored, held.arrays);
    return this.#kind.receipt(job.stored, runReceipt(job), result === null ? null : hashOf(result));
  }

  /** [RC10] */
  async receiptParts(jobId: string): Promise<SealedParts | null> {
    if (this.job(jobId) === undefined) return null;
    const { store } = this.#options;
    const record = await store.job(jobId);
    // What the core holds of an ended job need not name what was written last.
    return record === null ? null : tracedParts(jobId, this.#kind.codec.fromRecord(record).trace ?? [], store);
  }

  /** What is durable is what people get: it will not be taken back. */
  async durable(jobId: string): Promise<HeldArrays | null> {
    const job = this.job(jobId);
    if (job === undefined || job.stored.weightsOf === null) return null;
    const found = await this.#options.store.checkpoint(jobId);
    return found === null ? null : runCheckpoint(found).current;
  }
}

function hashOf(numbers: Float64Array): string {
  return sha256Hex(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
}

/** One for each volunteer, and some to spare; none where anybody may work. */
function drawInvitations({ maskCount, volunteerCount }: RunPlan, makeToken: () => string): string[] {
  if (maskCount === 0) return [];
  return Array.from({ length: volunteerCount + INVITATIONS_SPARE_COUNT }, () => makeToken());
}

function invitationHash(token: string): string {
  return sha256Hex(token);
}
