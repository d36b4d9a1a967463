/** A coordinator that decides nothing and records what it is told: for the tests of this folder. */

import type { AnswerFilter } from "../../../shared/kinds/inference/answers.ts";
import type { InferenceReceipt } from "../../../shared/kinds/inference/receipt.ts";
import type { QueriesPosted } from "../../../shared/kinds/inference/stream.ts";
import { inferenceViewOf } from "../../../shared/kinds/inference/testing/inference-view.ts";
import type { JobListPage, JobListQuery } from "../../../shared/kinds/job-list.ts";
import type { JobEstimate, JobView, Submission } from "../../../shared/kinds/kinds.ts";
import type { RegressionEvaluation } from "../../../shared/kinds/regression/evaluation.ts";
import type { RegressionJobView } from "../../../shared/kinds/regression/job-view.ts";
import type { RegressionReceipt } from "../../../shared/kinds/regression/receipt.ts";
import type { TableModel } from "../../../shared/kinds/regression/table-model.ts";
import type { CrowdRange, SessionView, StatusView, VolunteerView } from "../../../shared/protocol/crowd-api.ts";
import type {
  Failed,
  ModelBackend,
  Result,
  ResultAck,
  Returned,
  Slice,
  WorkChoice,
} from "../../../shared/protocol/messages.ts";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import type { JobTimeline } from "../../../shared/protocol/timeline-api.ts";
import type { AwayReason } from "../../../shared/protocol/why-no-tab.ts";
import type { AllAnswers, InferencePort, PostedQuery } from "../../kinds/inference/port.ts";
import type { KindPorts } from "../../kinds/kinds.ts";
import type { MatmulProduct } from "../../kinds/matmul/port.ts";
import type { RegressionWeights } from "../../kinds/regression/port.ts";
import type {
  ApiProblem,
  CoordinatorPort,
  OpenedSession,
  TabLink,
  TabsPort,
  Whereabouts,
} from "../coordinator-port.ts";
import type { DeskPort } from "../kind-routes.ts";
import { estimateOf, historyOf, regressionViewOf } from "./recorded-regression.ts";

export class RecordingPort implements DeskPort, InferencePort, TabsPort {
  readonly tabs: TabsPort = this;
  readonly desks: KindPorts = {
    inference: this,
    regression: {
      history: (jobId) => (jobId.startsWith("regression-") ? historyOf() : null),
      columns: (jobId) => (jobId.startsWith("regression-") ? { columns: 3, columnNames: this.columnNames } : null),
      weights: async (jobId) => (jobId.startsWith("regression-") ? this.weights : null),
      tableModel: async () => this.table,
      exportedModel: async () => this.table && new Uint8Array([8, 9]),
      predict: async (jobId, rows, form) => {
        this.calls.push(["predict", jobId, rows, form]);
        return this.predictReply;
      },
      evaluation: async () => this.evaluation,
    },
    matmul: { product: async (jobId) => (jobId.startsWith("matmul-") ? this.product : null) },
  };
  readonly calls: unknown[] = [];
  readonly links = new Map<string, TabLink>();
  readonly blobs = new Map<
    string,
    { token: string; kind: "model" | "input"; bytes: Uint8Array; giveBack?: () => void }
  >();
  submitReply: { jobId: string; invitations?: string[] } | ApiProblem = { jobId: "job-1" };
  estimateReply: JobEstimate | ApiProblem = estimateOf();
  /** The jobs regression-1, which runs, and regression-ended. */
  regressionChanges: Partial<RegressionJobView> = {};
  stops = true;
  weights: RegressionWeights | null = null;
  columnNames: string[] | null = null;
  /** Of the job matmul-1. */
  product: MatmulProduct | null = null;
  table: TableModel | null = null;
  predictReply: Uint8Array<ArrayBuffer> | ApiProblem | null = null;
  evaluation: RegressionEvaluation | null = null;
  regressionReceipt: RegressionReceipt | null = null;
  resultReply: ResultAck = { verdict: "received" };
  resultBytes: number | null = 1000;
  uploadVerdict: "received" | "stale" | "malformed" = "received";
  answersOfJob1: AllAnswers | null = null;
  receiptOfJob1: InferenceReceipt | "not-ended" = "not-ended";
  onSessionOpened: (session: OpenedSession, link: TabLink) => void = (session, link) =>
    link.welcome({
      sessionId: session.sessionId,
      volunteerId: session.volunteerId,
      credit: { macs: 0, assignments: 0 },
    });

  async submit(submission: unknown, _jobId?: string): ReturnType<CoordinatorPort["submit"]> {
    this.calls.push(["submit", submission]);
    return this.submitReply;
  }
  async cancel(jobId: string) {
    this.calls.push(["cancel", jobId]);
    return jobId === "job-1";
  }
  async estimate(submission: Parameters<CoordinatorPort["estimate"]>[0]) {
    this.calls.push(["estimate", submission]);
    return this.estimateReply;
  }
  async stop(jobId: string) {
    this.calls.push(["stop", jobId]);
    return this.stops;
  }
  standing(jobId: string): ReturnType<InferencePort["standing"]> {
    const view = this.jobView(jobId);
    return view?.kind === "inference" ? { ...view, inputSize: 4 } : null;
  }
  postReply: QueriesPosted | ApiProblem = { firstIndex: 0, taken: 1, queryCount: 1, refused: [], refusedCount: 0 };
  async postQueries(jobId: string, queries: readonly PostedQuery[], at: number | null) {
    this.calls.push(["postQueries", jobId, queries, at]);
    return this.postReply;
  }
  isSuspended = true;
  goOnUnchecked(jobId: string) {
    this.calls.push(["goOnUnchecked", jobId]);
    return this.isSuspended;
  }
  watchAnswers() {
    return () => {};
  }
  async sealedReceipt(jobId: string) {
    if (jobId !== "job-1") return null;
    return this.receiptOfJob1 === "not-ended" ? ("not-ended" as const) : "unsigned";
  }

  async receiptFile(): Promise<null> {
    return null;
  }

  async receiptKeys(): Promise<[]> {
    return [];
  }

  async receipt(jobId: string) {
    if (jobId === "regression-1") return "not-ended" as const;
    if (jobId === "regression-ended") return this.regressionReceipt;
    return jobId === "job-1" ? this.receiptOfJob1 : null;
  }
  async recall() {}

  async whole(): Promise<null> {
    return null;
  }

  async deleteWhole() {}

  async sealedWhole(): Promise<"unsigned"> {
    return "unsigned";
  }
  jobView(jobId: string): JobView | null {
    if (jobId === "regression-1") return regressionViewOf(jobId, this.regressionChanges);
    if (jobId === "regression-ended") return regressionViewOf(jobId, { state: "done", endKind: "done", finishedMs: 9 });
    return jobId === "job-1" || jobId === "job-ended" ? inferenceViewOf(jobId) : null;
  }
  async atWork(jobIds: readonly string[]): Promise<number> {
    return jobIds.filter((jobId) => this.jobView(jobId)?.finishedMs === null).length;
  }

  jobViews() {
    return [inferenceViewOf("job-1")];
  }
  async jobList(query: JobListQuery, among: readonly string[] | null): Promise<JobListPage> {
    this.calls.push(["jobList", query, among]);
    return { matching: 0, offset: query.offset, jobs: [] };
  }
  async submission(jobId: string) {
    return jobId === "job-1" ? ({ kind: "inference", name: "digits" } as Submission) : null;
  }
  async deleteJob(jobId: string) {
    this.calls.push(["deleteJob", jobId]);
    if (jobId === "job-ended") return "deleted" as const;
    return this.jobView(jobId) === null ? ("unknown" as const) : ("not-ended" as const);
  }
  rounds(jobId: string) {
    return jobId === "job-1" ? [] : null;
  }
  async timeline(jobId: string): Promise<JobTimeline | null> {
    const nothing = { atMs: 0, tabs: [], spans: [], spansDropped: 0, isWhole: true, rounds: [] };
    return jobId === "job-1" ? { jobId, ...nothing } : null;
  }
  /** Of the job job-1, which has three queries. */
  async queries(jobId: string, indices: readonly number[]): Promise<NpyArray | null> {
    if (jobId !== "job-1" || indices.some((index) => index > 2)) return null;
    return { dtype: "U8", shape: [indices.length, 1], data: Uint8Array.from(indices) };
  }
  async answers(jobId: string, offset: number, limit: number, only?: AnswerFilter) {
    this.calls.push(["answers", jobId, offset, limit, ...(only === undefined || only === "all" ? [] : [only])]);
    return jobId === "job-1" ? { queryCount: 3, matching: 3, offset, answers: [] } : null;
  }
  async answersTo(): Promise<[]> {
    return [];
  }
  async takings(jobId: string) {
    return jobId === "job-1" ? [] : null;
  }
  async redo(jobId: string) {
    return { jobId: `${jobId}-again`, rows: 3, isNew: true };
  }
  async queriesTakenBack() {
    return new Map<string, number[]>();
  }
  async allAnswers(jobId: string) {
    return jobId === "job-1" ? this.answersOfJob1 : null;
  }
  whereabouts(_volunteerId: string): Whereabouts | null {
    return null;
  }

  sessions(): SessionView[] {
    return [];
  }
  tabsAtHand(): number {
    return 0;
  }
  whyNoTab(): string | null {
    return "no tab is connected and ready";
  }
  volunteers(_page?: CrowdRange, isNamed = false): VolunteerView[] {
    const clean = {
      nickname: "a",
      creditMacs: 0,
      auditsPassed: 0,
      auditsFailed: 0,
      quarantine: null,
      team: "",
      released: null,
    };
    const quarantine = { atMs: 1, jobId: "job-1", roundIndex: 0, reason: "audit" };
    const all: VolunteerView[] = [
      { ...clean, volunteerId: "v1" },
      { ...clean, volunteerId: "v2", quarantine },
    ];
    return isNamed ? all.filter(({ quarantine }) => quarantine !== null) : all;
  }
  releaseReply: VolunteerView | ApiProblem | null = null;
  async releaseNamedBy(jobId: string, reason: string): Promise<VolunteerView[] | ApiProblem> {
    this.calls.push(["releaseNamedBy", jobId, reason]);
    return this.volunteers();
  }
  async release(volunteerId: string, reason: string): Promise<VolunteerView | ApiProblem> {
    this.calls.push(["release", volunteerId, reason]);
    return this.releaseReply ?? this.volunteers()[0]!;
  }
  status(): StatusView {
    return {
      protocolVersion: 1,
      buildHash: "test",
      sessions: 0,
      sessionsReady: 0,
      jobsActive: 0,
      numericsPending: 0,
      bytesInFlight: 0,
      pausedBecause: null,
      whyNoTab: "no tab is connected and ready",
      faultsAllowed: false,
      operatedBy: null,
    };
  }
  blobForToken(token: string, sha256: string) {
    const blob = this.blobs.get(sha256);
    if (blob?.token !== token) return null;
    const { kind, bytes, giveBack } = blob;
    return { kind, bytes, ...(giveBack && { giveBack }) };
  }
  resultBytesMax() {
    return this.resultBytes;
  }
  resultUploaded(token: string, frame: Uint8Array) {
    this.calls.push(["resultUploaded", token, Uint8Array.from(frame)]);
    return this.uploadVerdict;
  }
  sessionOpened(session: OpenedSession, link: TabLink) {
    this.calls.push(["sessionOpened", session]);
    this.links.set(session.sessionId, link);
    this.onSessionOpened(session, link);
  }
  sessionClosed(sessionId: string) {
    this.calls.push(["sessionClosed", sessionId]);
  }
  modelOnBackend(sessionId: string, told: ModelBackend) {
    this.calls.push(["modelOnBackend", sessionId, told]);
  }
  /** Called for each word of a tab that it is free or not. */
  whenAvailable = () => {};
  availability(sessionId: string, available: boolean, because?: AwayReason) {
    this.whenAvailable();
    this.calls.push(["availability", sessionId, available, ...(because === undefined ? [] : [because])]);
  }
  choice(sessionId: string, choice: WorkChoice | null) {
    this.calls.push(["choice", sessionId, choice]);
  }
  /** Of each result. */
  readonly waitsMs: number[] = [];
  result(sessionId: string, result: Result, waitedMs = 0) {
    this.waitsMs.push(waitedMs);
    this.calls.push(["result", sessionId, result]);
    return this.resultReply;
  }
  slice(sessionId: string, slice: Slice) {
    this.calls.push(["slice", sessionId, slice]);
  }
  returned(sessionId: string, returned: Returned) {
    this.calls.push(["returned", sessionId, returned]);
  }

  failed(sessionId: string, failed: Failed) {
    this.calls.push(["failed", sessionId, failed]);
  }

  async keptNames(): Promise<null> {
    return null;
  }

  names(): string[] {
    return this.calls.map((call) => (call as [string])[0]);
  }
}
