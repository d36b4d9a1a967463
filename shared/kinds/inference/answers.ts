/** Answers of an inference job: their marks, a page of them, the end of their stream. */
import { z } from "zod";
import { JOB_STATES } from "../../protocol/job-api.ts";

export const ANSWER_MARKS = ["missing", "unchecked", "estimated", "audited", "exact", "non-finite"] as const;
/** As stored: the index in ANSWER_MARKS. */
export type AnswerMark = (typeof ANSWER_MARKS)[number];

/**
 * Which answers a page shows. estimated: those that are estimates now; estimated-first: those that were, when they first
 * came. not-final: those that may still be wrong by more than the job's bound. label-ambiguous: those whose label is open within the
 * tolerance that they were checked with. touched: those of queries, or of rounds, from which an answer was thrown out when a volunteer
 * was shut out, and those that such a volunteer gave. taken-back: those that were final once, and of which that
 * was taken back, whatever has taken their place since.
 */
export const ANSWER_FILTERS = [
  "all",
  "estimated",
  "estimated-first",
  "not-final",
  "label-ambiguous",
  "touched",
  "taken-back",
] as const;
export type AnswerFilter = (typeof ANSWER_FILTERS)[number];

const takingFields = {
  atMs: z.number().describe("When the volunteer was named."),
  volunteerId: z
    .string()
    .nullable()
    .describe("The named volunteer; null: none, because it turned out that nothing can check the job."),
  reason: z.string(),
};
export const takingSchema = z.object(takingFields).meta({ id: "Taking" });
export type TakingView = z.infer<typeof takingSchema>;

export const answerViewSchema = z
  .object({
    index: z.number(),
    label: z
      .number()
      .nullable()
      .describe("argmax of outputs; null while the answer is missing or non-finite, and for regression"),
    outputs: z
      .array(z.number())
      .describe("Empty while the answer is missing, and where it is non-finite: JSON knows no such numbers."),
    mark: z.enum(ANSWER_MARKS),
    cannotBeComputed: z
      .string()
      .describe(
        "Why the model gives no numbers for it, as the coordinator's own run said; absent: it does, or overflows.",
      )
      .optional(),
    final: z.boolean(),
    labelAmbiguous: z
      .boolean()
      .describe(
        "Its two largest outputs are so near that the tolerance it was checked with leaves the label open: never final.",
      ),
    bound: z
      .number()
      .nullable()
      .describe("Chance that it is wrong, for `audited` (and 0 for `exact`); null for the other marks."),
    averagedOverService: z
      .boolean()
      .optional()
      .describe(
        "Its bound rests on its volunteer's record in other jobs too: it holds on average over the jobs of the service.",
      ),
    confidence: z
      .number()
      .nullable()
      .describe("Lower confidence bound of the measured agreement with the model, for `estimated`; else null."),
    volunteerId: z.string().nullable(),
    first: z
      .object({
        label: z.number().nullable(),
        mark: z.enum(ANSWER_MARKS),
      })
      .nullable()
      .describe("What the first delivery said; its label is null for regression."),
    takenBack: takingSchema
      .describe(
        "The answer was final once, and was taken back. The present answer may be final again, if another volunteer has answered since. Absent: it was never taken back.",
      )
      .exactOptional(),
  })
  .meta({ id: "AnswerView" });
export type AnswerView = z.infer<typeof answerViewSchema>;

export const answersPageSchema = z
  .object({
    queryCount: z.number(),
    matching: z.number().describe("How many answers match `only`; offset counts these."),
    offset: z.number(),
    answers: z.array(answerViewSchema),
  })
  .meta({ id: "AnswersPage", description: "GET /api/jobs/:jobId/answers.json?offset=&limit=&only=" });
export type AnswersPage = z.infer<typeof answersPageSchema>;

export const countedTakingSchema = z
  .object({
    ...takingFields,
    count: z.number().describe("Answers of the job that were final until then."),
    finalAgain: z
      .number()
      .describe("Of these, the answers that are final now, because another volunteer has answered since."),
  })
  .meta({ id: "CountedTaking" });
export const takenBackSchema = z.object({ jobId: z.string(), takings: z.array(countedTakingSchema) }).meta({
  id: "TakenBack",
  description: "GET /api/jobs/:jobId/taken-back.json: namings that took back answers that were final.",
});
export type TakenBack = z.infer<typeof takenBackSchema>;

/** Of one naming: all of its answers, or some of them, where there are many. */
export const takenBackNoticeSchema = z
  .object({ ...takingFields, jobId: z.string(), indices: z.array(z.number()) })
  .meta({
    id: "TakenBackNotice",
    description: "The event `taken-back`, or `final-again` when the named volunteer is believed again.",
  });
export type TakenBackNotice = z.infer<typeof takenBackNoticeSchema>;

export const answersEndSchema = z
  .object({
    jobId: z.string(),
    state: z.enum(JOB_STATES),
    error: z.string().nullable(),
    queryCount: z.number(),
  })
  .meta({ id: "AnswersEnd", description: "The last event of answers.sse." });
export type AnswersEnd = z.infer<typeof answersEndSchema>;
