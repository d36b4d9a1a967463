import { useEffect, useState } from "preact/hooks";
import type { KeptNames } from "../../../../shared/hub/kept-names.ts";
import type { ParitabClient } from "../../../../shared/sdk/paritab-client.ts";
import type { NamedJobView } from "./names-of-job.ts";

/** @returns undefined: they are looked for yet; brought null: there are none; problem: why they cannot be shown */
export function useBrought(
  client: ParitabClient,
  { jobId, queryCount, keepsNames, partOf }: NamedJobView,
): { readonly brought: KeptNames | null; readonly problem: string | null } | undefined {
  const [found, setFound] = useState<ReturnType<typeof useBrought>>(undefined);
  const isPart = partOf !== undefined;
  useEffect(() => {
    let isOpen = true;
    const set = (next: typeof found) => {
      if (isOpen) setFound(next);
    };
    const job = { jobId, queryCount, ...(keepsNames && { keepsNames }), ...(isPart && { partOf }) };
    const looking = import("./names-of-job.ts").then(({ namesOfJob }) => namesOfJob(client, job));
    looking.then(
      (brought) => set({ brought, problem: null }),
      (error: Error) => set({ brought: null, problem: error.message }),
    );
    return () => {
      isOpen = false;
    };
  }, [client, jobId, queryCount, keepsNames, isPart]);
  return found;
}
