/** A job in a line of the list: as the store has it, with what is newer where the job is at hand. Pure. */
import type { JobRow } from "../../shared/kinds/job-list.ts";
import { currentKind, type JobKind } from "../../shared/kinds/kinds.ts";
import type { ListedJob } from "../store/store.ts";
import type { JobGlance } from "./kind-desk.ts";

export function jobRowOf({ kind, ...job }: ListedJob, glance: JobGlance | null): JobRow {
  const row = { ...job, kind: currentKind(kind) as JobKind };
  // Of one that ended long ago the store says whether all of it was done.
  const stored = { progress: job.state === "done" ? 1 : null, waitingFor: null };
  return { ...row, ...(glance ?? stored) };
}
