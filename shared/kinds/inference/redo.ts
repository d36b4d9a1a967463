/** POST /api/jobs/:jobId/redo: rows of a job that has ended are done again, as a job of their own. */
import { z } from "zod";
import { sha256 } from "../../protocol/api-fields.ts";

export const REDO_WHICH = ["not-final", "taken-back"] as const;
export type RedoWhich = (typeof REDO_WHICH)[number];

export const redoRequestSchema = z
  .strictObject({
    only: z
      .enum(REDO_WHICH)
      .default("not-final")
      .describe("not-final: all answers that are not final now; taken-back: answers that were final once"),
  })
  .meta({ id: "RedoRequest" });

const redoFields = {
  jobId: z.string().describe("Of the job that does them again."),
  rows: z.number().describe("Answers that are done again."),
  isNew: z.boolean().describe("false: it was at work already."),
  commitment: sha256.exactOptional(),
};

export const redoStartedSchema = z
  .object({
    ...redoFields,
    others: z
      .array(z.object(redoFields))
      .describe("Of a job in parts: the jobs that do rows of its other parts again; absent: there are none.")
      .exactOptional(),
  })
  .meta({ id: "RedoStarted" });
export type RedoStarted = z.infer<typeof redoStartedSchema>;
