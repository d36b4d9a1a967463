/** The jobs that this browser has answered something of, the latest first, as it keeps them in its localStorage. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { TAB_HELPED_JOBS_MAX } from "../../shared/protocol/limits.ts";
import type { FinishedAssignment } from "../session/session-status.ts";
import { z } from "./zod.ts";

export interface HelpedJob {
  readonly jobId: string;
  readonly name: string;
  readonly submitter: string;
}

const STORED_AS = "paritab-helped-jobs";
const storedSchema = z.object({
  version: z.literal(1),
  jobs: z
    .array(z.object({ jobId: z.string(), name: z.string(), submitter: z.string() }))
    .check(z.maxLength(TAB_HELPED_JOBS_MAX)),
});

export interface HelpedLog {
  readonly jobs: ReadonlySignal<readonly HelpedJob[]>;
  /** @param history of the session, the latest first */
  add(history: readonly FinishedAssignment[]): void;
}

export function createHelpedLog(memory: Pick<Storage, "getItem" | "setItem">): HelpedLog {
  const jobs = signal(parseHelped(memory.getItem(STORED_AS)));
  return {
    jobs,
    add(history) {
      const next = withAssignments(jobs.value, history);
      if (next === jobs.value) return;
      jobs.value = next;
      try {
        memory.setItem(STORED_AS, JSON.stringify({ version: 1, jobs: next }));
      } catch {
        // A full or forbidden store: they are remembered for this visit.
      }
    },
  };
}

/** @returns `kept` itself where the history adds nothing: batches come many times a second, jobs do not */
export function withAssignments(
  kept: readonly HelpedJob[],
  history: readonly FinishedAssignment[],
): readonly HelpedJob[] {
  const latest = history.find(({ kind, outcome }) => kind !== "probe" && outcome === "answered");
  if (latest === undefined || kept[0]?.jobId === latest.jobId) return kept;
  const { jobId, jobName, submitter } = latest;
  const others = kept.filter((job) => job.jobId !== jobId);
  return [{ jobId, name: jobName, submitter }, ...others].slice(0, TAB_HELPED_JOBS_MAX);
}

/** Anything that is not as it was kept is as if nothing had been kept. */
export function parseHelped(text: string | null): readonly HelpedJob[] {
  try {
    return storedSchema.parse(JSON.parse(text ?? "null")).jobs;
  } catch {
    return [];
  }
}
