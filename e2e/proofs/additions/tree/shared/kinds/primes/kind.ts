/** Everything that the floors above read of a count of primes. A range of numbers is an assignment; a range's count is its answer. */
import { z } from "zod";
import { jobFields } from "../../protocol/api-fields.ts";
import { JOB_STATES, waitsFields } from "../../protocol/job-api.ts";

const kind = z.literal("primes");
const number = z.number().int().min(0).max(10_000_000);

const submission = z.strictObject({
  kind,
  ...jobFields,
  first: number.default(0),
  end: number.describe("the first number that is not looked at"),
  range: z.number().int().min(1).max(100_000).default(10_000).describe("numbers in one assignment"),
});
export type PrimesSubmission = z.infer<typeof submission>;

const view = z.object({
  jobId: z.string(),
  kind,
  name: z.string(),
  submitter: z.string(),
  purpose: z.string().exactOptional(),
  state: z.enum(JOB_STATES),
  ...waitsFields,
  error: z.string().nullable(),
  first: z.number(),
  end: z.number(),
  ranges: z.number(),
  rangesDone: z.number(),
  primes: z.number().describe("In the ranges that are done."),
  submittedMs: z.number(),
  finishedMs: z.number().nullable(),
});
export type PrimesView = z.infer<typeof view>;

const receipt = z.object({
  kind,
  jobId: z.string(),
  submission,
  state: z.enum(JOB_STATES),
  primes: z.number().nullable(),
  submittedMs: z.number(),
  finishedMs: z.number(),
});
export type PrimesReceipt = z.infer<typeof receipt>;

export const primesKind = {
  submission,
  estimateRequest: submission,
  estimate: z.object({ kind, assignments: z.number() }),
  view,
  receipt,
  progressOf: ({ rangesDone, ranges }: PrimesView) => ({ done: rangesDone, all: ranges }),
};
