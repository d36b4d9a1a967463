import type { RegressionEvaluation } from "../../../shared/kinds/regression/evaluation.ts";
import type { RegressionHistory, RegressionJobView } from "../../../shared/kinds/regression/job-view.ts";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";

export interface RegressionDetail {
  readonly history: RegressionHistory;
  /** null: it has not ended, or nothing was kept of how good it is */
  readonly evaluation: RegressionEvaluation | null;
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
      const hasEnded = job.finishedMs !== null && job.weightsOf !== null;
      const [history, evaluation] = await Promise.all([
        client.history(job.jobId),
        hasEnded ? client.evaluation(job.jobId) : null,
      ]);
      movedTo = now;
      last = { history, evaluation };
      return last;
    } catch {
      return null;
    }
  };
}
