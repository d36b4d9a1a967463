/** Fields that several schemas of the API have. */
import { z } from "zod";
import { ASKED_BYTES_MAX, ASKED_WORDS_MAX, NAME_LENGTH_MAX, PURPOSE_LENGTH_MAX } from "./limits.ts";

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected a sha-256 in lower-case hex");

/** Shown to volunteers: no control characters, and none that turn the direction of writing (Unicode Cc and Cf). */
export const jobName = z
  .string()
  .trim()
  .min(1)
  .max(NAME_LENGTH_MAX)
  .regex(/^[^\p{Cc}\p{Cf}]*$/u, "expected a name without control characters");

/** What a job is for, in a sentence or two to its volunteers. The same characters as in names. */
const jobPurpose = z
  .string()
  .trim()
  .min(1)
  .max(PURPOSE_LENGTH_MAX)
  .regex(/^[^\p{Cc}\p{Cf}]*$/u, "expected text without control characters");

/** The submitter's part of what a coordinator commits to: with it, nobody can have prepared the secret for this job. */
export const nonce = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, "expected 1 to 64 letters, digits, - or _")
  .describe("yours, at random: goes into the commitment to which rows will be checked");

/** It holds names of the submitter's own files. */
const asked = z
  .array(z.string())
  .min(1)
  .max(ASKED_WORDS_MAX)
  // Whoever copies it runs this program and no other.
  .refine(([program]) => program === "paritab", 'expected "paritab" as the first word')
  .refine((words) => JSON.stringify(words).length <= ASKED_BYTES_MAX, `expected at most ${ASKED_BYTES_MAX} bytes`);

/** What every submission may say of itself. */
export const jobFields = {
  name: jobName.default("untitled").describe("shown to volunteers"),
  submitter: jobName.default("anonymous").describe("who asks; shown to volunteers"),
  purpose: jobPurpose.optional().describe("what it is good for; shown to volunteers"),
  asked: asked
    .optional()
    .describe("how it was asked for, a command line in words; told to whoever may read the job, and in no receipt"),
};

/** Of uploads whose numbers are multiplied by it before anything else. */
export const inputScale = z
  .number()
  .positive()
  .max(1e6)
  .default(1)
  .describe("numbers are multiplied by this: 1/255 for 8-bit images");
