/** An inference job as far as its cost goes, and its settings with one code or another in force. */
import { SCHEMES } from "../../../../shared/coding/schemes/schemes.ts";
import type { CodeSettings } from "../../../../shared/kinds/inference/estimate.ts";
import { type InferencePlan, planInference } from "../core/inference-plan.ts";
import type { ChecksAhead } from "../rows/told/rows-ahead.ts";

export interface CodedJob {
  /** Queries that have no answer yet. */
  readonly queryCount: number;
  readonly macsPerQuery: number;
  readonly inputSize: number;
  readonly outputSize: number;
  readonly modelBytes: number;
  /** 8-bit queries travel as they are, and in half precision in mixtures. */
  readonly isBytes: boolean;
  /** [SC8] Bytes of a row with whole numbers in it, which is never mixed; null: a row may be. */
  readonly wholeRowBytes: number | null;
  readonly completion: "fast" | "exact";
  readonly answerBound: number;
  readonly confidenceFloor: number;
  /** What a row takes the coordinator, ms; null: it has not tried the model. */
  readonly rowMs: number | null;
  /** Of a code that is checked. */
  readonly checks: ChecksAhead;
}

/** What a job costs without its checks. */
export type JobSizes = Omit<CodedJob, "rowMs" | "checks">;

export type Code = Omit<CodeSettings, "workers">;

/** @throws CodingError where (K, S, E) make no code */
export function planOfCode(job: JobSizes, code: Code): InferencePlan {
  const submission = { ...code, task: "classification" as const, completion: job.completion };
  return planInference({ submission, outputScale: null, codes: [] });
}

/** Does such a code send mixtures of its own accord? `auto` begins with them, and ends with what does better. */
export function sendsMixtures({ scheme, queriesPerGroup, stragglers, liars, spares }: Code): boolean {
  return !SCHEMES[scheme].hasSpares || (spares !== "backups" && queriesPerGroup > 1 && stragglers + liars > 0);
}

/** Bytes of a number that travels as it is, and of one in a mixture. */
export function numberBytes({ isBytes, wholeRowBytes, inputSize }: JobSizes): {
  readonly raw: number;
  readonly mixed: number;
} {
  if (wholeRowBytes !== null) return { raw: wholeRowBytes / inputSize, mixed: wholeRowBytes / inputSize };
  return isBytes ? { raw: 1, mixed: 2 } : { raw: 4, mixed: 4 };
}
