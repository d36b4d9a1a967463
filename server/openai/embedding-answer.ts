/** Vectors as OpenAI answers them; how far to trust each stands in a field of our own, which its clients pass on. */
import { z } from "zod";
import { ANSWER_MARKS } from "../../shared/kinds/inference/answers.ts";
import { inBase64 } from "../base64.ts";
import type { EmbeddedText } from "./embedder.ts";
import type { EmbeddingRequest } from "./embedding-request.ts";

const trustSchema = z
  .object({
    mark: z.enum(ANSWER_MARKS),
    final: z.boolean(),
    bound: z.number().nullable().describe("Chance that the vector is wrong; null for estimates and unchecked vectors."),
    job: z.string(),
  })
  .describe("How far to trust this vector; not of OpenAI.");

export const embeddingListSchema = z
  .object({
    object: z.literal("list"),
    data: z.array(
      z.object({
        object: z.literal("embedding"),
        index: z.number(),
        embedding: z
          .union([z.array(z.number()), z.string()])
          .describe("Numbers; with encoding_format base64 the bytes of float32, little-endian."),
        paritab: trustSchema,
      }),
    ),
    model: z.string(),
    usage: z.object({ prompt_tokens: z.number(), total_tokens: z.number() }),
    paritab: z
      .object({ receipts: z.array(z.string()) })
      .describe("Addresses of the receipts: who computed what, and how it was checked; not of OpenAI."),
  })
  .meta({ id: "EmbeddingList", description: "POST /v1/embeddings" });
export type EmbeddingList = z.infer<typeof embeddingListSchema>;

/** @param tokenCount of all texts together */
export function embeddingList(
  { model, encoding }: Pick<EmbeddingRequest, "model" | "encoding">,
  texts: readonly EmbeddedText[],
  tokenCount: number,
): EmbeddingList {
  const jobs = [...new Set(texts.map(({ jobId }) => jobId))];
  return {
    object: "list",
    data: texts.map(({ vector, mark, final, bound, jobId }, index) => ({
      object: "embedding",
      index,
      embedding: encoding === "base64" ? inBase64(vector) : [...vector],
      paritab: { mark, final, bound, job: jobId },
    })),
    model: model.id,
    usage: { prompt_tokens: tokenCount, total_tokens: tokenCount },
    paritab: { receipts: jobs.map((jobId) => `/api/jobs/${jobId}/receipt.json`) },
  };
}
