/** What an inference job sends to a tab: a batch of rows for a model. */
import { z } from "zod";
import { FRAME_TENSORS_MAX } from "../../protocol/limits.ts";
import { assignmentBase, blobSchema, payloadSchema } from "../../protocol/messages.ts";

/** Of a number that float32 holds, whatever it is. */
export const PACKED_BITS_MAX = 24;

const size = z.number().int().positive();

/** coordinator -> tab: run these rows through that model before the deadline. A probe is a known answer at join. */
export const batchAssignmentSchema = z.object({
  ...assignmentBase,
  kind: z.enum(["probe", "inference"]),
  work: z.literal("batch"),
  model: blobSchema,
  /** A tensor named "rows", rowCount x inputSize: F32 as the model takes them, or U8 or F16 entries; or `parts` (batch-rows.ts). */
  input: payloadSchema,
  /** Of U8 and F16: each entry times this is what the model takes, rounded once to float32. Absent with F32. */
  inputScale: z.number().positive().optional(),
  /**
   * [PR87] What a row is made of, where there are whole numbers in it: tensors "part_0", "part_1", ..., rowCount x size, one for each. Of
   * `same` there is none: all its numbers are that one. With `after` there are the numbers of each row up to its end, then that one, and the
   * ends as "ends_0". Of `upTo` there is none: 1 up to the ends of that part, then 0. With `bits` the numbers have so many bits each, one after
   * the other without gaps, the lowest first, in bytes.
   *
   * Tensors are U8 or U16 where all numbers of the batch are whole and fit, else F32; `scale` multiplies their entries as inputScale does. Whole
   * numbers that take fewer bits travel as U8 with `bits`: places in a table as many as its number of rows takes (15 of 30,522 words), others
   * above 65,535 PACKED_BITS_MAX. Neighbouring parts of one form are one part.
   */
  parts: z
    .array(
      z.object({
        size,
        scale: z.number().positive().optional(),
        same: z.number().optional(),
        after: z.number().optional(),
        upTo: z.number().int().nonnegative().optional(),
        bits: z.number().int().min(1).max(PACKED_BITS_MAX).optional(),
      }),
    )
    .min(1)
    .max(FRAME_TENSORS_MAX)
    .optional(),
  /** [PR106] Of its rows those count that are handed over before it is taken back; absent: its answer alone counts. */
  inSlices: z.literal(true).optional(),
  /** [PR109] It is to be computed on WebAssembly, whatever the tab computes with else; absent: on what the tab finds best. */
  onWebAssembly: z.literal(true).optional(),
  rowCount: size,
  inputSize: size,
  outputSize: size,
});
export type BatchMessage = z.infer<typeof batchAssignmentSchema>;
