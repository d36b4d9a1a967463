/** Jobs on the built-in digits, as tests submit them. */
import type { InferenceSubmissionInput } from "../../shared/sdk/paritab-client.ts";

/** Some of the built-in digits as a job. */
export function digits(queryCount: number, settings: Partial<InferenceSubmissionInput> = {}): InferenceSubmissionInput {
  return { kind: "inference", source: { kind: "sample", sample: "mnist", queryCount }, ...settings };
}

/** One tab does all of it: with K = 1 and nobody to lose, it is the one worker of each round. */
export const forOneTab = { queriesPerGroup: 1, stragglers: 0, liars: 0 } as const;
