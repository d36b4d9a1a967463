/** The kinds of job: a new kind is a folder beside this file and a line in each of these. */
import { z } from "zod";
import type { CodedEstimate } from "../coded/estimate.ts";
import type { InferenceEstimate } from "./inference/estimate.ts";
import type { InferenceJobView } from "./inference/job-view.ts";
import type { InferenceReceipt } from "./inference/receipt.ts";
import { inferenceSubmissionSchema } from "./inference/submission.ts";
import type { MatmulEstimate } from "./matmul/estimate.ts";
import type { MatmulJobView } from "./matmul/job-view.ts";
import type { MatmulReceipt } from "./matmul/receipt.ts";
import { matmulSubmissionSchema } from "./matmul/submission.ts";
import type { RegressionEstimate } from "./regression/estimate.ts";
import type { RegressionJobView } from "./regression/job-view.ts";
import type { RegressionReceipt } from "./regression/receipt.ts";
import { regressionSubmissionSchema } from "./regression/submission.ts";

/** GET /api/jobs/:jobId, and the rows of GET /api/jobs */
export type JobView = InferenceJobView | RegressionJobView | MatmulJobView;
export type JobKind = JobView["kind"];
/** GET /api/jobs/:jobId/receipt.json */
export type Receipt = InferenceReceipt | RegressionReceipt | MatmulReceipt;
/** POST /api/estimates answers with this. */
export type JobEstimate = InferenceEstimate | RegressionEstimate | MatmulEstimate;
/** Of the kinds that are coded runs. */
export type CodedJobEstimate = Extract<JobEstimate, CodedEstimate>;

/** POST /api/jobs */
export const submissionSchema = z.discriminatedUnion("kind", [
  inferenceSubmissionSchema,
  regressionSubmissionSchema,
  matmulSubmissionSchema,
]);
export type Submission = z.infer<typeof submissionSchema>;
