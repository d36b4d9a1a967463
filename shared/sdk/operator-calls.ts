/** The operator's requests, for whoever may administer: one method a request. */
import type { VolunteerView } from "../protocol/crowd-api.ts";
import type { JobLogView, QuarantineView } from "../protocol/operator-api.ts";
import { askJson, type Requester } from "./requests.ts";

export interface OperatorCalls {
  /** Who is quarantined, or was and has been released, with what speaks against them. */
  quarantines(signal?: AbortSignal): Promise<QuarantineView[]>;
  /** The volunteer may work again; resolves when that is durable. @param reason for the audit log */
  release(volunteerId: string, reason: string, signal?: AbortSignal): Promise<VolunteerView>;
  /** What happened in a job, oldest first. */
  jobLog(jobId: string, signal?: AbortSignal): Promise<JobLogView>;
}

export function operatorCalls(requester: Requester): OperatorCalls {
  return {
    quarantines: (signal) => askJson(requester, "/api/quarantines", { signal }),
    release: (volunteerId, reason, signal) =>
      askJson(requester, `/api/volunteers/${encodeURIComponent(volunteerId)}/release`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ reason }),
        signal,
      }),
    jobLog: (jobId, signal) => askJson(requester, `/api/jobs/${encodeURIComponent(jobId)}/log`, { signal }),
  };
}
