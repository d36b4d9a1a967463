import type { WorkView } from "../../shared/kinds/work-view.ts";
import { usePolled } from "./use-polled.ts";

const POLL_MS = 2_000;

/** What the coordinator tells volunteers of a job. null: not known (yet); what the assignment itself told stands alone then. */
export function useWork(jobId: string | null, everyMs = POLL_MS): WorkView | null {
  const path = jobId === null ? null : `/api/work/${encodeURIComponent(jobId)}`;
  const { answer, failed } = usePolled<WorkView>(path, everyMs);
  return !failed && answer?.jobId === jobId ? answer : null;
}
