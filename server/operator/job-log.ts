/** What happens in each job, in the order in which the coordinator decided it, as entries that its submitter and the operator read. */
import type { JobLogEntry } from "../../shared/protocol/operator-api.ts";
import { type StepRecord, type StepSink, withDetail } from "../shell/step-stream.ts";

/** @param note hears of everything, in order; `isLast` where no further entry of the job is to be expected */
export function jobLog(
  note: (jobId: string, entry: JobLogEntry, isLast?: true) => void,
): Required<Pick<StepSink, "stepped">> {
  return {
    stepped({ event: { atMs }, told }: StepRecord) {
      for (const one of told) {
        switch (one.type) {
          case "happened":
            if (!one.isAside) note(one.jobId, { atMs, what: one.what, ...one.fields });
            break;
          case "job": {
            const { jobId, state, error, finishedMs } = one.job;
            if (finishedMs !== null) note(jobId, { atMs, what: state, ...withDetail(error) }, true);
            break;
          }
          case "quarantined": {
            const { jobId, roundIndex, reason } = one.quarantine;
            note(jobId, { atMs, what: "quarantined", volunteerId: one.volunteerId, roundIndex, detail: reason });
            break;
          }
          case "released":
            note(one.jobId, { atMs, what: "released", volunteerId: one.volunteerId, detail: one.reason });
        }
      }
    },
  };
}
