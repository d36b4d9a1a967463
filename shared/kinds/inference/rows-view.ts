/** What is told of a job on the ledger of rows: for what its rows wait, what its checks cost, and what its bound promises. */
import { z } from "zod";

/** Why a row has no final answer yet, the reasons of the ledger and of the checks. */
export const ROW_WAITS = ["fresh", "again", "checks", "coordinator", "claims"] as const;
export type RowWait = (typeof ROW_WAITS)[number];

export const rowsWaitingSchema = z
  .object({
    fresh: z.number().describe("Rows that nobody was asked for yet."),
    again: z.number().describe("Rows whose holder failed, left, is late or was named: somebody else is asked."),
    checks: z.number().describe("Second words that tabs are to give, or have in work."),
    coordinator: z.number().describe("Rows that the coordinator is to compute, or is at."),
    claims: z.number().describe("Claims that are out: each is some rows of one tab."),
  })
  .meta({ id: "RowsWaiting", description: "For what rows of a job wait, by reason." });
export type RowsWaiting = z.infer<typeof rowsWaitingSchema>;

export const rowsPriceSchema = z
  .object({
    toldRows: z
      .number()
      .describe("Rows that the coordinator was to compute for checks, as told before the first row went out."),
    rows: z
      .number()
      .describe(
        "The same by now: more than `toldRows` once a naming has made rows to be asked again, which has a price of its own.",
      ),
    duplicateRows: z.number().describe("Rows that tabs were to answer twice, on average."),
  })
  .meta({
    id: "RowsPrice",
    description: "What the checks of a job cost, on average over the coins, if nobody else lies.",
  });

export type RowsPrice = z.infer<typeof rowsPriceSchema>;

/** A field of the view of a job; absent: it runs on rounds. */
export const rowsViewSchema = z
  .object({
    waiting: rowsWaitingSchema.nullable().describe("null: its rows are not prepared yet, or it has ended."),
    notFinalForMs: z
      .number()
      .nullable()
      .describe(
        "For how long its oldest answer that is not final has been there, ms; null: there is none, or nothing will be final.",
      ),
    coordinatorRows: z.number().describe("Rows that the coordinator computed itself: their answers are exact."),
    price: rowsPriceSchema
      .nullable()
      .describe("null: no block of it was opened, for nothing checks it or its account carries none."),
    blocks: z
      .object({ opened: z.number(), certified: z.number() })
      .describe(
        "Rows that are certified together: the job, a piece of a long one, or what is asked again after a naming.",
      ),
    isStrict: z
      .boolean()
      .describe("It has an account of its own: its bound is of this job, not averaged over its submitter's."),
    promise: z.string().nullable().describe("What its bound says, in a sentence or two; null: no bound is promised."),
    raised: z.string().nullable().describe("By what a naming raised the price, in a sentence; null: none did."),
    refused: z
      .string()
      .nullable()
      .describe("Why its answers, or those that are asked again, have no bound, in a sentence; null: they have one."),
    rowsThatSuffice: z
      .number()
      .nullable()
      .describe(
        "So many rows in one job its submitter's account would carry; null: it carries these, or more rows do not help.",
      ),
  })
  .meta({ id: "RowsView", description: "An inference job on the ledger of rows." });
export type RowsView = z.infer<typeof rowsViewSchema>;

/** Of an estimate. */
export const rowsEstimateSchema = z
  .object({
    coordinatorRows: z.number().describe("Rows that the coordinator would compute, on average, if nobody lies."),
    coordinatorMs: z
      .number()
      .describe("Its time for them, ms; as a model of this size usually takes, where it has not tried this one."),
    duplicateRows: z.number().describe("Rows that tabs would answer twice, on average."),
    finalBy: z
      .enum(["account", "coordinator", "nobody"])
      .describe(
        "account: its answers are final once they are certified. coordinator: the account does not carry the job, and the coordinator computes all of it in a few seconds. nobody: its answers would not be final.",
      ),
    rowsThatSuffice: z
      .number()
      .nullable()
      .describe("So many rows in one job would be carried; null: these are, or more rows do not help."),
    rowsMax: z
      .number()
      .nullable()
      .describe("The lower cap of submitter (coordinatorRowsMax) and operator; null: there is none."),
    promise: z.string().nullable().describe("What the bound says, in a sentence or two; null: none is promised."),
  })
  .meta({
    id: "RowsEstimate",
    description: "What checks of a job on the ledger would cost, by its submitter's account as it stands.",
  });
export type RowsEstimate = z.infer<typeof rowsEstimateSchema>;
