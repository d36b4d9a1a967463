/** The HTTP API of a whole service: one coordinator, or several (cells) on one database, a line each. */
import { z } from "zod";

/**
 * at work: it has renewed its lease lately. silent: it has not; when its lease is over another cell goes on with its jobs. gone: another cell has taken
 * over from it. stopped: it was ended in good order.
 */
export const CELL_STATES = ["starting", "at work", "silent", "stopping", "gone", "stopped"] as const;
export type CellState = (typeof CELL_STATES)[number];

export const cellViewSchema = z
  .object({
    name: z.string().describe("PARITAB_CELL; empty: it is called nothing."),
    isOwn: z.boolean().describe("It is the coordinator that answers."),
    state: z
      .enum(CELL_STATES)
      .describe(
        "`silent`: it has not renewed its lease lately; `gone`: another cell has taken over from it; `stopped`: in good order.",
      ),
    tabs: z.number().describe("Connected."),
    tabsReady: z.number().describe("That may be sent work, busy or not."),
    volunteersReady: z.number().describe("Different ones, of whom these tabs are."),
    jobs: z.number().describe("At work there; of a job in parts each cell that has one counts it."),
    version: z.string().nullable().describe("Of its pages; null: not known."),
    upMs: z.number().nullable().describe("For so long it has been there, ms; null: it is not, or not known."),
    heardAgoMs: z.number().describe("Since its last word to the others, ms."),
    takeoverInMs: z
      .number()
      .nullable()
      .describe(
        "Of a silent cell: after about so long another one goes on with its jobs, ms; null: it is not silent, or nobody else is there.",
      ),
    takenOverBy: z.string().nullable().describe("Of a cell that is gone: which one has its jobs; null: nobody."),
  })
  .meta({ id: "CellView", description: "One coordinator of a service." });
export type CellView = z.infer<typeof cellViewSchema>;

export const serviceSumsSchema = z
  .object({
    cells: z.number().describe("At work."),
    tabs: z.number(),
    tabsReady: z.number(),
    volunteersReady: z.number(),
    jobs: z.number().describe("Those of silent cells too, which others go on with."),
  })
  .meta({ id: "ServiceSums", description: "Sums over the coordinators of a service." });
export type ServiceSums = z.infer<typeof serviceSumsSchema>;

export const serviceViewSchema = z
  .object({
    sums: serviceSumsSchema,
    cells: z
      .array(cellViewSchema)
      .describe("Those that are there, the eldest first, then those that went within a day."),
  })
  .meta({ id: "ServiceView", description: "GET /api/service" });
export type ServiceView = z.infer<typeof serviceViewSchema>;
