/** What the dashboard knows of the coordinator, as signals, asked for again while somebody looks. */
import { batch, type ReadonlySignal, signal } from "@preact/signals";
import type { JobView } from "../../shared/kinds/kinds.ts";
import type { SessionView, StatusView, VolunteerView } from "../../shared/protocol/crowd-api.ts";
import type { JobTimeline } from "../../shared/protocol/timeline-api.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";
import type { Dashboard, OpenDetail } from "../kinds/job-pages.ts";
import { pollWhileVisible } from "../ui/poll.ts";
import { pagesOf } from "./loaded-kinds.ts";

export interface DashboardStore extends Dashboard {
  /** null until the first answer came. The latest first. */
  readonly jobs: ReadonlySignal<readonly JobView[] | null>;
  readonly sessions: ReadonlySignal<readonly SessionView[] | null>;
  readonly quarantined: ReadonlySignal<readonly VolunteerView[] | null>;
  readonly detail: ReadonlySignal<OpenDetail<unknown> | null>;
  /** Why what is shown is out of date; null where it is not. */
  readonly problem: ReadonlySignal<string | null>;
  /** Asks no more. */
  close(): void;
  /** Opens the details of a job; null closes them. */
  open(jobId: string | null): void;
}

const POLL_MS = 1_000;

export function createDashboardStore(client: ParitabClient): DashboardStore {
  const jobs = signal<readonly JobView[] | null>(null);
  const sessions = signal<readonly SessionView[] | null>(null);
  const quarantined = signal<readonly VolunteerView[] | null>(null);
  const status = signal<StatusView | null>(null);
  const detail = signal<OpenDetail<unknown> | null>(null);
  const problem = signal<string | null>(null);
  let opened: { readonly jobId: string; ask: ((job: JobView) => Promise<OpenDetail<unknown>>) | null } | null = null;

  async function ask(): Promise<void> {
    try {
      const asked = await Promise.all([
        client.jobs(),
        client.sessions(),
        client.volunteers("quarantined"),
        client.status(),
      ]);
      const ofOpen = await askDetail(asked[0]);
      batch(() => {
        jobs.value = asked[0].toSorted((a, b) => b.submittedMs - a.submittedMs);
        sessions.value = asked[1];
        quarantined.value = asked[2];
        status.value = asked[3];
        if (ofOpen !== null && ofOpen.jobId === opened?.jobId) detail.value = ofOpen;
        problem.value = null;
      });
    } catch (error) {
      problem.value = (error as Error).message;
    }
  }

  async function askDetail(all: readonly JobView[]): Promise<OpenDetail<unknown> | null> {
    const job = all.find(({ jobId }) => jobId === opened?.jobId);
    if (opened === null || job === undefined) return null;
    opened.ask ??= openDetail(client, job, poll.now);
    return opened.ask(job);
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
      if (jobId === (opened?.jobId ?? null)) return;
      opened = jobId === null ? null : { jobId, ask: null };
      detail.value = null;
      poll.now();
    },
  };
}

/** @returns asks for what is shown of this job; its view changes while it runs */
function openDetail(client: ParitabClient, { jobId, ...job }: JobView, askAgain: () => void) {
  const askOfKind = pagesOf(job).openDetail(client, askAgain);
  let last: JobTimeline | null = null;

  /** What an ended job's tabs did does not change any more. */
  async function askTimeline({ finishedMs }: JobView): Promise<JobTimeline | null> {
    if (last !== null) return last;
    // A job that is no longer kept must not hide the rest of the page.
    const timeline = await client.timeline(jobId).catch(() => null);
    if (finishedMs !== null) last = timeline;
    return timeline;
  }

  return async (now: JobView): Promise<OpenDetail<unknown>> => {
    const [timeline, ofKind] = await Promise.all([askTimeline(now), askOfKind(now)]);
    return { jobId, timeline, ofKind };
  };
}
