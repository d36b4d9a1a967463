/** Everything that the floors above read of a regression on data that is coded over the tabs. */
import { aloneSaidSchema } from "../../protocol/estimate-api.ts";
import { codedTogether } from "../alone-and-together.ts";
import { regressionEstimateSchema } from "./estimate.ts";
import { type RegressionJobView, regressionJobViewSchema } from "./job-view.ts";
import { regressionReceiptSchema } from "./receipt.ts";
import { regressionSubmissionSchema } from "./submission.ts";

/** How many there are of a job that may end before its limit: near enough to the optimum it is done. */
export function iterationsOf({ iteration, iterations, endKind }: RegressionJobView): number {
  return endKind === "done" ? iteration : iterations;
}

export const regressionKind = {
  submission: regressionSubmissionSchema,
  estimateRequest: regressionSubmissionSchema.extend({ alone: aloneSaidSchema }),
  estimate: regressionEstimateSchema,
  view: regressionJobViewSchema,
  receipt: regressionReceiptSchema,
  togetherOf: codedTogether,
  progressOf: (job: RegressionJobView) => ({ done: job.iteration, all: iterationsOf(job) }),
};
