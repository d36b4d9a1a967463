/** What an inference job sends to a tab: a batch of rows for a model. */
import { z } from "zod";
import { assignmentBase, blobSchema, payloadSchema } from "../../protocol/messages.ts";

const size = z.number().int().positive();

/** coordinator -> tab: run these rows through that model before the deadline. A probe is a known answer at join. */
export const batchAssignmentSchema = z.object({
  ...assignmentBase,
  kind: z.enum(["probe", "inference"]),
  work: z.literal("batch"),
  model: blobSchema,
  /** One tensor named "rows", rowCount x inputSize: F32 as the model takes them, or U8 or F16 entries (batch-rows.ts). */
  input: payloadSchema,
  /** Of U8 and F16: each entry times this is what the model takes, rounded once to float32. Absent with F32. */
  inputScale: z.number().positive().optional(),
  rowCount: size,
  inputSize: size,
  outputSize: size,
});
export type BatchMessage = z.infer<typeof batchAssignmentSchema>;
