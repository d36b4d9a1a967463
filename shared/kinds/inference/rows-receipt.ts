/** What the receipt of a job on the ledger of rows says of its checks: the terms of each block, how the block ended, and what the bound promises. */
import { z } from "zod";

export const blockReceiptSchema = z
  .object({
    rows: z.number(),
    timesAsked: z.number().describe("How often its rows had been asked before: 0 of the job's first block."),
    coordinatorShare: z.number().describe("The chance that the coordinator answered a row's coin (q)."),
    partnerShare: z.number().describe("The chance that another volunteer did (h)."),
    sampleShare: z.number().describe("What the sample found of lies that the coins had missed (s)."),
    checkShare: z.number().describe("What coins and sample together found of a lie (c)."),
    reserve: z
      .number()
      .describe("Wrong answers, (1 - c) / c: held while the block was open, charged at its first finding."),
    isCharged: z.boolean().describe("Was there a finding?"),
    sampled: z
      .number()
      .nullable()
      .describe("Rows of its sample; null: it has no certificate, and its answers no bound of it."),
  })
  .meta({ id: "BlockReceipt", description: "Rows that were certified together." });
export type BlockReceipt = z.infer<typeof blockReceiptSchema>;

/** A field of the receipt; absent: the job ran in rounds. */
export const rowsReceiptSchema = z
  .object({
    promise: z.string().nullable().describe("What the bound says, in a sentence or two; null: no bound is promised."),
    isStrict: z.boolean().describe("It had an account of its own: the promise is of this job alone."),
    blocks: z
      .array(blockReceiptSchema)
      .describe("The earliest first; none: nothing checked it, or the coordinator computed all of it."),
  })
  .meta({ id: "RowsReceipt", description: "How the rows of an inference job were checked." });
export type RowsReceipt = z.infer<typeof rowsReceiptSchema>;
