/**
 * Inference jobs in the shell: submissions and streams, what their rounds ask for, batches on their way to tabs, answers while
 * they run and after.
 */
import type { Readable } from "node:stream";
import { countBy, heldInAll, roomFor } from "../../../shared/control/shares.ts";
import type { AnswerFilter, AnswersPage, AnswerView } from "../../../shared/kinds/inference/answers.ts";
import type { InferenceEstimate, InferenceEstimateRequest } from "../../../shared/kinds/inference/estimate.ts";
import type { InferenceJobView, RoundView } from "../../../shared/kinds/inference/job-view.ts";
import { wholeIdOf } from "../../../shared/kinds/inference/parts.ts";
import type { RedoStarted, RedoWhich } from "../../../shared/kinds/inference/redo.ts";
import type { QueriesPosted } from "../../../shared/kinds/inference/stream.ts";
import type { InferenceSubmission } from "../../../shared/kinds/inference/submission.ts";
import type { JobSubmitted } from "../../../shared/protocol/job-api.ts";
import { PARTS_ACTIVE_MAX } from "../../../shared/protocol/limits.ts";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import type { TimelineRound } from "../../../shared/protocol/timeline-api.ts";
import type { Effect } from "../../coordinator/effects.ts";
import type { CoordinatorEvent } from "../../coordinator/events.ts";
import { isActive, mayEnd } from "../../coordinator/jobs.ts";
import { partyOf } from "../../coordinator/parties.ts";
import type { Own } from "../../coordinator/words.ts";
import { isEndedJob } from "../../shell/kept-jobs.ts";
import type {
  DeskHost,
  JobGlance,
  KindDesk,
  Outgoing,
  SendEffect,
  VoidEffect,
  WorkEffect,
} from "../../shell/kind-desk.ts";
import type { SealedParts } from "../../shell/receipt-parts.ts";
import type { JobRecord, StoreRecord } from "../../store/store.ts";
import type { ApiProblem } from "../../web/coordinator-port.ts";
import { AnswerWatchers } from "./answer-watchers.ts";
import { answersOnRounds, takingsAtWork } from "./at-work.ts";
import { batchAssignment } from "./batch-assignments.ts";
import { CarryOut } from "./carry-out.ts";
import { withCoinKey, withoutCoinKey } from "./coin-keys.ts";
import { priceOf } from "./core/cross-checks/price.ts";
import { priceOfStream } from "./core/cross-checks/stream-price.ts";
import { crowdFactsOf } from "./core/crowd-facts.ts";
import { planInference } from "./core/inference-plan.ts";
import { type Batch, inferenceJob, inferenceJobs } from "./core/job.ts";
import { partsAtWork, spentParts } from "./core/spent-parts.ts";
import type { CountedTaking } from "./core/taken-back.ts";
import {
  INFERENCE,
  type InferenceEffect,
  type InferenceOutcome,
  type InferenceRecord,
  type InferenceRequest,
  type InferenceWork,
  type RestoredInference,
} from "./core/work.ts";
import { EndedJobs } from "./ended-jobs.ts";
import type { TakingOf } from "./engine/round-answers.ts";
import { JobLooks } from "./job-looks.ts";
import type { AllAnswers, InferencePort, PostedQuery, RedoIntake, Standing } from "./port.ts";
import { receiptOf } from "./receipt.ts";
import { receiptParts } from "./receipt-parts.ts";
import { inferenceCodec, type StoredJob } from "./records.ts";
import { RedoDesk } from "./redo-desk.ts";
import { restoredRound } from "./restored-round.ts";
import { claimAssignment } from "./rows/claim-assignments.ts";
import { blocksOpened } from "./rows/core/job-blocks.ts";
import { isRowsJob, rowsJob, rowsJobs } from "./rows/core/rows-job.ts";
import { isClaim, jobOnEither } from "./rows/on-either.ts";
import { isRowsRecord, RowDesk } from "./rows/row-desk.ts";
import { rowReceiptParts } from "./rows/row-receipt.ts";
import { rowsGlance, rowsJobView } from "./rows/row-view.ts";
import { openRowsAhead } from "./rows/told/open-rows-ahead.ts";
import { rowsAhead } from "./rows/told/rows-ahead.ts";
import type { RowsOutcome, RowsRecord, RowsWork } from "./rows/work.ts";
import { StreamDesk } from "./stream-desk.ts";
import { type SubmissionOptions, Submissions } from "./submissions.ts";
import {
  type AnswersOfJob,
  allAnswers,
  answerViews,
  jobView,
  queriesTakenBack,
  roundViews,
  takingsIn,
  waitsOf,
} from "./views.ts";
import { Workspaces, type WorkspacesOptions } from "./workspaces.ts";

export interface InferenceDeskOptions extends SubmissionOptions, WorkspacesOptions {}

export class InferenceDesk implements KindDesk, InferencePort {
  readonly #options: InferenceDeskOptions;
  readonly #host: DeskHost;
  readonly #workspaces: Workspaces;
  readonly #submissions: Submissions;
  readonly #streams: StreamDesk;
  readonly #carryOut: CarryOut;
  readonly #rows: RowDesk;
  readonly #ended: EndedJobs;
  readonly #looks: JobLooks;
  readonly #redos: RedoDesk;
  readonly #watchers = new AnswerWatchers();

  constructor(options: InferenceDeskOptions, host: DeskHost) {
    this.#options = options;
    this.#host = host;
    const { state } = host;
    const workspaces = new Workspaces(options, state);
    this.#workspaces = workspaces;
    this.#rows = new RowDesk(options, {
      ...{ state, durableRecords: host.durableRecords, clock: options.clock },
      takingsIn: (jobId) => this.#takingsIn(jobId),
      shorten: host.shorten,
      tell: (jobId, effectId, outcome) => this.#tell(jobId, effectId, outcome),
      answerStream: (answer) => this.#streams.answer(answer),
    });
    this.#ended = new EndedJobs(options.store);
    this.#looks = new JobLooks(options.store, state, host.timelines, {
      workspace: (jobId) => workspaces.get(jobId) ?? this.#rows.workspaces.get(jobId),
      answersOf: (jobId) => this.#answersOf(jobId),
    });
    this.#submissions = new Submissions(options, {
      queue: host.submissions,
      partyOf: (jobId, submission) => host.partyOf(jobId, submission),
      activeJobs() {
        const active = [...inferenceJobs(state), ...rowsJobs(state)].filter(isActive);
        // [CE12] A job in parts is one job, however many of them are here.
        const wholes = active.map((job) => [wholeIdOf(job.stored.jobId) ?? job.stored.jobId, partyOf(job)] as const);
        return countBy(new Map(wholes).values(), (party) => party);
      },
      activeParts: () => countBy(partsAtWork(state), partyOf),
      accept: (data) => {
        if (data.job.rows === true) this.#rows.workspaces.open(data);
        else workspaces.open(data);
        host.happen({ type: "jobSubmitted", job: data.job });
      },
      rowsAhead: (job) => rowsAhead(state, job),
      openRowsAhead: (job) => openRowsAhead(state, job),
      runsOnRows: () => state.settings.rowLedger,
      takeJobs: (jobIds) => host.takeJobs(jobIds),
      crowdFacts(modelSha256, submitter) {
        const takenBy = { jobId: "", submission: { kind: INFERENCE, submitter } };
        return crowdFactsOf(state, { nowMs: options.clock.nowMs(), modelSha256, besides: null, takenBy });
      },
      checksPrice: (job) => priceOf(state, job),
      streamPrice: (stream) => priceOfStream(state, stream),
      offersCrossChecks: (job) => priceOf(state, job) !== null,
      crossChecksStreams: () => state.settings.crossChecks !== "off",
      auditShareMax: () => state.settings.auditShareMax,
    });
    this.#redos = new RedoDesk({
      store: options.store,
      state,
      answersOf: (jobId) => this.#answersOf(jobId),
      resolve: (source) => this.#submissions.resolve(source),
      queries: (jobId, indices) => this.#looks.queries(jobId, indices),
      submit: (submission, jobId, redoOf) => this.#submissions.submit(submission, jobId, redoOf),
      begun: (jobId, laterId) => this.#ended.noteRedo(jobId, laterId),
    });
    this.#streams = new StreamDesk({
      state,
      happen: (happening) => host.happen(happening),
      workspace: (jobId) => workspaces.get(jobId) ?? this.#rows.workspaces.get(jobId),
      bytesRoom: (party) => host.submissions.bytesRoom(party),
    });
    this.#carryOut = new CarryOut(options, {
      state,
      workspaces,
      streams: this.#streams,
      takingsIn: (jobId) => this.#takingsIn(jobId),
      tell: ({ jobId, effectId }, outcome) => this.#tell(jobId, effectId, outcome),
    });
  }

  #tell(jobId: string, effectId: number, outcome: InferenceOutcome | RowsOutcome): void {
    this.#host.happen({ type: "outcome", kind: INFERENCE, jobId, effectId, outcome });
  }

  // --- from a submission to its end ---------------------------------------------------------------------------------

  submit(submission: InferenceSubmission, jobId?: string): Promise<JobSubmitted | ApiProblem> {
    return this.#submissions.submit(submission, jobId);
  }

  estimate(request: InferenceEstimateRequest, party = ""): Promise<InferenceEstimate | ApiProblem> {
    return this.#submissions.estimate(request, party);
  }

  async restored(record: JobRecord): Promise<RestoredInference | null> {
    const read = inferenceCodec.fromRecord(record);
    const { jobId } = read;
    const job = isEndedJob(read) ? read : withCoinKey(this.#underCap(read), this.#options.jobSecret);
    try {
      planInference(job);
      const { store } = this.#options;
      if (job.rows === true) return await this.#rows.restored(job);
      const rounds = await store.rounds(jobId);
      // Of a job that has ended they are read when its receipt is asked for.
      const contributions = isEndedJob(job) ? [] : await store.contributions(jobId);
      if (!isEndedJob(job)) await this.#workspaces.restore(job, rounds);
      return { job: this.#asPosted(job), rounds: rounds.map((round) => restoredRound(job, round)), contributions };
    } catch (error) {
      // One job that cannot be read is no reason not to start; it stays in the store as it is.
      this.#options.onProblem(`job ${jobId} cannot be read`, error);
      return null;
    }
  }

  /** What goes on may have done rounds under another cap, and its receipt says which was the least. */
  #underCap(job: StoredJob): StoredJob {
    if (job.auditShareLeast === undefined) return job;
    const { auditShareMax } = this.#host.state.settings;
    return { ...job, auditShareLeast: Math.min(job.auditShareLeast, auditShareMax) };
  }

  /** [SM2] What was posted to a stream is durable before its job says how much that is. */
  #asPosted(job: StoredJob): StoredJob {
    const workspace = this.#workspaces.get(job.jobId);
    return job.queriesSha256 !== null || workspace === null
      ? job
      : { ...job, queryCount: workspace.answers.queryCount };
  }

  /** In the order in which they ended: views of the earliest give way first. */
  async afterRestore(jobs: readonly RestoredInference[]): Promise<void> {
    const ended = jobs.map(({ job }) => job).filter(isEndedJob);
    for (const job of ended.sort((a, b) => (a.finishedMs ?? 0) - (b.finishedMs ?? 0))) await this.#rememberEnded(job);
  }

  async #rememberEnded(job: StoredJob): Promise<void> {
    try {
      await this.#ended.remember(job, this.#host.state);
    } catch (error) {
      this.#options.onProblem(`the answers of job ${job.jobId} cannot be read`, error);
    }
  }

  recall(record: JobRecord): Promise<void> {
    const [job, { state }] = [inferenceCodec.fromRecord(record), this.#host];
    return isEndedJob(record) ? this.#ended.recall(job, state) : this.#ended.recallUnbegun(job, state);
  }

  heldBytes(): Map<string, number> {
    return new Map([...this.#workspaces.heldBytes(), ...this.#rows.workspaces.heldBytes()]);
  }

  release(jobId: string): void {
    const { state } = this.#host;
    const workspace = this.#workspaces.get(jobId) ?? this.#rows.workspaces.get(jobId);
    this.#workspaces.release(jobId);
    this.#rows.release(jobId);
    const job = jobOnEither(state, jobId);
    if (job === undefined) return;
    if (job.stored.state !== "done") this.#options.executor.forget?.(jobId);
    if (workspace !== null) {
      const { answers } = workspace;
      const rounds = workspace.finishedRounds().length;
      const contributions = [...job.contributions.values()];
      const blocks = isRowsJob(job) ? blocksOpened(job) : [];
      this.#ended.rememberAnswers({ ...job.stored }, answers, rounds, contributions, state, blocks);
    }
    // Rounds that were not durable when a job failed or was cancelled are no part of it: its view is made without them.
    if (workspace === null || job.stored.state !== "done") void this.#rememberEnded({ ...job.stored });
  }

  close(): void {
    this.#carryOut.close();
    this.#rows.close();
    this.#streams.refuseAll("the coordinator is shutting down; post them again after its start");
    this.#watchers.close();
  }

  // --- effects ------------------------------------------------------------------------------------------------------

  work({ jobId, effectId, work }: WorkEffect): void {
    if (rowsJob(this.#host.state, jobId) !== undefined) return this.#rows.work(jobId, effectId, work as RowsWork);
    this.#carryOut.work({ jobId, effectId, ...(work as InferenceWork) } as InferenceEffect);
  }

  assignment(effect: SendEffect): Promise<Outgoing> {
    if (isClaim(effect.payload)) return claimAssignment(effect, this.#rows.workspaces);
    return batchAssignment(effect, this.#workspaces);
  }

  notSent({ jobId, effectId, assignmentId, roundIndex, payload }: SendEffect, message: string): void {
    if (isClaim(payload)) return this.#tell(jobId, effectId, { type: "claimNotSent", assignmentId, message });
    const { generation } = payload as Batch;
    this.#tell(jobId, effectId, { type: "encodeFailed", roundIndex, generation, message });
  }

  dropped({ jobId, roundIndex, assignmentId }: VoidEffect): void {
    this.#workspaces.get(jobId)?.dropResult(roundIndex, assignmentId);
    this.#rows.workspaces.get(jobId)?.dropClaim(assignmentId);
  }

  storeRecords(jobId: string, own: Own): StoreRecord[] {
    const record = own as InferenceRecord | RowsRecord;
    if (isRowsRecord(record)) return this.#rows.storeRecords(jobId, record);
    const workspace = this.#workspaces.get(jobId);
    switch (record.type) {
      case "contribution":
        return [{ kind: "contribution", contribution: record.contribution }];
      case "round":
        return workspace === null ? [] : [{ kind: "round", round: workspace.storedRound({ jobId, ...record }) }];
      case "piece": {
        const posted = workspace ?? this.#rows.workspaces.get(jobId);
        const piece = posted?.piece(record.firstQuery, record.queryCount);
        return piece === undefined ? [] : [{ kind: "piece", piece }];
      }
      case "job":
        return [
          ...this.#rows.storedWith(jobId, record),
          { kind: "job", job: inferenceCodec.toRecord(withoutCoinKey(record.job)) },
        ];
    }
  }

  /** What the last audits of a job made exact is so, whether its end is durable or not. [TB1] So is what was taken back (VF14). */
  *storedAhead(jobId: string, own: Own): Generator<StoreRecord, undefined> {
    const record = own as InferenceRecord;
    if (record.type !== "job" || (record.job.finishedMs === null && record.job.unchecked === null)) return;
    for (const round of this.#workspaces.get(jobId)?.changedRounds() ?? []) yield { kind: "round", round };
  }

  isDurable(jobId: string, _record: Own, stored: readonly StoreRecord[]): void {
    const workspace = this.#workspaces.get(jobId);
    for (const record of stored) if (record.kind === "round") workspace?.isStored(record.round);
    this.#rows.isDurable(jobId, stored);
  }

  partsSpent(): readonly string[] | null {
    const { state } = this.#host;
    const atWork = countBy(partsAtWork(state), partyOf);
    if (state.isStopping || heldInAll(atWork) >= PARTS_ACTIVE_MAX) return null;
    const hasRoom = (party: string) =>
      roomFor(party, PARTS_ACTIVE_MAX, atWork) > 0 && this.#host.submissions.bytesRoom(party) > 0;
    const spent = spentParts(state).filter((job) => hasRoom(partyOf(job)));
    return spent.map(({ stored }) => stored.jobId);
  }

  stepped(event: CoordinatorEvent, effects: readonly Effect[]): void {
    this.#watchers.stepped(event, effects);
  }

  // --- what people ask ----------------------------------------------------------------------------------------------

  view(jobId: string): InferenceJobView | null {
    const { state, timelines, durableRecords } = this.#host;
    const onRows = this.#rows.answersAtWork(jobId);
    if (onRows !== null) return rowsJobView(state, onRows);
    const [job, workspace] = [inferenceJob(state, jobId), this.#workspaces.get(jobId)];
    if (job === undefined || workspace === null) return this.#ended.view(jobId, state);
    const records = durableRecords.of(workspace.answers.sources.volunteers);
    return jobView(state, job, workspace, timelines.roundsDoneMs(jobId), records);
  }

  /** By its rounds: answers would have to be counted. Nobody knows how much will be posted to a stream. */
  glance(jobId: string): JobGlance | null {
    const { state } = this.#host;
    const onRows = this.#rows.answersAtWork(jobId);
    if (onRows !== null) return rowsGlance(state, onRows);
    const job = inferenceJob(state, jobId);
    if (job === undefined || this.#workspaces.get(jobId) === null) {
      const ended = this.#ended.view(jobId, state);
      if (ended === null) return null;
      const { queryCount, answersByMark } = ended;
      const progress = queryCount === 0 ? 1 : 1 - answersByMark.missing / queryCount;
      return { state: ended.state, progress, waitingFor: null };
    }
    const { stored, schedule, finishedRounds, toRedo } = job;
    const share = schedule.roundCount === 0 ? 0 : (finishedRounds.size - toRedo.size) / schedule.roundCount;
    return { state: stored.state, progress: stored.isOpen ? null : share, waitingFor: waitsOf(state, job).waitingFor };
  }

  forget(jobId: string): void {
    this.#ended.forget(jobId);
  }

  async receipt(jobId: string): Promise<ReceiptOfJob | "not-ended" | null> {
    const { state } = this.#host;
    const job = jobOnEither(state, jobId);
    if (job !== undefined && !isEndedJob(job.stored)) return "not-ended";
    const found = await this.#ended.answers(jobId);
    if (found === null) return null;
    // [CE11] A part that waits for a coordinator.
    if (!isEndedJob(found.job)) return "not-ended";
    return receiptOf(this.#options.store, state, found, await this.#looks.queriesSha256(found.job));
  }

  async receiptParts(jobId: string): Promise<SealedParts | null> {
    const found = await this.#ended.answers(jobId);
    if (found === null || !isEndedJob(found.job)) return null;
    const { state } = this.#host;
    const parts = await receiptParts(state, found, await this.#options.store.rounds(jobId));
    return found.job.rows === true ? rowReceiptParts(this.#options.store, found, parts) : parts;
  }

  timelineRounds(jobId: string): Promise<TimelineRound[] | null> {
    return this.#looks.timelineRounds(jobId);
  }

  async stop(jobId: string): Promise<boolean> {
    return this.#streams.close(jobId);
  }

  cancel(jobId: string): boolean {
    const job = jobOnEither(this.#host.state, jobId);
    if (job === undefined || !isActive(job) || job.stored.state === "finishing") return false;
    this.#host.happen({ type: "jobCancelled", jobId });
    return true;
  }

  goOnUnchecked(jobId: string): boolean {
    const job = jobOnEither(this.#host.state, jobId);
    if (job === undefined || job.stored.suspended === null || !mayEnd(job)) return false;
    const request: InferenceRequest = { type: "goOnUnchecked" };
    this.#host.happen({ type: "request", kind: INFERENCE, jobId, request });
    return true;
  }

  postQueries(jobId: string, queries: readonly PostedQuery[], at: number | null): Promise<QueriesPosted | ApiProblem> {
    return this.#streams.post(jobId, queries, at);
  }

  standing(jobId: string): Standing | null {
    const stored = jobOnEither(this.#host.state, jobId)?.stored;
    if (stored === undefined) return this.#ended.standing(jobId);
    const { state, queryCount, error, inputSize, inputs, submission } = stored;
    const finishedMs = state === "finishing" ? null : stored.finishedMs;
    const { completion } = submission;
    return { state, finishedMs, queryCount, error, inputSize, ...(inputs === undefined ? {} : { inputs }), completion };
  }

  watchAnswers(jobId: string, changed: () => void): () => void {
    return this.#watchers.watch(jobId, changed);
  }

  rounds(jobId: string): RoundView[] | null {
    const job = inferenceJob(this.#host.state, jobId);
    if (job !== undefined) return roundViews(job);
    return this.#ended.standing(jobId) === null ? null : [];
  }

  answers(jobId: string, offset: number, limit: number, only: AnswerFilter = "all"): Promise<AnswersPage | null> {
    return this.#looks.answers(jobId, offset, limit, only);
  }

  queries(jobId: string, indices: readonly number[]): Promise<NpyArray | null> {
    return this.#looks.queries(jobId, indices);
  }

  keptNames(jobId: string): Promise<Readable | null> {
    return this.#looks.names(jobId);
  }

  async allAnswers(jobId: string, isMerged = false): Promise<AllAnswers | null> {
    const found = await this.#answersOf(jobId);
    if (found === null) return null;
    return isMerged ? this.#redos.merged(found) : allAnswers(this.#host.state, found);
  }

  redo(jobId: string, which: RedoWhich, intake: RedoIntake): Promise<RedoStarted | ApiProblem> {
    return this.#redos.begin(jobId, which, intake);
  }

  async takings(jobId: string): Promise<CountedTaking[] | null> {
    const { state } = this.#host;
    const atWork = this.#answersAtWork(jobId);
    if (atWork !== null) return takingsIn(state, atWork);
    // Its listeners ask with every beat, and there may be many of them, of many jobs.
    const byNow = this.#ended.takings(jobId, state);
    if (byNow !== null) return byNow;
    const found = await this.#ended.answers(jobId);
    return found === null ? null : takingsIn(state, found);
  }

  async queriesTakenBack(jobId: string): Promise<ReadonlyMap<string, readonly number[]> | null> {
    const found = await this.#answersOf(jobId);
    return found === null ? null : queriesTakenBack(this.#host.state, found);
  }

  async answersTo(jobId: string, queries: readonly number[]): Promise<AnswerView[] | null> {
    const found = await this.#answersOf(jobId);
    return found === null ? null : answerViews(this.#host.state, found, queries);
  }

  async #answersOf(jobId: string): Promise<AnswersOfJob | null> {
    return this.#answersAtWork(jobId) ?? this.#ended.answers(jobId);
  }

  /** null: it is not at work. */
  #answersAtWork(jobId: string): AnswersOfJob | null {
    const onRows = this.#rows.answersAtWork(jobId);
    return onRows ?? answersOnRounds(this.#host, this.#workspaces.get(jobId), jobId);
  }

  /** [TB1] */
  #takingsIn(jobId: string): TakingOf {
    return takingsAtWork(this.#host.state, this.#answersAtWork(jobId));
  }
}

type ReceiptOfJob = Awaited<ReturnType<typeof receiptOf>>;
