/** What /v1 answers beside vectors, as OpenAI's clients read it. */
import { z } from "zod";
import type { V1Model } from "../../shared/protocol/v1-api.ts";
import { BATCH_ENDPOINT, BATCH_STATES, COMPLETION_WINDOW, type V1Batch } from "./batches.ts";
import type { NamedModel } from "./named-models.ts";
import { PURPOSES, type V1File } from "./v1-files.ts";

export function v1Model({ id, createdS, owner, dimensions, facts }: NamedModel): V1Model {
  const paritab = { dimensions, tokens: facts.countMax };
  return { id, object: "model", created: createdS, owned_by: owner || "paritab", paritab };
}

export const v1FileSchema = z
  .object({
    id: z.string(),
    object: z.literal("file"),
    bytes: z.number(),
    created_at: z.number(),
    filename: z.string(),
    purpose: z.enum(PURPOSES),
    status: z.literal("processed"),
  })
  .meta({ id: "V1File" });

export function v1File({ id, byteCount, createdS, filename, purpose }: V1File): z.infer<typeof v1FileSchema> {
  return { id, object: "file", bytes: byteCount, created_at: createdS, filename, purpose, status: "processed" };
}

const when = z.number().nullable();
export const v1BatchSchema = z
  .object({
    id: z.string(),
    object: z.literal("batch"),
    endpoint: z.literal(BATCH_ENDPOINT),
    errors: z
      .object({
        object: z.literal("list"),
        data: z.array(
          z.object({
            code: z.string(),
            message: z.string(),
            param: z.string().nullable(),
            line: z.number().nullable(),
          }),
        ),
      })
      .nullable(),
    input_file_id: z.string(),
    completion_window: z.literal(COMPLETION_WINDOW),
    status: z.enum(BATCH_STATES),
    output_file_id: z.string().nullable(),
    error_file_id: z.string().nullable(),
    created_at: z.number(),
    in_progress_at: when,
    expires_at: when,
    finalizing_at: when,
    completed_at: when,
    failed_at: when,
    expired_at: when,
    cancelling_at: when,
    cancelled_at: when,
    request_counts: z.object({ total: z.number(), completed: z.number(), failed: z.number() }),
    metadata: z.record(z.string(), z.string()).nullable(),
  })
  .meta({ id: "V1Batch" });

export function v1Batch(batch: V1Batch): z.infer<typeof v1BatchSchema> {
  const { id, problems, inputFileId, state, outputFileId, errorFileId, createdS, timesS, counts, metadata } = batch;
  return {
    id,
    object: "batch",
    endpoint: BATCH_ENDPOINT,
    errors: problems.length === 0 ? null : { object: "list", data: [...problems] },
    input_file_id: inputFileId,
    completion_window: COMPLETION_WINDOW,
    status: state,
    output_file_id: outputFileId,
    error_file_id: errorFileId,
    created_at: createdS,
    in_progress_at: timesS.in_progress ?? null,
    expires_at: null,
    finalizing_at: timesS.finalizing ?? null,
    completed_at: timesS.completed ?? null,
    failed_at: timesS.failed ?? null,
    expired_at: null,
    cancelling_at: timesS.cancelling ?? null,
    cancelled_at: timesS.cancelled ?? null,
    request_counts: counts,
    metadata: metadata === null ? null : { ...metadata },
  };
}

/** A page of things that have an id, as OpenAI lists them. */
export function listSchema<Schema extends z.ZodType>(item: Schema) {
  return z.object({
    object: z.literal("list"),
    data: z.array(item),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  });
}

/** @param after an id: what stands behind it; unknown ones give the first page */
export function listPage<Item extends { id: string }>(all: readonly Item[], limit: number, after: string | undefined) {
  const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const data = all.slice(start, start + limit);
  return {
    object: "list" as const,
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: start + limit < all.length,
  };
}
