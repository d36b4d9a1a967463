/**
 * Carries out what the coordinator decides: the queue of events, what is made durable, timers, tabs, and the desks of the kinds
 * of job, which know the rest.
 */
import { addTo } from "../../shared/control/shares.ts";
import { unreachable } from "../../shared/control/unreachable.ts";
import { JOB_FILTERS, type JobListPage, type JobListQuery } from "../../shared/kinds/job-list.ts";
import {
  type EstimateRequest,
  type JobEstimate,
  type JobView,
  type Receipt,
  type Submission,
  withoutGoneSettings,
} from "../../shared/kinds/kinds.ts";
import type { CrowdRange, SessionView, StatusView, VolunteerView } from "../../shared/protocol/crowd-api.ts";
import type { JobSubmitted } from "../../shared/protocol/job-api.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/limits.ts";
import type { JobTimeline } from "../../shared/protocol/timeline-api.ts";
import { whyNoTab } from "../../shared/protocol/why-no-tab.ts";
import type { KeyLink, SealedReceipt } from "../../shared/receipts/sealed-receipt.ts";
import type { SealedWhole } from "../../shared/receipts/whole-receipt.ts";
import { must } from "../coordinator/assert.ts";
import type { Effect } from "../coordinator/effects.ts";
import type { CoordinatorEvent, Happening, RestoredJob } from "../coordinator/events.ts";
import { partyOf } from "../coordinator/parties.ts";
import { ownLoad } from "../coordinator/pointing.ts";
import { type CoordinatorSettings, type CoordinatorState, initialState } from "../coordinator/state.ts";
import { seenTabs } from "../coordinator/tabs-seen.ts";
import { CORE_KINDS, step } from "../kinds/core-kinds.ts";
import { type DeskOptions, type Desks, openDesks, openTellers } from "../kinds/kinds.ts";
import type { ReceiptSigner } from "../receipts/receipt-keys.ts";
import type { NamedCells } from "../store/cell-lease.ts";
import { isPartToBegin } from "../store/job-record.ts";
import type { AccountRecord, CellBeat, FoundWhole, JobRecord, StoredVolunteer, StoredWhole } from "../store/store.ts";
import { volunteerCounts } from "../store/volunteer-counts.ts";
import type { ApiProblem, CoordinatorPort, Whereabouts } from "../web/coordinator-port.ts";
import { Timers } from "./clock.ts";
import { sessionViews, statusView, volunteerViews, whereaboutsOf } from "./crowd-views.ts";
import { DurableRecords } from "./durable-records.ts";
import { jobRowOf } from "./job-row.ts";
import { JobTimelines } from "./job-timelines.ts";
import { isEndedJob, keptJobs } from "./kept-jobs.ts";
import type { KindDesk } from "./kind-desk.ts";
import { ReceiptOffice } from "./receipt-office.ts";
import { NO_PARTS } from "./receipt-parts.ts";
import { RecordWriter } from "./record-writer.ts";
import { Releases } from "./releases.ts";
import { type StepSink, StepStream } from "./step-stream.ts";
import { SubmissionQueue } from "./submission-queue.ts";
import { TabDesk } from "./tab-desk.ts";
import { TakenJobs } from "./taken-jobs.ts";
import { whenQuiet } from "./when-quiet.ts";

export interface ShellOptions extends DeskOptions {
  /** Signs receipts, and makes the secrets that draws derive from; absent: simulations, whose receipts nobody keeps. */
  readonly receiptSigner?: ReceiptSigner;
  readonly buildHash: string;
  /** [CE7] See TabDesk. */
  readonly tokenMark?: string;
  /** See TabDeskOptions. */
  readonly placingKey?: string;
  readonly faultsAllowed: boolean;
  /** See Config. */
  readonly trustLoopback?: boolean;
  readonly operatedBy?: string | null;
  readonly settings?: CoordinatorSettings;
  /** [DP2] With whom a job takes turns as one; null, or absent: with those of its submitter. */
  readonly partyOf?: (jobId: string) => string | null;
  /** Who keeps a record of what is decided, beside the pictures that the pages show. */
  readonly sinks?: readonly StepSink[];
}

export class CoordinatorShell implements CoordinatorPort {
  readonly state: CoordinatorState;
  readonly desks: Desks;
  readonly #desks: readonly KindDesk[];
  readonly #deskByKind: ReadonlyMap<string, KindDesk>;
  readonly #options: ShellOptions;
  readonly #queue: CoordinatorEvent[] = [];
  #isDraining = false;
  #isClosed = false;
  readonly tabs: TabDesk;
  readonly #timers: Timers;
  readonly #durableRecords = new DurableRecords();
  readonly #timelines: JobTimelines;
  readonly #stream: StepStream;
  readonly #submissions = new SubmissionQueue(() => this.#heldBytes());
  readonly #taken: TakenJobs;
  readonly #releases: Releases;
  readonly #writer: RecordWriter;
  readonly receipts: ReceiptOffice | null;

  constructor(options: ShellOptions) {
    this.#options = options;
    this.state = initialState(options.settings);
    const happen = (happening: Happening) => this.#happen(happening);
    const desk = (kind: string) => this.#deskOf(kind);
    const tellers = openTellers();
    this.#timers = new Timers(options.clock);
    const { clock, onProblem } = options;
    const isAtWork = (jobId: string) => this.state.jobsAtWork.has(jobId);
    this.#taken = new TakenJobs({ clock, isAtWork, begin: (jobIds) => this.#begin(jobIds), onProblem });
    this.#releases = new Releases(this.state, happen);
    const { receiptSigner: signer } = options;
    this.receipts =
      signer === undefined
        ? null
        : new ReceiptOffice({
            ...{ ...options, signer, state: this.state },
            receipt: (jobId) => this.receipt(jobId),
            parts: async (jobId) =>
              (await this.#firstOf(async (desk) => (await desk.receiptParts?.(jobId)) ?? null)) ?? NO_PARTS,
          });
    const volunteerDurable = (volunteer: StoredVolunteer) => {
      this.#durableRecords.note(volunteer);
      this.receipts?.volunteerChanged(volunteer);
    };
    this.#writer = new RecordWriter({ ...options, volunteerDurable, happen, desk });
    this.#timelines = new JobTimelines(this.state, tellers);
    this.#stream = new StepStream(this.state, tellers, [this.#timelines, ...(options.sinks ?? [])]);
    this.tabs = new TabDesk(options, { state: this.state, happen, desk });
    const jobSecret = signer && { jobSecret: (jobId: string) => signer.jobSecret(jobId) };
    this.desks = openDesks(
      { ...options, ...jobSecret },
      {
        state: this.state,
        submissions: this.#submissions,
        timelines: this.#timelines,
        durableRecords: this.#durableRecords,
        happen: (happening) => happen(this.#withParty(happening)),
        shorten: (sessionId, assignmentId, rowCount) => this.tabs.shorten(sessionId, assignmentId, rowCount),
        takeJobs: (jobIds) => this.takeJobs(jobIds),
        partyOf: (jobId, { submitter }) => this.#options.partyOf?.(jobId) ?? submitter,
      },
    );
    this.#desks = Object.values(this.desks);
    this.#deskByKind = new Map(Object.entries(this.desks));
  }

  #deskOf(kind: string): KindDesk {
    return must(this.#deskByKind.get(kind), `JB5: expected a kind of job that there is, got ${kind}`);
  }

  /**
   * Reads what is durable and goes on with it. Call it once, before any tab or submitter is let in.
   * @param own of jobs at work those that are this coordinator's, of several on one database; null: all are
   */
  async restore(own: ReadonlySet<string> | null = null): Promise<void> {
    const { store } = this.#options;
    const isOwn = (record: JobRecord) => own === null || isEndedJob(record) || own.has(record.jobId);
    const { jobs, ofDesks } = await this.#readJobs(keptJobs((await store.jobs()).filter(isOwn)));
    const stored = await store.volunteers();
    // [CE4] What came before this life counts as somebody else's.
    const volunteers =
      own === null ? stored : stored.map((volunteer) => ({ ...volunteer, elsewhere: volunteerCounts(volunteer) }));
    for (const volunteer of volunteers) this.#durableRecords.note(volunteer);
    const accounts = (await store.accounts()).map(({ accountKey: key, ...account }) => ({ key, account }));
    this.#happen({ type: "restored", jobs, volunteers, crowd: await store.crowd(), accounts });
    for (const [desk, itsJobs] of ofDesks) await desk.afterRestore?.(itsJobs);
    await this.receipts?.open();
  }

  /** @param records in the order in which they were submitted, as they were before */
  async #readJobs(records: readonly JobRecord[]) {
    const ofDesks = new Map<KindDesk, RestoredJob[]>();
    const jobs: RestoredJob[] = [];
    for (const record of records) {
      const desk = this.#deskOf(record.kind);
      const job = await desk.restored(record);
      if (job === null) continue;
      jobs.push(job);
      const ofDesk = ofDesks.get(desk) ?? [];
      ofDesk.push(job);
      ofDesks.set(desk, ofDesk);
    }
    return { jobs, ofDesks };
  }

  /**
   * [CE3] [CE11] Goes on with jobs that another coordinator has left, or that are new in the store. What cannot be begun now is tried again: this rejects
   * never.
   */
  takeJobs(jobIds: readonly string[]): Promise<void> {
    return this.#taken.take(jobIds);
  }

  async #begin(jobIds: readonly string[]): Promise<string[]> {
    const { store } = this.#options;
    const records = (await Promise.all(jobIds.map((jobId) => store.job(jobId))))
      .filter((record) => record !== null)
      // It may have ended since it was looked for.
      .filter((record) => !isEndedJob(record))
      .sort((a, b) => a.submittedMs - b.submittedMs);
    const { jobs, ofDesks } = await this.#readJobs(records);
    const unread = records.map(({ jobId }) => jobId).filter((jobId) => !jobs.some(({ job }) => job.jobId === jobId));
    if (jobs.length === 0) return unread;
    for (const volunteer of await store.volunteers()) this.#durableRecords.note(volunteer);
    this.#happen({ type: "jobsTaken", jobs });
    for (const [desk, itsJobs] of ofDesks) await desk.afterRestore?.(itsJobs);
    return unread;
  }

  /** [CE4] @param volunteers with what others alone have counted of them */
  hearOfVolunteers(volunteers: readonly StoredVolunteer[]): void {
    if (volunteers.length > 0) this.#happen({ type: "volunteersElsewhere", volunteers });
  }

  /** [CK2] @param accounts with what others have booked on them since this coordinator began */
  hearOfAccounts(accounts: readonly AccountRecord[]): void {
    if (accounts.length === 0) return;
    const news = accounts.map(({ accountKey: key, ...account }) => ({ key, account }));
    this.#happen({ type: "accountsElsewhere", accounts: news });
  }

  /**
   * Sends nothing new out, and resolves when what tabs have in hand has come in, was checked and is durable; or at untilMs:
   * what is missing then begins anew after the next start.
   * @returns whether everything came in
   */
  drain(untilMs: number): Promise<boolean> {
    this.#happen({ type: "stopping" });
    return whenQuiet(this.state, this.#options.clock, untilMs);
  }

  /** Nothing is applied any more: what is durable is what the next start goes on with. */
  close(): void {
    this.#isClosed = true;
    this.#timers.clearAll();
    this.#taken.close();
    this.#submissions.refuseAll("the coordinator is shutting down");
    for (const desk of this.#desks) desk.close();
    this.receipts?.close();
    this.#releases.refuseAll(
      "the coordinator is shutting down; look whether the volunteer is released after its start",
    );
    this.tabs.refuseAll("The coordinator restarts. This tab comes back by itself.");
  }

  // --- events -----------------------------------------------------------------------------------------------------

  /** Of jobs at work, by whose they are. */
  #heldBytes(): Map<string, number> {
    const held = new Map<string, number>();
    for (const desk of this.#desks)
      for (const [jobId, bytes] of desk.heldBytes()) {
        const job = this.state.jobs.get(jobId);
        if (job !== undefined) addTo(held, partyOf(job), bytes);
      }
    return held;
  }

  #withParty(happening: Happening): Happening {
    if (happening.type !== "jobSubmitted") return happening;
    const party = this.#options.partyOf?.(happening.job.jobId) ?? null;
    return party === null ? happening : { ...happening, party };
  }

  #happen(happening: Happening): void {
    if (this.#isClosed) return;
    this.#queue.push({ atMs: this.#options.clock.nowMs(), ...happening } as CoordinatorEvent);
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) {
        this.#stream.begins(event);
        const effects = step(this.state, event);
        this.#stream.stepped(event, effects);
        for (const effect of effects) this.#carryOut(effect);
        for (const desk of this.#desks) desk.stepped?.(event, effects);
      }
    } finally {
      this.#isDraining = false;
    }
  }

  // --- effects ----------------------------------------------------------------------------------------------------

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case "persist":
        return this.#writer.persist(effect.effectId, effect.records);
      case "answerSubmission":
        return this.#submissions.answer(effect.jobId, effect.problem);
      case "answerRelease":
        return this.#releases.answer(effect.volunteerId);
      case "sendProbe":
        return this.tabs.sendProbe(effect.sessionId);
      case "sendAssignment":
        return void this.tabs.sendAssignment(effect);
      case "voidAssignment":
        return this.tabs.voidAssignment(effect);
      case "work":
        return this.#deskOf(effect.kind).work(effect);
      case "releaseJob":
        this.#deskOf(effect.kind).release(effect.jobId);
        return this.receipts?.ended(effect.jobId);
      case "credit":
        return this.tabs.linkOf(effect.sessionId)?.credit({ macs: effect.macs, assignments: effect.assignments });
      case "tellUnfit": {
        const { jobName, message, modelSha256, backend } = effect;
        return this.tabs.linkOf(effect.sessionId)?.unfit({ jobName, message, modelSha256, backend });
      }
      case "closeSession": {
        const { sessionId, code, message, cell } = effect;
        return this.tabs.linkOf(sessionId)?.refused({ code, message, ...(cell === undefined ? {} : { cell }) });
      }
      case "setTimer": {
        const { timerId, atMs } = effect;
        return this.#timers.set(timerId, atMs, () => this.#happen({ type: "timerFired", timerId }));
      }
      case "clearTimer":
        return this.#timers.clear(effect.timerId);
      default:
        return unreachable("CoordinatorShell: no such effect", effect);
    }
  }

  /** [CE8] What this coordinator tells others of itself. */
  load(): Required<CellBeat> {
    return ownLoad(this.state);
  }

  /** [CE11] Parts here that have hardly anything left to send out; null: this coordinator takes no more of those that wait. */
  partsSpent(): readonly string[] | null {
    return this.desks.inference.partsSpent();
  }

  hearOfCells({ own, cells }: NamedCells): void {
    this.#happen({ type: "cellsLooked", own, cells });
  }

  // --- what submitters ask ------------------------------------------------------------------------------------------

  submit(submission: Submission, jobId?: string): Promise<JobSubmitted | ApiProblem> {
    return this.#deskOf(submission.kind).submit(submission, jobId);
  }

  estimate(request: EstimateRequest, party?: string): Promise<JobEstimate | ApiProblem> {
    return this.#deskOf(request.kind).estimate(request, party);
  }

  async stop(jobId: string): Promise<boolean> {
    for (const desk of this.#desks) if (await desk.stop(jobId)) return true;
    return false;
  }

  async cancel(jobId: string): Promise<boolean> {
    return this.#desks.some((desk) => desk.cancel(jobId));
  }

  jobView(jobId: string): JobView | null {
    for (const desk of this.#desks) {
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

  async jobList({ show, search, offset, limit }: JobListQuery, among: readonly string[] | null): Promise<JobListPage> {
    const states = JOB_FILTERS[show];
    const { matching, jobs } = await this.#options.store.jobList({ states, search, among, offset, limit });
    return { matching, offset, jobs: jobs.map((job) => jobRowOf(job, this.#deskOf(job.kind).glance(job.jobId))) };
  }

  async submission(jobId: string): Promise<Submission | null> {
    const { store } = this.#options;
    const asked = (await store.job(jobId))?.data.submission ?? (await store.whole(jobId))?.submission;
    return asked === undefined ? null : withoutGoneSettings(asked as Submission);
  }

  /** [JB8] First where it lasts: a crash in between leaves a job that is gone, not one that comes back. */
  async deleteJob(jobId: string): Promise<"deleted" | "not-ended" | "unknown"> {
    const view = this.jobView(jobId);
    if (view === null) return "unknown";
    if (view.finishedMs === null) return "not-ended";
    await this.#options.store.deleteJob(jobId);
    this.#happen({ type: "jobDeleted", jobId });
    for (const desk of this.#desks) desk.forget(jobId);
    this.#timelines.forget(jobId);
    return "deleted";
  }

  /** [JB6] All that ended is in the store; the latest are at hand. */
  async recall(jobId: string): Promise<void> {
    const view = this.jobView(jobId);
    // What was read while it waited for a coordinator may have begun at another one since.
    if (view !== null && (view.finishedMs !== null || this.state.jobs.has(jobId))) return;
    const record = await this.#options.store.job(jobId);
    if (record !== null && (isEndedJob(record) || isPartToBegin(record)))
      await this.#deskOf(record.kind).recall(record);
  }

  receipt(jobId: string): Promise<Receipt | "not-ended" | null> {
    return this.#firstOf((desk) => desk.receipt(jobId));
  }

  async sealedReceipt(jobId: string): Promise<SealedReceipt | "unsigned" | "not-ended" | null> {
    if (this.receipts !== null) return this.receipts.sealed(jobId);
    return (await this.receipt(jobId)) === null ? null : "unsigned";
  }

  async whole(jobId: string): Promise<FoundWhole | null> {
    // What is at hand is in one piece, or a part.
    return this.state.jobs.has(jobId) ? null : this.#options.store.whole(jobId);
  }

  deleteWhole(wholeId: string): Promise<void> {
    return this.#options.store.deleteWhole(wholeId);
  }

  async sealedWhole(whole: StoredWhole, parts: readonly SealedReceipt[]): Promise<SealedWhole | "unsigned"> {
    return (await this.receipts?.signedWhole(whole, parts)) ?? "unsigned";
  }

  async receiptFile(jobId: string, name: string): Promise<Uint8Array | null> {
    return (await this.receipts?.file(jobId, name)) ?? null;
  }

  async receiptKeys(): Promise<KeyLink[]> {
    return (await this.receipts?.keys()) ?? [];
  }

  async timeline(jobId: string): Promise<JobTimeline | null> {
    const kept = this.#timelines.timeline(jobId, this.#options.clock.nowMs());
    const rounds = await this.#firstOf((desk) => desk.timelineRounds(jobId));
    return rounds === null ? null : { ...kept, rounds };
  }

  /** What the desk says whose job it is; null: it is nobody's. */
  async #firstOf<Answer>(ask: (desk: KindDesk) => Promise<Answer | null>): Promise<Answer | null> {
    for (const desk of this.#desks) {
      const answer = await ask(desk);
      if (answer !== null) return answer;
    }
    return null;
  }

  // --- the crowd ----------------------------------------------------------------------------------------------------

  sessions(page?: CrowdRange): SessionView[] {
    return sessionViews(this.state, page);
  }

  tabsAtHand(): number {
    const { standings } = this.state.crowd;
    return standings.count("working") + standings.count("idle") + standings.count("resting");
  }

  whyNoTab(): string | null {
    return whyNoTab(seenTabs(this.state));
  }

  whereabouts(volunteerId: string): Whereabouts | null {
    return whereaboutsOf(this.state, volunteerId);
  }

  volunteers(page?: CrowdRange, isNamed = false): VolunteerView[] {
    return volunteerViews(this.state, page, isNamed);
  }

  release(volunteerId: string, reason: string): Promise<VolunteerView | ApiProblem> {
    return this.#releases.release(volunteerId, reason);
  }

  releaseNamedBy(jobId: string, reason: string): Promise<VolunteerView[] | ApiProblem> {
    return this.#releases.releaseNamedBy(jobId, reason);
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
