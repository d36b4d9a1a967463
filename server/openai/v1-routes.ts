/** /v1: vectors of texts as OpenAI's clients ask for them, with access tokens as API keys. */
import { randomBytes } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  V1_FILE_BYTES_MAX,
  V1_PAGE_MAX,
  V1_REQUEST_BYTES_MAX,
  V1_REQUEST_MS_MAX,
  V1_RETRY_AFTER_S,
} from "../../shared/protocol/limits.ts";
import { v1DeletedSchema } from "../../shared/protocol/v1-api.ts";
import { identityOf, partyAsking } from "../web/access-hooks.ts";
import { type App, content, OCTETS, rawBody, route } from "../web/route.ts";
import { BATCH_ENDPOINT, type BesideCoordinator, COMPLETION_WINDOW, type V1Batch } from "./batches.ts";
import { embeddingList, embeddingListSchema } from "./embedding-answer.ts";
import { ENCODINGS, embeddingRequest, encodedTexts } from "./embedding-request.ts";
import { addModelNameRoutes } from "./model-name-routes.ts";
import type { OpenAi } from "./openai.ts";
import { invalid, OpenAiFailure, refuseAny, unexpected } from "./openai-error.ts";
import { askerOf, belongsTo } from "./owned.ts";
import type { V1File } from "./v1-files.ts";
import { listPage, listSchema, v1Batch, v1BatchSchema, v1File, v1FileSchema } from "./v1-schemas.ts";

const group = "openai";
const pageSchema = z.object({
  after: z.string().max(200).optional().describe("an id: what stands behind it"),
  limit: z.coerce.number().int().min(1).max(V1_PAGE_MAX).default(20).describe("so many at most"),
  order: z.enum(["asc", "desc"]).default("desc").describe("by when they were made"),
  purpose: z.string().max(80).optional().describe("of files: of this purpose alone"),
});
/** Of any form: clients take 404 for an id that nothing has, and 400 for a mistake of theirs. */
const fileParams = z.object({ fileId: z.string().max(200) });
const batchParams = z.object({ batchId: z.string().max(200) });

export function addV1Routes(app: App, openAi: OpenAi): void {
  addModelNameRoutes(app, openAi);
  addEmbeddingRoute(app, openAi);
  addFileRoutes(app, openAi);
  addBatchRoutes(app, openAi);
}

function addEmbeddingRoute(app: App, { works, models, embedder }: OpenAi): void {
  const about =
    "Vectors of texts, as OpenAI's API has it: each is computed by volunteers' tabs and checked before it is given. Access tokens serve " +
    "as API keys. A text longer than the model takes is refused, never cut. Two headers say what the texts took: x-paritab-crowd-ms with the " +
    "crowd, x-paritab-alone-ms on one core of the coordinator's machine, as far as the model was timed there.";
  const body = z
    .any()
    .describe(
      `{model, input: text or texts, encoding_format: ${ENCODINGS.join(" or ")}, dimensions: the model's own or none, user}`,
    );
  const options = {
    ...route(
      { name: "embeddings", group, about, scope: "submit" },
      { body, response: { 200: embeddingListSchema.describe("one vector a text, in their order") } },
    ),
    bodyLimit: V1_REQUEST_BYTES_MAX,
  };
  app.post(BATCH_ENDPOINT, options, async (request, reply) => {
    const asked = embeddingRequest(request.body, models);
    const ids = await encodedTexts(asked, works, models, partyAsking(request));
    await embedder.requireTabs();
    const gone = new AbortController();
    reply.raw.once("close", () => gone.abort(new Error("whoever asked has gone")));
    const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(V1_REQUEST_MS_MAX)]);
    const key = randomBytes(18).toString("base64url");
    const identity = identityOf(request);
    const startMs = performance.now();
    const embedded = await embedder.embed(identity, asked.model, ids, { key, signal }).catch((error) => {
      if (!signal.aborted) throw error;
      const message = `expected vectors within ${V1_REQUEST_MS_MAX / 1000} s, got none; ask for fewer at once, or send a batch`;
      throw new OpenAiFailure(503, "timeout", message);
    });
    // Its model has run here by then: a job is tried before its first row goes to a tab.
    const aloneMs = await embedder.aloneMs(identity, asked.model, ids);
    setTimes(reply, { aloneMs, crowdMs: performance.now() - startMs });
    return embeddingList(
      asked,
      embedded,
      ids.reduce((sum, { length }) => sum + length, 0),
    );
  });

  // Clients wait as long before they ask again: here for tabs that come, longer than whoever finds the disk busy.
  app.addHook("onSend", async (request, reply, payload) => {
    const isBusy = reply.statusCode === 503 || (reply.statusCode === 429 && !reply.hasHeader("retry-after"));
    if (isBusy && request.url.startsWith("/v1/")) reply.header("retry-after", V1_RETRY_AFTER_S);
    return payload;
  });
}

function addFileRoutes(app: App, { files, models, ownership }: OpenAi): void {
  const find = (request: FastifyRequest, fileId: string): V1File => {
    const file = files.get(fileId);
    if (file !== null && belongsTo(askerOf(request), file)) return file;
    throw new OpenAiFailure(404, "not_found", `No such File object: ${fileId}`, "id");
  };

  const uploadAbout =
    "A file of requests for a batch: multipart/form-data with purpose (batch) and file (a request a line, JSONL).";
  const options = {
    ...route(
      { name: "uploadFile", group, about: uploadAbout, scope: "submit" },
      { ...rawBody("purpose and file", "multipart/form-data"), response: { 200: v1FileSchema.describe("the file") } },
    ),
    onRequest: [ownership.requireRoomHeld(V1_FILE_BYTES_MAX)],
  };
  app.post("/v1/files", options, async (request) => {
    if (!request.isMultipart()) throw invalid("file", "expected multipart/form-data with purpose and file");
    const owner = identityOf(request).submitter;
    files.requireRoom(owner, models.bytesOf(owner) + Number(request.headers["content-length"] ?? 0));
    let [purpose, file]: [unknown, V1File | null] = [undefined, null];
    for await (const part of request.parts({
      limits: { files: 1, fields: 8, parts: 9, fileSize: Number.MAX_SAFE_INTEGER },
    })) {
      if (part.type === "field") {
        if (part.fieldname === "purpose") purpose = part.value;
      } else if (part.fieldname === "file") {
        const filename = (part.filename || "requests.jsonl").slice(-200);
        file = await files.write({ owner, filename, purpose: "batch" }, part.file);
      } else throw invalid(part.fieldname.slice(0, 80), "expected purpose and file, got another part");
    }
    if (file === null) throw invalid("file", "expected a file, got none");
    if (purpose === "batch") return v1File(file);
    await files.remove(file.id);
    throw unexpected("purpose", "batch", purpose);
  });

  app.get(
    "/v1/files",
    route(
      { name: "files", group, about: "Your files.", scope: "read" },
      { querystring: pageSchema, response: { 200: listSchema(v1FileSchema).describe("a page of files") } },
    ),
    async (request) => {
      const { limit, after, order, purpose } = request.query;
      const own = files.of(askerOf(request)).filter((file) => purpose === undefined || file.purpose === purpose);
      return listPage((order === "asc" ? own.reverse() : own).map(v1File), limit, after);
    },
  );
  app.get(
    "/v1/files/:fileId",
    route(
      { name: "file", group, about: "What is known of a file.", scope: "read" },
      { params: fileParams, response: { 200: v1FileSchema.describe("the file") } },
    ),
    async (request) => v1File(find(request, request.params.fileId)),
  );
  app.get(
    "/v1/files/:fileId/content",
    route(
      { name: "fileContent", group, about: "A file's bytes.", scope: "read" },
      { params: fileParams, response: { 200: content("the bytes", { [OCTETS]: z.any() }) } },
    ),
    async (request, reply) => {
      const { id, byteCount } = find(request, request.params.fileId);
      return reply.type(OCTETS).header("content-length", byteCount).send(files.read(id));
    },
  );
  app.delete(
    "/v1/files/:fileId",
    route(
      { name: "deleteFile", group, about: "Deletes a file.", scope: "submit" },
      { params: fileParams, response: { 200: v1DeletedSchema.describe("it is deleted") } },
    ),
    async (request) => {
      const { id } = find(request, request.params.fileId);
      await files.remove(id);
      return { id, object: "file", deleted: true as const };
    },
  );
}

function addBatchRoutes(app: App, { batches, files }: OpenAi): void {
  const find = (request: FastifyRequest, batchId: string): V1Batch => {
    const batch = batches.get(batchId);
    if (batch !== null && belongsTo(askerOf(request), batch)) return batch;
    throw new OpenAiFailure(404, "not_found", `No such Batch object: ${batchId}`, "id");
  };

  const about =
    "Requests for vectors from a file, as OpenAI's API has it. A batch waits for tabs as long as it takes, goes on after a restart of the " +
    "coordinator, and answers each line once.";
  app.post(
    "/v1/batches",
    route(
      { name: "createBatch", group, about, scope: "submit" },
      {
        body: z
          .any()
          .describe(`{input_file_id, endpoint: ${BATCH_ENDPOINT}, completion_window: ${COMPLETION_WINDOW}, metadata}`),
        response: { 200: v1BatchSchema.describe("the batch") },
      },
    ),
    async (request) => {
      const {
        input_file_id: fileId,
        endpoint,
        completion_window: window,
        metadata,
      } = (request.body ?? {}) as Record<string, unknown>;
      const file = typeof fileId === "string" ? files.get(fileId) : null;
      const isTheirs = file !== null && belongsTo(askerOf(request), file);
      const pairs = metadataOf(metadata);
      refuseAny([
        ...(isTheirs ? [] : [unexpected("input_file_id", "the id of a file that was uploaded", fileId)]),
        ...(endpoint === BATCH_ENDPOINT ? [] : [unexpected("endpoint", BATCH_ENDPOINT, endpoint)]),
        ...(window === COMPLETION_WINDOW ? [] : [unexpected("completion_window", COMPLETION_WINDOW, window)]),
        ...(pairs instanceof OpenAiFailure ? [pairs] : []),
      ]);
      return v1Batch(await batches.create(identityOf(request), file!.id, pairs as V1Batch["metadata"]));
    },
  );
  app.get(
    "/v1/batches",
    route(
      { name: "batches", group, about: "Your batches, the latest first.", scope: "read" },
      { querystring: pageSchema, response: { 200: listSchema(v1BatchSchema).describe("a page of batches") } },
    ),
    async (request) => listPage(batches.of(askerOf(request)).map(v1Batch), request.query.limit, request.query.after),
  );
  app.get(
    "/v1/batches/:batchId",
    route(
      { name: "batch", group, about: batchAbout, scope: "read" },
      { params: batchParams, response: { 200: v1BatchSchema.describe("the batch") } },
    ),
    async (request, reply) => {
      const batch = find(request, request.params.batchId);
      if (batch.beside !== undefined) setTimes(reply, batch.beside);
      return v1Batch(batch);
    },
  );
  app.post(
    "/v1/batches/:batchId/cancel",
    route(
      { name: "cancelBatch", group, about: "Cancels a batch and its jobs.", scope: "cancel" },
      { params: batchParams, response: { 200: v1BatchSchema.describe("the batch") } },
    ),
    async (request) => v1Batch(await batches.cancel(find(request, request.params.batchId).id)),
  );
}

const batchAbout =
  "How far a batch is. x-paritab-crowd-ms is what the crowd is predicted to take, and once it is completed what it took; " +
  "x-paritab-alone-ms what one core of the coordinator's machine would, once its model was timed there.";

/** Both times beside each other: they are no part of what OpenAI's API answers. */
function setTimes(reply: FastifyReply, { aloneMs, crowdMs }: BesideCoordinator): void {
  if (aloneMs !== null) reply.header("x-paritab-alone-ms", Math.ceil(aloneMs));
  if (crowdMs !== null) reply.header("x-paritab-crowd-ms", Math.ceil(crowdMs));
}

const METADATA_PAIRS_MAX = 16;

/** @returns what is wrong with it, where something is */
function metadataOf(metadata: unknown): V1Batch["metadata"] | OpenAiFailure {
  if (metadata === undefined || metadata === null) return null;
  const pairs = typeof metadata === "object" && !Array.isArray(metadata) ? Object.entries(metadata) : null;
  const isRight = pairs?.every(([key, value]) => key.length <= 64 && typeof value === "string" && value.length <= 512);
  if (pairs === null || !isRight || pairs.length > METADATA_PAIRS_MAX) {
    return invalid(
      "metadata",
      `expected at most ${METADATA_PAIRS_MAX} texts of 512 letters under names of 64, got something else`,
    );
  }
  return Object.fromEntries(pairs) as Record<string, string>;
}
