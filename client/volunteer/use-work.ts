import type { WorkView } from "../../shared/kinds/work-view.ts";
import { usePolled } from "../ui/use-polled.ts";
import { listedWork } from "./work-stream.ts";

const POLL_MS = 2_000;

/** What the coordinator tells volunteers of a job. null: not known, yet or any more. */
export function useWork(jobId: string | null, everyMs = POLL_MS): WorkView | null {
  const { work, failed } = useLatestWork(jobId, everyMs);
  return failed ? null : work;
}

/** As useWork, or what it told last. */
export function useLatestWork(jobId: string | null, everyMs = POLL_MS): { work: WorkView | null; failed: boolean } {
  const told = jobId === null ? undefined : listedWork(jobId);
  // Of jobs that are not among those at work: by invitation, or ended.
  const path = jobId === null || told !== undefined ? null : `/api/work/${encodeURIComponent(jobId)}`;
  const { answer, failed } = usePolled<WorkView>(path, everyMs);
  if (told !== undefined) return { work: told, failed: false };
  return { work: answer?.jobId === jobId ? answer : null, failed };
}
