/** What the dashboard knows of the coordinator, as signals: what the open page shows is asked for again while somebody looks. */
import { batch, type ReadonlySignal, signal } from "@preact/signals";
import type { JobListPage } from "../../shared/kinds/job-list.ts";
import type { JobView } from "../../shared/kinds/kinds.ts";
import type { SessionView, StatusView, VolunteerView } from "../../shared/protocol/crowd-api.ts";
import { CROWD_ROWS_MAX } from "../../shared/protocol/limits.ts";
import type { JobTimeline } from "../../shared/protocol/timeline-api.ts";
import type { V1Model } from "../../shared/protocol/v1-api.ts";
import { ParitabApiError } from "../../shared/sdk/paritab-api-error.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";
import type { Dashboard, OpenDetail, SubmittedJob } from "../kinds/job-pages.ts";
import { jobHash } from "../ui/jobs/job-address.ts";
import { pollWhileVisible } from "../ui/poll.ts";
import type { Route } from "./route.ts";

/** The job whose page is open. */
export interface OpenJob {
  readonly view: JobView;
  readonly detail: OpenDetail<unknown>;
}

export interface DashboardStore extends Dashboard {
  /** null until the first answer came; of a list that was left, the one before. */
  readonly list: ReadonlySignal<JobListPage | null>;
  /** null until the first answer came. */
  readonly job: ReadonlySignal<OpenJob | null>;
  /** Why there is no such job to show; null: there is, or it was not asked yet. */
  readonly noJob: ReadonlySignal<string | null>;
  readonly crowd: ReadonlySignal<ShownCrowd | null>;
  /** Those with names; null until the first answer came. */
  readonly models: ReadonlySignal<readonly V1Model[] | null>;
  /** What was submitted last from this page, until it is put away. */
  readonly told: ReadonlySignal<SubmittedJob | null>;
  /** Why what is shown is out of date; null where it is not. */
  readonly problem: ReadonlySignal<string | null>;
  /** That page is open. */
  show(route: Route): void;
  putAway(): void;
  /** Asks no more. */
  close(): void;
}

export interface ShownCrowd {
  readonly sessions: readonly SessionView[];
  readonly quarantined: readonly VolunteerView[];
}

/** A page of the list on the screen. */
export const JOBS_SHOWN = 25;
const POLL_MS = 1_000;

/** @param mayChange false: whoever looks came by a link to one job */
export function createDashboardStore(client: ParitabClient, mayChange = true): DashboardStore {
  const list = signal<JobListPage | null>(null);
  const job = signal<OpenJob | null>(null);
  const noJob = signal<string | null>(null);
  const crowd = signal<ShownCrowd | null>(null);
  const models = signal<readonly V1Model[] | null>(null);
  const status = signal<StatusView | null>(null);
  const told = signal<SubmittedJob | null>(null);
  const problem = signal<string | null>(null);
  let shown: Route | null = null;
  let opened: { readonly jobId: string; ask: ((view: JobView) => Promise<OpenDetail<unknown>>) | null } | null = null;

  async function ask(): Promise<void> {
    const asked = shown;
    try {
      const [now, put] = await Promise.all([client.status(), asked === null ? null : askFor(asked)]);
      batch(() => {
        status.value = now;
        // Somebody may have gone on meanwhile.
        if (asked === shown) put?.();
        problem.value = null;
      });
    } catch (error) {
      problem.value = (error as Error).message;
    }
  }

  /** @returns puts the answer where it is shown */
  async function askFor(route: Route): Promise<() => void> {
    switch (route.page) {
      case "jobs": {
        const { show, search, offset } = route;
        const page = await client.jobList({ show, search, offset, limit: JOBS_SHOWN });
        return () => {
          list.value = page;
        };
      }
      case "job":
        return askJob(route.jobId);
      case "new":
        return () => {};
      case "models": {
        const named = await client.namedModels();
        return () => {
          models.value = named;
        };
      }
      case "crowd": {
        const [sessions, quarantined] = await Promise.all([
          client.sessions(undefined, CROWD_ROWS_MAX),
          client.volunteers("quarantined"),
        ]);
        return () => {
          crowd.value = { sessions, quarantined };
        };
      }
    }
  }

  async function askJob(jobId: string): Promise<() => void> {
    try {
      const view = await client.job(jobId);
      const ofOpen = opened?.jobId === jobId ? opened : { jobId, ask: null };
      opened = ofOpen;
      ofOpen.ask ??= await openDetail(client, view, poll.now);
      const detail = await ofOpen.ask(view);
      return () => {
        job.value = { view, detail };
        noJob.value = null;
      };
    } catch (error) {
      if (!(error instanceof ParitabApiError) || error.status !== 404) throw error;
      return () => {
        job.value = null;
        noJob.value = error.message;
      };
    }
  }

  const poll = pollWhileVisible(ask, POLL_MS);
  return {
    ...{ client, mayChange, list, job, noJob, crowd, models, status, told, problem },
    refresh: poll.now,
    close: poll.stop,
    show(route) {
      const jobId = route.page === "job" ? route.jobId : null;
      shown = route;
      batch(() => {
        if (job.value?.view.jobId !== jobId) job.value = null;
        noJob.value = null;
      });
      if (opened?.jobId !== jobId) opened = null;
      poll.now();
    },
    submitted(next) {
      told.value = next;
      location.hash = jobHash(next.jobId);
    },
    putAway() {
      told.value = null;
    },
  };
}

/** @returns asks for what is shown of this job; its view changes while it runs */
async function openDetail(client: ParitabClient, { jobId, ...job }: JobView, askAgain: () => void) {
  // With the page that shows it: the list asks for none of its scripts.
  const { pagesOf } = await import("./loaded-kinds.ts");
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
