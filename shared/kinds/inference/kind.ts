/** Everything that the floors above read of queries through a model. */
import { batchAssignmentSchema } from "./batch.ts";
import { inferenceEstimateRequestSchema, inferenceEstimateSchema } from "./estimate.ts";
import { inferenceJobViewSchema } from "./job-view.ts";
import { inferenceReceiptSchema } from "./receipt.ts";
import { inferenceSubmissionSchema } from "./submission.ts";

export const inferenceKind = {
  submission: inferenceSubmissionSchema,
  estimateRequest: inferenceEstimateRequestSchema,
  estimate: inferenceEstimateSchema,
  view: inferenceJobViewSchema,
  receipt: inferenceReceiptSchema,
  assignment: batchAssignmentSchema,
};
