/** Inference jobs in the shell: submissions and streams, claims on their way to tabs, answers while they run and after. */
import type { Readable } from "node:stream";
import { countBy, heldInAll, roomFor } from "../../../shared/control/shares.ts";
import type { AnswerFilter, AnswersPage, AnswerView } from "../../../shared/kinds/inference/answers.ts";
import type { InferenceEstimate, InferenceEstimateRequest } from "../../../shared/kinds/inference/estimate.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
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
import { sha256Hex } from "../../sha256-hex.ts";
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
import { begunAgain } from "./begun-again.ts";
import { coinKeyOf, withCoinKey, withoutCoinKey } from "./coin-keys.ts";
import { crowdFactsOf } from "./core/crowd-facts.ts";
import { planInference } from "./core/inference-plan.ts";
import { partsAtWork, spentParts } from "./core/spent-parts.ts";
import type { CountedTaking } from "./core/taken-back.ts";
import { INFERENCE, type InferenceRecord, type InferenceRequest, type RestoredInference } from "./core/work.ts";
import { EndedJobs } from "./ended-jobs.ts";
import { JobLooks } from "./job-looks.ts";
import type { AllAnswers, InferencePort, PostedQuery, RedoIntake, Standing } from "./port.ts";
import { receiptOf } from "./receipt.ts";
import { receiptParts } from "./receipt-parts.ts";
import { inferenceCodec, type StoredJob } from "./records.ts";
import { RedoDesk } from "./redo-desk.ts";
import { claimAssignment } from "./rows/claim-assignments.ts";
import { blocksOpened } from "./rows/core/job-blocks.ts";
import { rowsJob, rowsJobs } from "./rows/core/rows-job.ts";
import type { TakingAt } from "./rows/engine/row-answers.ts";
import { isRowsRecord, type PrepareFailed, RowDesk, type RowDeskOptions } from "./rows/row-desk.ts";
import { rowReceiptParts } from "./rows/row-receipt.ts";
import { rowsGlance, rowsJobView } from "./rows/row-view.ts";
import { openRowsAhead } from "./rows/told/open-rows-ahead.ts";
import { checksAhead, rowsAhead } from "./rows/told/rows-ahead.ts";
import type { RowsOutcome, RowsRecord, RowsWork } from "./rows/work.ts";
import { StreamDesk } from "./stream-desk.ts";
import { type SubmissionOptions, Submissions } from "./submissions.ts";
import {
  type AnswersOfJob,
  allAnswers,
  answerViews,
  queriesTakenBack,
  takingsByDoubt,
  takingsIn,
  takingsOf,
} from "./views.ts";

export interface InferenceDeskOptions extends SubmissionOptions, RowDeskOptions {}

export class InferenceDesk implements KindDesk, InferencePort {
  readonly #options: InferenceDeskOptions;
  readonly #host: DeskHost;
  readonly #submissions: Submissions;
  readonly #streams: StreamDesk;
  readonly #rows: RowDesk;
  readonly #ended: EndedJobs;
  readonly #looks: JobLooks;
  readonly #redos: RedoDesk;
  readonly #watchers = new AnswerWatchers();

  constructor(options: InferenceDeskOptions, host: DeskHost) {
    this.#options = options;
    this.#host = host;
    const { state } = host;
    this.#rows = new RowDesk(options, {
      ...{ state, durableRecords: host.durableRecords, clock: options.clock },
      takingsIn: (jobId) => this.#takingsIn(jobId),
      shorten: host.shorten,
      tell: (jobId, effectId, outcome) => this.#tell(jobId, effectId, outcome),
      answerStream: (answer) => this.#streams.answer(answer),
    });
    this.#ended = new EndedJobs(options.store);
    this.#looks = new JobLooks(options.store, state, host.timelines, {
      workspace: (jobId) => this.#rows.workspaces.get(jobId),
      answersOf: (jobId) => this.#answersOf(jobId),
    });
    this.#submissions = new Submissions(options, {
      queue: host.submissions,
      partyOf: (jobId, submission) => host.partyOf(jobId, submission),
      activeJobs() {
        const active = rowsJobs(state).filter(isActive);
        // [CE12] A job in parts is one job, however many of them are here.
        const wholes = active.map((job) => [wholeIdOf(job.stored.jobId) ?? job.stored.jobId, partyOf(job)] as const);
        return countBy(new Map(wholes).values(), (party) => party);
      },
      activeParts: () => countBy(partsAtWork(state), partyOf),
      accept: (data) => {
        this.#rows.workspaces.open(data);
        host.happen({ type: "jobSubmitted", job: data.job });
      },
      rowsAhead: (job) => rowsAhead(state, job),
      checksAhead: (job) => checksAhead(state, job),
      openRowsAhead: (job) => openRowsAhead(state, job),
      takeJobs: (jobIds) => host.takeJobs(jobIds),
      crowdFacts(modelSha256, submitter) {
        const takenBy = { jobId: "", submission: { kind: INFERENCE, submitter } };
        return crowdFactsOf(state, { nowMs: options.clock.nowMs(), modelSha256, besides: null, takenBy });
      },
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
      workspace: (jobId) => this.#rows.workspaces.get(jobId),
      bytesRoom: (party) => host.submissions.bytesRoom(party),
    });
  }

  #tell(jobId: string, effectId: number, outcome: RowsOutcome | PrepareFailed): void {
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
      const isInRounds = !isEndedJob(job) && job.rows !== true;
      return await this.#rows.restored(isInRounds ? begunAgain(job, this.#newCoinKey(job)) : job);
    } catch (error) {
      // One job that cannot be read is no reason not to start; it stays in the store as it is.
      this.#options.onProblem(`job ${jobId} cannot be read`, error);
      return null;
    }
  }

  #newCoinKey(job: StoredJob): string {
    const { jobSecret, makeToken } = this.#options;
    return coinKeyOf(job, jobSecret) ?? sha256Hex(makeToken());
  }

  /** What goes on may have been computed under another cap, and its receipt says which was the least. */
  #underCap(job: StoredJob): StoredJob {
    if (job.auditShareLeast === undefined) return job;
    const { auditShareMax } = this.#host.state.settings;
    return { ...job, auditShareLeast: Math.min(job.auditShareLeast, auditShareMax) };
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
    return new Map(this.#rows.workspaces.heldBytes());
  }

  release(jobId: string): void {
    const { state } = this.#host;
    const workspace = this.#rows.workspaces.get(jobId);
    this.#rows.release(jobId);
    const job = rowsJob(state, jobId);
    if (job === undefined) return;
    if (job.stored.state !== "done") this.#options.executor.forget?.(jobId);
    if (workspace !== null) {
      const { answers } = workspace;
      const contributions = [...job.contributions.values()];
      this.#ended.rememberAnswers({ ...job.stored }, answers, contributions, state, blocksOpened(job));
    }
    // Answers that were not durable when a job failed or was cancelled are no part of it: its view is made without them.
    if (workspace === null || job.stored.state !== "done") void this.#rememberEnded({ ...job.stored });
  }

  close(): void {
    this.#rows.close();
    this.#streams.refuseAll("the coordinator is shutting down; post them again after its start");
    this.#watchers.close();
  }

  // --- effects ------------------------------------------------------------------------------------------------------

  work({ jobId, effectId, work }: WorkEffect): void {
    this.#rows.work(jobId, effectId, work as RowsWork);
  }

  assignment(effect: SendEffect): Promise<Outgoing> {
    return claimAssignment(effect, this.#rows.workspaces);
  }

  notSent({ jobId, effectId, assignmentId }: SendEffect, message: string): void {
    this.#tell(jobId, effectId, { type: "claimNotSent", assignmentId, message });
  }

  dropped({ jobId, assignmentId }: VoidEffect): void {
    this.#rows.workspaces.get(jobId)?.dropClaim(assignmentId);
  }

  storeRecords(jobId: string, own: Own): StoreRecord[] {
    const record = own as InferenceRecord | RowsRecord;
    if (isRowsRecord(record)) return this.#rows.storeRecords(jobId, record);
    switch (record.type) {
      case "contribution":
        return [{ kind: "contribution", contribution: record.contribution }];
      case "piece": {
        const piece = this.#rows.workspaces.get(jobId)?.piece(record.firstQuery, record.queryCount);
        return piece === undefined ? [] : [{ kind: "piece", piece }];
      }
      case "job":
        return [
          ...this.#rows.storedWith(jobId, record),
          { kind: "job", job: inferenceCodec.toRecord(withoutCoinKey(record.job)) },
        ];
    }
  }

  isDurable(jobId: string, _record: Own, stored: readonly StoreRecord[]): void {
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
    const { state } = this.#host;
    const onRows = this.#rows.answersAtWork(jobId);
    if (onRows !== null) return rowsJobView(state, onRows);
    return this.#ended.view(jobId, state);
  }

  /** Nobody knows how much will be posted to a stream. */
  glance(jobId: string): JobGlance | null {
    const { state } = this.#host;
    const onRows = this.#rows.answersAtWork(jobId);
    if (onRows !== null) return rowsGlance(state, onRows);
    const ended = this.#ended.view(jobId, state);
    if (ended === null) return null;
    const { queryCount, answersByMark } = ended;
    const progress = queryCount === 0 ? 1 : 1 - answersByMark.missing / queryCount;
    return { state: ended.state, progress, waitingFor: null };
  }

  forget(jobId: string): void {
    this.#ended.forget(jobId);
  }

  async receipt(jobId: string): Promise<ReceiptOfJob | "not-ended" | null> {
    const { state } = this.#host;
    const job = rowsJob(state, jobId);
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
    const { store } = this.#options;
    const isOnRows = found.job.rows === true;
    // Rounds of an earlier version lie there still where a job was begun again.
    const parts = await receiptParts(state, found, isOnRows ? [] : await store.rounds(jobId));
    return isOnRows ? rowReceiptParts(store, found, parts) : parts;
  }

  timelineRounds(jobId: string): Promise<TimelineRound[] | null> {
    return this.#looks.timelineRounds(jobId);
  }

  async stop(jobId: string): Promise<boolean> {
    return this.#streams.close(jobId);
  }

  cancel(jobId: string): boolean {
    const job = rowsJob(this.#host.state, jobId);
    if (job === undefined || !isActive(job) || job.stored.state === "finishing") return false;
    this.#host.happen({ type: "jobCancelled", jobId });
    return true;
  }

  goOnUnchecked(jobId: string): boolean {
    const job = rowsJob(this.#host.state, jobId);
    if (job === undefined || job.stored.suspended === null || !mayEnd(job)) return false;
    const request: InferenceRequest = { type: "goOnUnchecked" };
    this.#host.happen({ type: "request", kind: INFERENCE, jobId, request });
    return true;
  }

  postQueries(jobId: string, queries: readonly PostedQuery[], at: number | null): Promise<QueriesPosted | ApiProblem> {
    return this.#streams.post(jobId, queries, at);
  }

  standing(jobId: string): Standing | null {
    const stored = rowsJob(this.#host.state, jobId)?.stored;
    if (stored === undefined) return this.#ended.standing(jobId);
    const { state, queryCount, error, inputSize, inputs, submission } = stored;
    const finishedMs = state === "finishing" ? null : stored.finishedMs;
    const { completion } = submission;
    return { state, finishedMs, queryCount, error, inputSize, ...(inputs === undefined ? {} : { inputs }), completion };
  }

  watchAnswers(jobId: string, changed: () => void): () => void {
    return this.#watchers.watch(jobId, changed);
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
    const atWork = this.#rows.answersAtWork(jobId);
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
    return this.#rows.answersAtWork(jobId) ?? this.#ended.answers(jobId);
  }

  /** [TB1] What takes back the `final` of answers of a job that is at work, as they stand; of any other nothing does. */
  #takingsIn(jobId: string): TakingAt {
    const found = this.#rows.answersAtWork(jobId);
    if (found === null) return () => null;
    const { state } = this.#host;
    const { unchecked } = found.job;
    const takingOf = unchecked === null ? takingsOf(state, found) : takingsByDoubt(state, found, unchecked);
    return (query, kind = found.answers.kinds.kindOf(query)) => takingOf(kind);
  }
}

type ReceiptOfJob = Awaited<ReturnType<typeof receiptOf>>;
