/** Everything that the floors above read of an exact product of matrices. */

import { z } from "zod";
import { codedEstimateSchema } from "../../coded/estimate.ts";
import { aloneSaidSchema } from "../../protocol/estimate-api.ts";
import { codedTogether } from "../alone-and-together.ts";
import { type MatmulJobView, matmulJobViewSchema } from "./job-view.ts";
import { matmulReceiptSchema } from "./receipt.ts";
import { matmulSubmissionSchema } from "./submission.ts";

/** POST /api/estimates answers with this for a product of matrices. */
const matmulEstimateSchema = codedEstimateSchema
  .extend({
    kind: z.literal("matmul"),
  })
  .meta({ id: "MatmulEstimate" });

export const matmulKind = {
  submission: matmulSubmissionSchema,
  estimateRequest: matmulSubmissionSchema.extend({ alone: aloneSaidSchema }),
  estimate: matmulEstimateSchema,
  view: matmulJobViewSchema,
  receipt: matmulReceiptSchema,
  togetherOf: codedTogether,
  progressOf: ({ slicesDone, slices }: MatmulJobView) => ({ done: slicesDone, all: slices }),
};
