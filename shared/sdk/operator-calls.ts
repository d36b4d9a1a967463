/** The operator's requests, for whoever may administer: one method a request. */
import { z } from "zod";
import { type VolunteerView, volunteerViewSchema } from "../protocol/crowd-api.ts";
import {
  type JobLogView,
  jobLogViewSchema,
  type QuarantineView,
  quarantineViewSchema,
} from "../protocol/operator-api.ts";
import { askAs, posting } from "./ask-as.ts";
import { ofJob } from "./job-calls.ts";
import type { Requester } from "./requests.ts";

export interface OperatorCalls {
  /** Who is quarantined, or was and has been released, with what speaks against them. */
  quarantines(signal?: AbortSignal): Promise<QuarantineView[]>;
  /** The volunteer may work again; resolves when that is durable. @param reason for the audit log */
  release(volunteerId: string, reason: string, signal?: AbortSignal): Promise<VolunteerView>;
  /** Everybody that this job quarantined may work again; resolves when that is durable. @param reason for the audit log */
  releaseNamedBy(jobId: string, reason: string, signal?: AbortSignal): Promise<VolunteerView[]>;
  /** What happened in a job, oldest first. */
  jobLog(jobId: string, signal?: AbortSignal): Promise<JobLogView>;
}

export function operatorCalls(requester: Requester): OperatorCalls {
  return {
    quarantines: (signal) => askAs(requester, "/api/quarantines", z.array(quarantineViewSchema), { signal }),
    release: (volunteerId, reason, signal) =>
      askAs(
        requester,
        `/api/volunteers/${encodeURIComponent(volunteerId)}/release`,
        volunteerViewSchema,
        posting({ reason }, signal),
      ),
    releaseNamedBy: (jobId, reason, signal) =>
      askAs(requester, `${ofJob(jobId)}/release-volunteers`, z.array(volunteerViewSchema), posting({ reason }, signal)),
    jobLog: (jobId, signal) => askAs(requester, `${ofJob(jobId)}/log`, jobLogViewSchema, { signal }),
  };
}
