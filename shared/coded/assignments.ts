/** What a coded run sends to a tab: a shard to keep, and products with it. */
import { z } from "zod";
import { assignmentBase as base, blobSchema, payloadSchema } from "../protocol/messages.ts";

const size = z.number().int().positive();
const matrixShape = z.object({ rows: size, columns: size });
/** A frame of U32 tensors of residues mod 2^31-1: "forward" and, where the run needs both directions, "backward". */
const shard = blobSchema.extend({ forward: matrixShape, backward: matrixShape.nullable() });

/** The round of a product, 0 for shards; and which evaluation point its shard is of. Checks against secret keys do not rest on hiding them. */
const assignmentBase = {
  ...base,
  roundIndex: z.number().int().nonnegative(),
  workerIndex: z.number().int().nonnegative(),
};

/** @param kind of the jobs that send them */
export function codedAssignmentSchema<Kind extends string>(kind: Kind) {
  return z.discriminatedUnion("work", [
    /** Fetch this shard and keep it for the products to come. The answer is a result of kind `held`. */
    z.object({ ...assignmentBase, kind: z.literal(kind), work: z.literal("shard"), shard }),
    /** Multiply one matrix of a shard (rows x columns) with these columns x width residues. */
    z.object({
      ...assignmentBase,
      kind: z.literal(kind),
      work: z.literal("product"),
      /** Whoever does not hold it any more fetches it with this token. */
      shard,
      product: z.enum(["forward", "backward"]),
      /** One U32 tensor named "vector", columns x width; the same for all tabs of a round. */
      vector: payloadSchema,
      width: size,
    }),
  ]);
}
export type CodedAssignment<Kind extends string = string> = z.infer<ReturnType<typeof codedAssignmentSchema<Kind>>>;
export type ShardAssignment<Kind extends string = string> = Extract<CodedAssignment<Kind>, { work: "shard" }>;
export type ProductAssignment<Kind extends string = string> = Extract<CodedAssignment<Kind>, { work: "product" }>;
