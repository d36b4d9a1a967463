/** Everything that the floors above read of queries through a model. */
import type { Together } from "../alone-and-together.ts";
import { aimProblem } from "./aim.ts";
import { type InferenceEstimate, inferenceEstimateRequestSchema, inferenceEstimateSchema } from "./estimate.ts";
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
  togetherOf: ({ chosen, basis }: InferenceEstimate): Together => {
    const { workers, queriesPerGroup } = chosen.code;
    const { finishMs } = chosen;
    return { finishMs, tabsReady: basis.tabsReady, redundancy: Math.max(1, workers / queriesPerGroup) };
  },
  progressOf: ({ finalCount, queryCount }: InferenceJobView) => ({ done: finalCount, all: queryCount }),
};
