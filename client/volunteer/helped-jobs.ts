/** The jobs that this browser has answered something of, the latest first, and how much, as it keeps them in its localStorage. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { NAME_LENGTH_MAX, TAB_HELPED_JOBS_MAX } from "../../shared/protocol/limits.ts";
import type { JobTally } from "../session/session-status.ts";
import { z } from "./zod.ts";

export interface HelpedJob {
  readonly jobId: string;
  readonly name: string;
  readonly submitter: string;
  /** Answered by this browser, over all visits. */
  readonly rows: number;
  readonly batches: number;
  /** Its volunteer has been told how it ended. */
  readonly isTold: boolean;
}

const STORED_AS = "paritab-helped-jobs";
/** A crash of the browser loses no more than this; writing at every batch would wear on phones. */
const KEEP_MS = 10_000;

const count = z._default(z.int().check(z.nonnegative()), 0);
const storedSchema = z.object({
  version: z.literal(1),
  jobs: z
    .array(
      z.object({
        jobId: z.string(),
        name: z.string(),
        submitter: z.string(),
        // Browsers that have not been here since December 2026 kept the names alone.
        rows: count,
        batches: count,
        isTold: z._default(z.boolean(), false),
      }),
    )
    .check(z.maxLength(TAB_HELPED_JOBS_MAX)),
});

/** What the page shows of them. */
export interface HelpedJobs {
  readonly jobs: ReadonlySignal<readonly HelpedJob[]>;
  /** Those whose end was not told when the page was opened, the latest first. */
  readonly untold: readonly HelpedJob[];
  /** Its end has been read: it is no news at the next visit. */
  tell(jobId: string): void;
}

export interface HelpedLog extends HelpedJobs {
  beginVisit(): void;
  /** @param byJob what was answered since the visit began, the latest job first */
  add(byJob: readonly JobTally[]): void;
  /** Writes what is new. */
  keep(): void;
}

export function createHelpedLog(memory: Pick<Storage, "getItem" | "setItem">, nowMs = Date.now): HelpedLog {
  const jobs = signal(parseHelped(memory.getItem(STORED_AS)));
  const untold = jobs.value.filter(({ isTold }) => !isTold);
  let kept = jobs.value;
  let keptAtMs = Number.NEGATIVE_INFINITY;
  let seen: readonly JobTally[] = [];

  function keep(): void {
    if (jobs.value === kept) return;
    kept = jobs.value;
    keptAtMs = nowMs();
    try {
      memory.setItem(STORED_AS, JSON.stringify({ version: 1, jobs: kept }));
    } catch {
      // A full or forbidden store: they are remembered for this visit.
    }
  }

  return {
    jobs,
    untold,
    beginVisit() {
      seen = [];
    },
    add(byJob) {
      const isNew = byJob[0] !== undefined && byJob[0].jobId !== jobs.value[0]?.jobId;
      jobs.value = withTallies(jobs.value, seen, byJob);
      seen = byJob;
      if (isNew || nowMs() - keptAtMs > KEEP_MS) keep();
    },
    tell(jobId) {
      if (!jobs.value.some((job) => job.jobId === jobId && !job.isTold)) return;
      jobs.value = jobs.value.map((job) => (job.jobId === jobId ? { ...job, isTold: true } : job));
      keep();
    },
    keep,
  };
}

/** @returns `kept` itself where nothing was answered between `before` and `now` */
export function withTallies(
  kept: readonly HelpedJob[],
  before: readonly JobTally[],
  now: readonly JobTally[],
): readonly HelpedJob[] {
  if (now === before) return kept;
  const changed = now.flatMap((tally) => {
    const earlier = before.find(({ jobId }) => jobId === tally.jobId);
    if (earlier?.atMs === tally.atMs) return [];
    const known = kept.find(({ jobId }) => jobId === tally.jobId);
    return [
      {
        jobId: tally.jobId,
        name: tally.jobName.slice(0, NAME_LENGTH_MAX),
        submitter: tally.submitter.slice(0, NAME_LENGTH_MAX),
        rows: (known?.rows ?? 0) + Math.max(0, tally.rows - (earlier?.rows ?? 0)),
        batches: (known?.batches ?? 0) + Math.max(0, tally.batches - (earlier?.batches ?? 0)),
        isTold: known?.isTold ?? false,
      },
    ];
  });
  if (changed.length === 0) return kept;
  const others = kept.filter((job) => !changed.some(({ jobId }) => jobId === job.jobId));
  return [...changed, ...others].slice(0, TAB_HELPED_JOBS_MAX);
}

/** Anything that is not as it was kept is as if nothing had been kept. */
export function parseHelped(text: string | null): readonly HelpedJob[] {
  try {
    return storedSchema.parse(JSON.parse(text ?? "null")).jobs;
  } catch {
    return [];
  }
}
