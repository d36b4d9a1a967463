/** What the dashboard knows of the coordinator, as signals, asked for again while somebody looks. */
import { batch, type ReadonlySignal, signal } from "@preact/signals";
import type { AnswerFilter, AnswersPage } from "../../shared/kinds/inference/answers.ts";
import type { RoundView } from "../../shared/kinds/inference/job-view.ts";
import type { JobView } from "../../shared/kinds/kinds.ts";
import type { MatmulJobView } from "../../shared/kinds/matmul/job-view.ts";
import type { MatmulReceipt } from "../../shared/kinds/matmul/receipt.ts";
import type { RegressionHistory, RegressionJobView } from "../../shared/kinds/regression/job-view.ts";
import type { RegressionReceipt } from "../../shared/kinds/regression/receipt.ts";
import type { SessionView, StatusView, VolunteerView } from "../../shared/protocol/crowd-api.ts";
import type { NpyArray } from "../../shared/protocol/npy.ts";
import type { JobTimeline } from "../../shared/protocol/timeline-api.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { pollWhileVisible } from "../ui/poll.ts";

/** The queries of the answers that are shown; gone: they are not kept any more. */
export type ShownQueries = { readonly indices: readonly number[]; readonly array: NpyArray } | "gone" | null;

/** Of the job whose details are open. */
export type JobDetail = {
  /** null: it is not kept any more */
  readonly timeline: JobTimeline | null;
} & JobDetailOfKind;

type JobDetailOfKind =
  | {
      readonly kind: "inference";
      readonly jobId: string;
      readonly rounds: readonly RoundView[];
      readonly answers: AnswersPage | null;
      readonly queries: ShownQueries;
    }
  | {
      readonly kind: "regression";
      readonly jobId: string;
      /** null: it is not kept any more */
      readonly history: RegressionHistory | null;
      /** null until the job has ended */
      readonly receipt: RegressionReceipt | null;
    }
  | {
      readonly kind: "matmul";
      readonly jobId: string;
      /** null until the job has ended */
      readonly receipt: MatmulReceipt | null;
    };

export interface AnswerSelection {
  readonly offset: number;
  readonly only: AnswerFilter;
}

export interface DashboardStore {
  readonly client: ParitabClient;
  /** null until the first answer came. The latest first. */
  readonly jobs: ReadonlySignal<readonly JobView[] | null>;
  readonly sessions: ReadonlySignal<readonly SessionView[] | null>;
  readonly quarantined: ReadonlySignal<readonly VolunteerView[] | null>;
  readonly status: ReadonlySignal<StatusView | null>;
  readonly detail: ReadonlySignal<JobDetail | null>;
  /** Why what is shown is out of date; null where it is not. */
  readonly problem: ReadonlySignal<string | null>;
  refresh(): void;
  /** Asks no more. */
  close(): void;
  /** Opens the details of a job; null closes them. */
  open(jobId: string | null): void;
  /** Which answers of the open job are shown. */
  readonly selection: ReadonlySignal<AnswerSelection>;
  showAnswers(selection: AnswerSelection): void;
}

export const ANSWERS_SHOWN = 10;
const POLL_MS = 1_000;
const ALL_ANSWERS: AnswerSelection = { offset: 0, only: "all" };

export function createDashboardStore(client: ParitabClient): DashboardStore {
  const jobs = signal<readonly JobView[] | null>(null);
  const sessions = signal<readonly SessionView[] | null>(null);
  const quarantined = signal<readonly VolunteerView[] | null>(null);
  const status = signal<StatusView | null>(null);
  const detail = signal<JobDetail | null>(null);
  const problem = signal<string | null>(null);
  let openJobId: string | null = null;
  const selection = signal<AnswerSelection>(ALL_ANSWERS);

  async function ask(): Promise<void> {
    try {
      const asked = await Promise.all([
        client.jobs(),
        client.sessions(),
        client.volunteers("quarantined"),
        client.status(),
      ]);
      const openJob = asked[0].find(({ jobId }) => jobId === openJobId) ?? null;
      const opened = openJob === null ? null : await askDetail(openJob);
      batch(() => {
        jobs.value = asked[0].toSorted((a, b) => b.submittedMs - a.submittedMs);
        sessions.value = asked[1];
        quarantined.value = asked[2];
        status.value = asked[3];
        if (opened !== null && opened.jobId === openJobId) detail.value = opened;
        problem.value = null;
      });
    } catch (error) {
      problem.value = (error as Error).message;
    }
  }

  async function askDetail(job: JobView): Promise<JobDetail> {
    const [timeline, ofKind] = await Promise.all([askTimeline(job), askDetailOfKind(job)]);
    return { timeline, ...ofKind };
  }

  function askDetailOfKind(job: JobView): Promise<JobDetailOfKind> {
    if (job.kind === "regression") return askTraining(job);
    return job.kind === "matmul" ? askProduct(job) : askAnswers(job.jobId, selection.value);
  }

  /** What an ended job's tabs did does not change any more. */
  async function askTimeline({ jobId, finishedMs }: JobView): Promise<JobTimeline | null> {
    const before = detail.value;
    if (before?.jobId === jobId && before.timeline !== null && timelineIsLast && finishedMs !== null) {
      return before.timeline;
    }
    timelineIsLast = finishedMs !== null;
    // A job that is no longer kept must not hide the rest of the page.
    return client.timeline(jobId).catch(() => null);
  }
  let timelineIsLast = false;

  async function askAnswers(jobId: string, { offset, only }: AnswerSelection): Promise<JobDetailOfKind> {
    const kind = "inference";
    try {
      const [rounds, answers] = await Promise.all([
        client.rounds(jobId),
        client.answers(jobId, { offset, limit: ANSWERS_SHOWN, only }),
      ]);
      return { kind, jobId, rounds, answers, queries: await askQueries(jobId, answers) };
    } catch {
      return { kind, jobId, rounds: [], answers: null, queries: null };
    }
  }

  async function askQueries(jobId: string, page: AnswersPage): Promise<ShownQueries> {
    const indices = page.answers.map(({ index }) => index);
    const before = detail.value;
    if (before?.kind === "inference" && before.jobId === jobId) {
      const { queries } = before;
      if (queries === "gone") return queries;
      if (queries !== null && queries.indices.join() === indices.join()) return queries;
    }
    if (indices.length === 0) return null;
    return client.queries(jobId, indices).then(
      (array) => ({ indices, array }),
      () => "gone" as const,
    );
  }

  /** A long job has a long history: it is asked for again only where the job has moved. */
  let movedTo = "";
  async function askTraining(job: RegressionJobView): Promise<JobDetailOfKind> {
    const { jobId, finishedMs, remainingMs: _remaining, ...moving } = job;
    const now = JSON.stringify(moving);
    const before = detail.value;
    if (now === movedTo && before?.kind === "regression" && before.jobId === jobId && finishedMs === null)
      return before;
    try {
      const [history, receipt] = await Promise.all([
        client.history(jobId),
        finishedMs === null ? null : client.gradientReceipt(jobId),
      ]);
      movedTo = now;
      return { kind: "regression", jobId, history, receipt };
    } catch {
      return { kind: "regression", jobId, history: null, receipt: null };
    }
  }

  /** A receipt does not change any more. */
  async function askProduct({ jobId, finishedMs }: MatmulJobView): Promise<JobDetailOfKind> {
    const before = detail.value;
    if (before?.kind === "matmul" && before.jobId === jobId && before.receipt !== null) return before;
    const receipt = finishedMs === null ? null : await client.matmulReceipt(jobId).catch(() => null);
    return { kind: "matmul", jobId, receipt };
  }

  const poll = pollWhileVisible(ask, POLL_MS);
  return {
    client,
    jobs,
    sessions,
    quarantined,
    status,
    detail,
    problem,
    refresh: poll.now,
    close: poll.stop,
    open(jobId) {
      if (jobId === openJobId) return;
      openJobId = jobId;
      selection.value = ALL_ANSWERS;
      detail.value = null;
      poll.now();
    },
    selection,
    showAnswers({ offset, only }) {
      selection.value = { offset: Math.max(0, offset), only };
      poll.now();
    },
  };
}
