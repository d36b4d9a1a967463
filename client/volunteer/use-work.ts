import { useEffect, useState } from "preact/hooks";
import type { WorkView } from "../../shared/protocol/volunteer-api.ts";
import { askJson } from "../../shared/sdk/requests.ts";
import { pollWhileVisible } from "../ui/poll.ts";

const POLL_MS = 2_000;

/** What the coordinator tells volunteers of a job, asked for again while somebody looks. null: not known (yet). */
export function useWork(jobId: string | null, everyMs = POLL_MS): WorkView | null {
  const [work, setWork] = useState<WorkView | null>(null);
  useEffect(() => {
    if (jobId === null) return;
    const ask = async () => {
      const path = `/api/work/${encodeURIComponent(jobId)}`;
      // Where it cannot be had, what the assignment itself told stands alone.
      setWork(await askJson<WorkView>({ baseUrl: location.origin, fetch }, path, {}).catch(() => null));
    };
    const poll = pollWhileVisible(ask, everyMs);
    return () => poll.stop();
  }, [jobId, everyMs]);
  return work?.jobId === jobId ? work : null;
}
