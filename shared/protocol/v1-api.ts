/** Models by name, as /v1 lists them. */
import { z } from "zod";

export const v1ModelSchema = z
  .object({
    id: z.string(),
    object: z.literal("model"),
    created: z.number().describe("seconds since 1970"),
    owned_by: z.string(),
    paritab: z
      .object({
        dimensions: z.number(),
        tokens: z.number().nullable().describe("of one text, at most; null: no limit"),
      })
      .describe("Not of OpenAI."),
  })
  .meta({ id: "V1Model" });
export type V1Model = z.infer<typeof v1ModelSchema>;

export const v1ModelsSchema = z.object({ object: z.literal("list"), data: z.array(v1ModelSchema) });

export const v1DeletedSchema = z.object({ id: z.string(), object: z.string(), deleted: z.literal(true) });
