/** GET /api/jobs/:jobId/receipt.json of an inference job that has ended. */
import { z } from "zod";
import { ANSWER_MARKS } from "./answers.ts";
import { codeViewSchema } from "./job-view.ts";
import { notComputedField } from "./not-computed.ts";
import { partOfSchema } from "./parts.ts";
import { rowsReceiptSchema } from "./rows-receipt.ts";
import { checkingFields } from "./sensitivity.ts";
import { inferenceSubmissionSchema } from "./submission.ts";

export const volunteerReceiptSchema = z
  .object({
    volunteerId: z.string(),
    nickname: z.string(),
    assignments: z
      .number()
      .describe(
        "Claims of it that were answered; of a job that ended in rounds results that went into durable ones, or were taken out again.",
      ),
    rows: z.number().describe("Rows of these."),
    answers: z
      .number()
      .describe("Answers that stand as it gave them (and, marked exact, as the coordinator computed them too)."),
    recordAtEnd: z
      .number()
      .exactOptional()
      .describe(
        "Rows of it that the coordinator recomputed and found right, in all jobs until the end of this one; absent: of an earlier version.",
      ),
    auditedRows: z.number(),
    failedRows: z.number(),
    rejectedRows: z
      .number()
      .describe(
        "Rows that the scheme itself outvoted, or that its error locator named. The locator names E, whether or not anybody lied.",
      ),
    withdrawnAssignments: z.number(),
    withdrawnRows: z.number(),
    bound: z
      .number()
      .nullable()
      .describe(
        "The chance that an audited answer of it is wrong, as of the job's end; null: nothing of it was audited.",
      ),
    quarantine: z
      .object({
        atMs: z.number(),
        jobId: z.string(),
        roundIndex: z.number(),
        reason: z.string(),
      })
      .nullable(),
  })
  .meta({ id: "VolunteerReceipt" });
export type VolunteerReceipt = z.infer<typeof volunteerReceiptSchema>;

export const inferenceReceiptSchema = z
  .object({
    jobId: z.string(),
    kind: z.literal("inference"),
    submission: inferenceSubmissionSchema,
    redoOf: z
      .object({ jobId: z.string(), rowsSha256: z.string() })
      .describe(
        "The job of which it does rows again, and the hash of a .npy file that says which; absent: it was submitted for itself.",
      )
      .exactOptional(),
    partOf: partOfSchema.exactOptional(),
    state: z.enum(["done", "failed", "cancelled"]),
    error: z.string().nullable(),
    code: z.object({
      scheme: z.string(),
      queriesPerGroup: z.number().describe("K, S, E and N; of a job with an aim those of the last code."),
      stragglers: z.number(),
      liars: z.number(),
      workers: z.number(),
      groups: z.number(),
      rounds: z.number().describe("Absent: the job ran on the ledger of rows (`rows`).").exactOptional(),
      roundsDone: z
        .number()
        .describe("Of them those whose answers are durable; all, where the job is done; absent: as `rounds`.")
        .exactOptional(),
      inForce: z
        .array(codeViewSchema)
        .describe(
          "Of a job with an aim: which code was chosen; of one that ended in rounds, which was in force for which.",
        )
        .exactOptional(),
    }),
    verification: z
      .enum(["audits", "votes", "none"])
      .describe(
        "audits: results were recomputed in part before they counted. votes: a majority decided. none: they were believed.",
      ),
    hashes: z.object({
      model: z.string().describe("Of the model that tabs ran: with the one output that the job asked for."),
      parityModel: z.string().nullable(),
      queries: z
        .string()
        .nullable()
        .describe(
          "Of the file that was submitted; of an array for each input, of their rows as one .npy file, n x the inputs one after the other; of a stream, of all its queries as one .npy file, n x numbers of a query; null: of a stream whose queries are not kept any more.",
        ),
      labels: z.string().nullable(),
      answers: z.string().describe("sha-256 of the files that answers.npy and marks.npy serve."),
      marks: z.string(),
    }),
    answers: z.object({
      queryCount: z.number(),
      byMark: z.record(z.enum(ANSWER_MARKS), z.number()),
      final: z.number(),
      labelAmbiguous: z
        .number()
        .describe("Answers whose label is open within the tolerance that they were checked with: not final."),
      takenBack: z
        .number()
        .describe("Answers that were final while the job ran, and of which that was taken back; absent: of none.")
        .exactOptional(),
      boundOfJob: z.number().describe("Below this chance of being wrong an answer is final."),
      boundMax: z.number().nullable().describe("Of the audited answers the largest bound; null: there are none."),
      wrongExpectedMax: z
        .number()
        .describe(
          "Sum of the bounds of all audited answers. Of a job in rounds so many of them may be wrong, on average, at most; of a job on the ledger see `rows.promise`.",
        ),
    }),
    estimates: z
      .object({
        agreed: z.number(),
        compared: z.number(),
        confidence: z.number(),
      })
      .nullable()
      .describe(
        "How often estimates were what the model itself said, where both are known; null: there was nothing to compare.",
      ),
    ...notComputedField,
    audits: z.object({
      rows: z.number(),
      failedRows: z.number(),
    }),
    ledgers: z
      .object({
        rows: z
          .number()
          .describe("Of the first one, and of each that begins when somebody was named; what follows has others."),
        checkShare: z.number().describe("The chance that a second volunteer was asked for a row."),
        begun: z.number(),
        certified: z.number(),
        audited: z
          .number()
          .describe("Whose rows were audited from the first on, for a volunteer had been named lately."),
      })
      .describe(
        "Of a stream whose volunteers checked each other; absent: its results were audited, or it is no stream.",
      )
      .exactOptional(),
    ...checkingFields,
    rows: rowsReceiptSchema.describe("Absent: the job ran in rounds.").exactOptional(),
    volunteers: z.array(volunteerReceiptSchema),
    redone: z
      .object({
        rounds: z.number().describe("Absent: the job ran on the ledger of rows.").exactOptional(),
        assignments: z.number().describe("Absent: as `rounds`; rows count there.").exactOptional(),
        rows: z.number(),
      })
      .describe("What was done again because a volunteer had lied."),
    submittedMs: z.number(),
    finishedMs: z.number(),
  })
  .meta({ id: "InferenceReceipt" });
export type InferenceReceipt = z.infer<typeof inferenceReceiptSchema>;
