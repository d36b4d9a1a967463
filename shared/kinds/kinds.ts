/** The kinds of job: a new kind is a folder beside this file, and a line in KINDS. */
import { z } from "zod";
import type { CodedEstimate } from "../coded/estimate.ts";
import { inferenceKind } from "./inference/kind.ts";
import { matmulKind } from "./matmul/kind.ts";
import { regressionKind } from "./regression/kind.ts";

export const KINDS = { inference: inferenceKind, regression: regressionKind, matmul: matmulKind };
export type JobKind = keyof typeof KINDS;
export const JOB_KINDS = Object.keys(KINDS) as [JobKind, ...JobKind[]];

type Part = keyof (typeof KINDS)["inference"];
type SchemaOf<P extends Part> = (typeof KINDS)[JobKind][P];

/** One schema for all kinds, told apart by `kind`. */
function unionOf<P extends Part>(part: P) {
  const schemas = JOB_KINDS.map((kind) => KINDS[kind][part]);
  return z.discriminatedUnion("kind", schemas as unknown as [SchemaOf<P>, ...SchemaOf<P>[]]);
}

/** POST /api/jobs */
export const submissionSchema = unionOf("submission");
export type Submission = z.infer<typeof submissionSchema>;

/** POST /api/estimates */
export const estimateRequestSchema = unionOf("estimateRequest");
export type EstimateRequest = z.infer<typeof estimateRequestSchema>;
export const estimateSchema = unionOf("estimate");
export type JobEstimate = z.infer<typeof estimateSchema>;
/** Of the kinds that are coded runs. */
export type CodedJobEstimate = Extract<JobEstimate, CodedEstimate>;

/** GET /api/jobs/:jobId, and the rows of GET /api/jobs */
export const jobViewSchema = unionOf("view").meta({ id: "JobView" });
export type JobView = z.infer<typeof jobViewSchema>;

/** GET /api/jobs/:jobId/receipt.json */
export const receiptSchema = unionOf("receipt");
export type Receipt = z.infer<typeof receiptSchema>;

/** coordinator -> tab */
export const assignmentSchema = unionOf("assignment");
export type AssignmentMessage = z.infer<typeof assignmentSchema>;
