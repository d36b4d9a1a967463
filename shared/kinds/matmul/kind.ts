/** Everything that the floors above read of an exact product of matrices. */
import { matmulEstimateSchema } from "./estimate.ts";
import { type MatmulJobView, matmulJobViewSchema } from "./job-view.ts";
import { matmulReceiptSchema } from "./receipt.ts";
import { matmulSubmissionSchema } from "./submission.ts";

export const matmulKind = {
  submission: matmulSubmissionSchema,
  estimateRequest: matmulSubmissionSchema,
  estimate: matmulEstimateSchema,
  view: matmulJobViewSchema,
  receipt: matmulReceiptSchema,
  progressOf: ({ slicesDone, slices }: MatmulJobView) => ({ done: slicesDone, all: slices }),
};
