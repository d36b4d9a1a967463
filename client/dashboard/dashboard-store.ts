/** What the dashboard knows of the coordinator, as signals, asked for again while somebody looks. */
import { batch, type ReadonlySignal, signal } from "@preact/signals";
import type {
  AnswersPage,
  JobView,
  RoundView,
  SessionView,
  StatusView,
  VolunteerView,
} from "../../shared/protocol/api.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { pollWhileVisible } from "./poll.ts";

/** The job whose details are open. */
export interface JobDetail {
  readonly jobId: string;
  readonly rounds: readonly RoundView[];
  readonly answers: AnswersPage | null;
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
  /** Opens the details of a job; null closes them. */
  open(jobId: string | null): void;
  showAnswersFrom(offset: number): void;
}

export const ANSWERS_SHOWN = 10;
const POLL_MS = 1_000;

export function createDashboardStore(client: ParitabClient): DashboardStore {
  const jobs = signal<readonly JobView[] | null>(null);
  const sessions = signal<readonly SessionView[] | null>(null);
  const quarantined = signal<readonly VolunteerView[] | null>(null);
  const status = signal<StatusView | null>(null);
  const detail = signal<JobDetail | null>(null);
  const problem = signal<string | null>(null);
  let openJobId: string | null = null;
  let answersOffset = 0;

  async function ask(): Promise<void> {
    try {
      const asked = await Promise.all([
        client.jobs(),
        client.sessions(),
        client.volunteers("quarantined"),
        client.status(),
        openJobId === null ? null : askDetail(openJobId, answersOffset),
      ]);
      batch(() => {
        jobs.value = asked[0].toSorted((a, b) => b.submittedMs - a.submittedMs);
        sessions.value = asked[1];
        quarantined.value = asked[2];
        status.value = asked[3];
        if (asked[4]?.jobId === openJobId) detail.value = asked[4] ?? null;
        problem.value = null;
      });
    } catch (error) {
      problem.value = (error as Error).message;
    }
  }

  async function askDetail(jobId: string, offset: number): Promise<JobDetail | null> {
    try {
      const [rounds, answers] = await Promise.all([
        client.rounds(jobId),
        client.answers(jobId, { offset, limit: ANSWERS_SHOWN }),
      ]);
      return { jobId, rounds, answers };
    } catch {
      // A job that is no longer kept must not hide the rest of the page.
      return { jobId, rounds: [], answers: null };
    }
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
    open(jobId) {
      if (jobId === openJobId) return;
      openJobId = jobId;
      answersOffset = 0;
      detail.value = null;
      poll.now();
    },
    showAnswersFrom(offset) {
      answersOffset = Math.max(0, offset);
      poll.now();
    },
  };
}
