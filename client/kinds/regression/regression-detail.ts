import type { RegressionHistory, RegressionJobView } from "../../../shared/kinds/regression/job-view.ts";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";

export interface RegressionDetail {
  readonly history: RegressionHistory;
}

/** @returns null: it is not kept any more */
export function openRegressionDetail(client: ParitabClient) {
  let last: RegressionDetail | null = null;
  /** A long job has a long history: it is asked for again only where the job has moved. */
  let movedTo = "";
  return async (job: RegressionJobView): Promise<RegressionDetail | null> => {
    const { remainingMs: _remaining, ...moving } = job;
    const now = JSON.stringify(moving);
    if (now === movedTo) return last;
    try {
      const history = await client.history(job.jobId);
      movedTo = now;
      last = { history };
      return last;
    } catch {
      return null;
    }
  };
}
