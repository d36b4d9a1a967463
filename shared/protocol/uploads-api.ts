/** What uploads are answered with: models and tensors that jobs are submitted on. */
import { z } from "zod";
import { NPY_DTYPES } from "./npy.ts";

/** POST /api/models answers with this. */
export const modelUploadedSchema = z
  .object({
    modelSha256: z.string(),
    inputShape: z
      .array(z.number())
      .describe("Of one query; where there are several inputs, their numbers one after the other."),
    inputs: z
      .array(
        z.object({
          name: z.string(),
          shape: z.array(z.number()),
          dtype: z.string().describe("float32: any numbers; else whole numbers, or true and false, of that type."),
          below: z
            .number()
            .describe("Of places in a table of the model, such as words: how many there are.")
            .exactOptional(),
          takes: z
            .string()
            .describe(
              "Of float32: a query's numbers have to be of this type, which the model casts to floats at once. A code may mix them.",
            )
            .exactOptional(),
        }),
      )
      .describe("What a query is made of, in that order. Whole numbers cannot be mixed by a code."),
    outputSize: z.number().describe("Of the first output, as macsPerQuery."),
    outputs: z
      .array(
        z.object({
          name: z.string(),
          size: z.number(),
          shape: z.array(z.number()).describe("Of one row's answer, whose numbers come one after the other."),
          macsPerQuery: z.number(),
        }),
      )
      .describe(
        "Those that jobs can ask for, in the order of the model. A job on a model with several says which one it wants.",
      ),
    macsPerQuery: z.number(),
    weightBytes: z.number(),
  })
  .meta({ id: "ModelUploaded" });
export type ModelUploaded = z.infer<typeof modelUploadedSchema>;

export const tensorUploadedSchema = z
  .object({
    tensorSha256: z.string(),
    dtype: z.enum(NPY_DTYPES),
    shape: z.array(z.number()),
  })
  .meta({ id: "TensorUploaded", description: "POST /api/tensors (body: `.npy`) answers with this." });
export type TensorUploaded = z.infer<typeof tensorUploadedSchema>;

export const namesUploadedSchema = z
  .object({ namesSha256: z.string() })
  .meta({ id: "NamesUploaded", description: "POST /api/names answers with this." });

export const uploadRoomSchema = z
  .object({
    queriesMax: z.number().describe("Of one job."),
    tensorBytesMax: z
      .number()
      .describe(
        "Of an array of queries as uint8, uint16 or float32, row by row and little-endian: it is read by rows.",
      ),
    wholeTensorBytesMax: z.number().describe("Of any other array."),
    modelBytesMax: z.number().describe("All files of a model together."),
    answerBytesMax: z.number().describe("Of one job: queries times outputs, float32."),
    roomBytes: z
      .number()
      .nullable()
      .describe("Room for further uploads: the rest of the quota or of the disk, whichever is less; null: unknown."),
  })
  .meta({ id: "UploadRoom", description: "GET /api/uploads/room" });
export type UploadRoom = z.infer<typeof uploadRoomSchema>;
