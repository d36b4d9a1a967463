/** The kinds of job: a new kind is a folder beside this file, and a line in KINDS. */
import { z } from "zod";
import type { WorkProgress } from "../protocol/volunteer-api.ts";
import type { Together } from "./alone-and-together.ts";
import { inferenceKind } from "./inference/kind.ts";
import { matmulKind } from "./matmul/kind.ts";
import { regressionKind } from "./regression/kind.ts";

export const KINDS = { inference: inferenceKind, regression: regressionKind, matmul: matmulKind };
export type JobKind = keyof typeof KINDS;
export const JOB_KINDS = Object.keys(KINDS) as [JobKind, ...JobKind[]];

/** What a kind says beside its schemas. */
interface KindFacts {
  /** What is wrong with a submission as it was posted that its schema cannot say, for defaults hide it. */
  problemOf?(posted: object): string | null;
  /** What an estimate says of the crowd, beside the submitter's own computer; absent: nothing. */
  togetherOf?(estimate: never): Together;
  /** How far along a job is, for its volunteers. */
  progressOf(view: never): WorkProgress;
}

export function kindFactsOf(kind: JobKind): KindFacts {
  return KINDS[kind];
}

/** Kinds that had another name once: it is still taken wherever people type or post a kind. */
const FORMER_NAMES: Readonly<Record<string, JobKind>> = { gradient: "regression" };

/** @returns the kind's name of today; anything else as it is */
export function currentKind<Given>(kind: Given): Given | JobKind {
  return (typeof kind === "string" && FORMER_NAMES[kind]) || kind;
}

type Part = Exclude<keyof (typeof KINDS)["inference"], keyof KindFacts>;
type SchemaOf<P extends Part> = (typeof KINDS)[JobKind][P];

/** One schema for all kinds, told apart by `kind`. */
function unionOf<P extends Part>(part: P) {
  const schemas = JOB_KINDS.map((kind) => KINDS[kind][part]);
  return z.discriminatedUnion("kind", schemas as unknown as [SchemaOf<P>, ...SchemaOf<P>[]]);
}

/** POST /api/jobs */
export const submissionSchema = unionOf("submission");
export type Submission = z.infer<typeof submissionSchema>;
/** A stored submission as it can be sent again: an earlier version may have had settings that are gone. */
export function withoutGoneSettings(submission: Submission): Submission {
  const { shape } = KINDS[submission.kind].submission;
  const known = Object.entries(submission).filter(([name]) => Object.hasOwn(shape, name));
  return Object.fromEntries(known) as unknown as Submission;
}

/** What a program sends: whatever has a default may be left out. */
export type SubmissionInput = z.input<typeof submissionSchema>;

/** POST /api/estimates */
export const estimateRequestSchema = unionOf("estimateRequest");
export type EstimateRequest = z.infer<typeof estimateRequestSchema>;
export type EstimateInput = z.input<typeof estimateRequestSchema>;
export const estimateSchema = unionOf("estimate");
export type JobEstimate = z.infer<typeof estimateSchema>;

/** @returns null: estimates of this kind say nothing of the time */
export function togetherOf(estimate: JobEstimate): Together | null {
  return kindFactsOf(estimate.kind).togetherOf?.(estimate as never) ?? null;
}

/** GET /api/jobs/:jobId, and the rows of GET /api/jobs */
export const jobViewSchema = unionOf("view").meta({ id: "JobView" });
export type JobView = z.infer<typeof jobViewSchema>;

/** GET /api/jobs/:jobId/receipt.json */
export const receiptSchema = unionOf("receipt");
export type Receipt = z.infer<typeof receiptSchema>;
