/** Everything that the floors above read of a regression on data that is coded over the tabs. */
import { aloneSaidSchema } from "../../protocol/estimate-api.ts";
import { codedTogether } from "../alone-and-together.ts";
import { regressionEstimateSchema } from "./estimate.ts";
import { type RegressionJobView, regressionJobViewSchema } from "./job-view.ts";
import { regressionReceiptSchema } from "./receipt.ts";
import { regressionSubmissionSchema } from "./submission.ts";

export const regressionKind = {
  submission: regressionSubmissionSchema,
  estimateRequest: regressionSubmissionSchema.extend({ alone: aloneSaidSchema }),
  estimate: regressionEstimateSchema,
  view: regressionJobViewSchema,
  receipt: regressionReceiptSchema,
  togetherOf: codedTogether,
  progressOf: ({ iteration, iterations }: RegressionJobView) => ({ done: iteration, all: iterations }),
};
