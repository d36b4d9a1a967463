/** What the API tells of what a job's models make of rounding, and of jobs whose answers nothing can check. */
import { z } from "zod";
import { asItCameSchema } from "./as-it-came.ts";

export const sensitivityViewSchema = z
  .object({
    rows: z
      .number()
      .describe("Rows of its own queries that were computed once more on inputs one unit in the last place apart."),
    rowsOnSecond: z
      .number()
      .describe("How many of them a second implementation computed too; 0: that would cost too much."),
    deviation: z.number().describe("The largest share of a row's size by which the one or the other changed it."),
    amplification: z
      .number()
      .describe("The same over the shift of the inputs, 2^-24: what becomes of a rounding error on the way."),
    tolerance: z
      .object({ float32: z.number(), float16: z.number().nullable() })
      .nullable()
      .describe(
        "Two answers count as the same within this share of a row's size, by the precision of the device that gave it; float16 null: devices that store half-precision numbers get none of its work. null: honest answers cannot be told from lies.",
      ),
  })
  .meta({
    id: "SensitivityView",
    description: "What the model of a job makes of rounding, measured when it was submitted.",
  });
export type SensitivityView = z.infer<typeof sensitivityViewSchema>;

const errorLimit = z.number().nonnegative();
export const errorsViewSchema = z
  .object({
    webAssembly: errorLimit.describe(
      "Of a tab that computes on WebAssembly. 0: it is compared in every bit. More: the coordinator computes with other code, and where a number lies further off than that its WebAssembly decides.",
    ),
    others: z
      .array(z.object({ numbers: z.number().int().positive(), error: errorLimit }))
      .describe(
        "Of tabs that compute otherwise, such as on a graphics card: so many numbers of a row by their size, the largest first, and how far each may be off in a row of usual size. Empty: they get none of this job's work.",
      ),
  })
  .meta({
    id: "ErrorsView",
    description:
      "By how much a number of a final answer may differ from what the coordinator computes before that is found, in the model's own numbers.",
  });
export type ErrorsView = z.infer<typeof errorsViewSchema>;

export const suspensionSchema = z.object({ sinceMs: z.number(), reason: z.string() }).meta({
  id: "Suspension",
  description:
    "No work is sent for the job any more, because its answers cannot be checked: cancel it, or let it go on unchecked.",
});

/** Fields that the view and the receipt have alike. */
export const checkingFields = {
  asItCame: asItCameSchema.describe("Absent: the job was submitted before that was compared.").exactOptional(),
  sensitivity: sensitivityViewSchema
    .describe("Absent: the job was submitted before that was measured.")
    .exactOptional(),
  errors: errorsViewSchema
    .describe("Absent: nothing checks its answers, or the job was submitted before that was measured.")
    .exactOptional(),
  unchecked: z
    .string()
    .describe("Why nothing checks its answers, in a sentence; absent: they are checked as its scheme says.")
    .exactOptional(),
  fixedOnly: z
    .string()
    .describe("Why no graphics card computes it, in a sentence; absent: cards do too.")
    .exactOptional(),
  suspended: suspensionSchema.describe("Absent: it goes on, or has ended.").exactOptional(),
};
