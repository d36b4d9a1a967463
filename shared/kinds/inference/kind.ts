/** Everything that the floors above read of queries through a model. */
import { aimProblem } from "./aim.ts";
import { inferenceEstimateRequestSchema, inferenceEstimateSchema } from "./estimate.ts";
import { type InferenceJobView, inferenceJobViewSchema } from "./job-view.ts";
import { inferenceReceiptSchema } from "./receipt.ts";
import { inferenceSubmissionSchema } from "./submission.ts";

export const inferenceKind = {
  submission: inferenceSubmissionSchema,
  estimateRequest: inferenceEstimateRequestSchema,
  estimate: inferenceEstimateSchema,
  view: inferenceJobViewSchema,
  receipt: inferenceReceiptSchema,
  problemOf: aimProblem,
  progressOf: ({ finalCount, queryCount }: InferenceJobView) => ({ done: finalCount, all: queryCount }),
};
