/** What the API tells of an inference job while it runs. */
import { z } from "zod";
import { JOB_STATES, waitsFields } from "../../protocol/job-api.ts";
import { aimSchema } from "./aim.ts";
import { ANSWER_MARKS } from "./answers.ts";
import { notComputedField } from "./not-computed.ts";
import { partOfSchema, partRangeSchema } from "./parts.ts";
import { rowsViewSchema } from "./rows-view.ts";
import { checkingFields } from "./sensitivity.ts";
import { SPARES } from "./submission.ts";

export const codeViewSchema = z
  .object({
    fromRound: z
      .number()
      .describe(
        "Of a job that ended in rounds: in force from this one on, until the next code's first; absent: of others.",
      )
      .exactOptional(),
    queriesPerGroup: z.number(),
    stragglers: z.number(),
    liars: z.number(),
    groupsPerRound: z.number().describe("As fromRound: groups of each of these rounds.").exactOptional(),
    spares: z.enum(SPARES),
    chosenMs: z.number(),
    reason: z.string().describe("What it was expected to come to when it was chosen, in words."),
  })
  .meta({ id: "CodeView", description: "A code of a job with an aim." });
export type CodeView = z.infer<typeof codeViewSchema>;

/** GET /api/jobs/:jobId of an inference job. */
export const inferenceJobViewSchema = z
  .object({
    jobId: z.string(),
    name: z.string(),
    submitter: z.string(),
    purpose: z.string().describe("Absent: the submitter has not said.").exactOptional(),
    kind: z.literal("inference"),
    scheme: z.string(),
    queriesPerGroup: z.number(),
    stragglers: z.number(),
    liars: z.number(),
    workerCount: z.number(),
    completion: z.enum(["fast", "exact"]),
    state: z.enum(JOB_STATES),
    aim: aimSchema
      .describe(
        "What the submitter named in place of a code, and the codes that were in force; absent: a code was named.",
      )
      .exactOptional(),
    codes: z.array(codeViewSchema).exactOptional(),
    ...waitsFields,
    error: z.string().nullable(),
    queryCount: z.number(),
    roundCount: z.number().describe("Of a job on the ledger of rows (`rows`): its rows, for it has no rounds."),
    roundsDone: z.number().describe("Of a job on the ledger of rows: its rows that have an answer."),
    answersByMark: z.record(z.enum(ANSWER_MARKS), z.number()),
    finalCount: z.number(),
    takenBackCount: z
      .number()
      .describe("Answers that were final once, and of which that was taken back; absent: of none.")
      .exactOptional(),
    keepsNames: z.literal(true).describe("Names of its rows stay with it; absent: none do.").exactOptional(),
    redoOf: z
      .string()
      .describe("The job of which it does rows again; absent: it was submitted for itself.")
      .exactOptional(),
    redoneBy: z
      .array(z.string())
      .describe("Jobs that did rows of it again, or were to, the earliest first; absent: none.")
      .exactOptional(),
    partOf: partOfSchema.exactOptional(),
    parts: z
      .array(partRangeSchema.extend({ jobId: z.string(), state: z.enum(JOB_STATES) }))
      .describe(
        "Of a job that several coordinators have: its parts, in the order of the queries; absent: it is one piece.",
      )
      .exactOptional(),
    labelAmbiguousCount: z
      .number()
      .describe("Answers whose label is open within the tolerance that they were checked with."),
    submittedMs: z.number(),
    finishedMs: z.number().nullable().describe("null until its end is durable."),
    remainingMs: z
      .number()
      .nullable()
      .describe(
        "By how fast rows were answered, or rounds finished, lately, ms; null while that is not known, or where nothing moves.",
      ),
    accuracy: z.number().nullable().describe("Share of labels that the current answers hit; null without labels."),
    auditedRows: z.number(),
    failedAudits: z.number(),
    ...notComputedField,
    ...checkingFields,
    rows: rowsViewSchema
      .describe(
        "Of a job on the ledger of rows: each row is asked, answered and checked by itself. Its list of rounds, and the rounds of its timeline, are empty; `finalCount`, `answersByMark` and `queryCount` say how many rows are final, answered and asked for. Absent: it runs in rounds.",
      )
      .exactOptional(),
    stream: z
      .object({
        isOpen: z.boolean().describe("Does it take queries still?"),
        closeAfterMs: z.number(),
        idleMs: z.number(),
        checks: z
          .enum(["audits", "cross-checks"])
          .describe(
            "How results are checked that come now: audits, by the coordinator alone, each answer by itself; or cross-checks, by volunteers too, and answers become final together.",
          )
          .exactOptional(),
      })
      .describe("Absent: its queries were all there when it began.")
      .exactOptional(),
  })
  .meta({ id: "InferenceJobView" });
export type InferenceJobView = z.infer<typeof inferenceJobViewSchema>;
