/**
 * POST /api/names: what is to stay with a job of its rows' names. It goes to disk as it comes and is an upload like others; what it says
 * is read by those who ask for it, and by nobody here.
 */
import type { FastifyRequest } from "fastify";
import { KEPT_NAMES_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { namesUploadedSchema } from "../../shared/protocol/uploads-api.ts";
import { ApiFailure } from "./api-failure.ts";
import type { Ownership } from "./ownership.ts";
import { type App, rawBody, route } from "./route.ts";
import { bodyOf } from "./tensor-routes.ts";
import { announcedBytes, tooLarge } from "./upload-budget.ts";

const JSON_TYPE = "application/json";
const OPENS_OBJECT = "{".charCodeAt(0);

export async function addNameRoutes(app: App, ownership: Ownership): Promise<void> {
  const about =
    "Names of a job's rows or its texts, and of its labels: they stay with the job that names them by `source.namesSha256`, are deleted with it, and are told to whoever may read its answers.";
  const options = {
    ...route(
      { name: "uploadNames", group: "uploads", about, scope: "submit" },
      {
        ...rawBody("KeptNames, as GET /api/jobs/:jobId/names.json gives them", JSON_TYPE),
        response: { 201: namesUploadedSchema.describe("they are stored, by their hash") },
      },
    ),
    onRequest: [requireSize, ownership.requireRoom],
  };
  // A context of its own, in which such a body is neither gathered in memory nor parsed.
  await app.register(async (own) => {
    own.removeContentTypeParser(JSON_TYPE);
    own.addContentTypeParser(JSON_TYPE, (_request, body, done) => done(null, body));
    own.post("/api/names", options, async (request, reply) => {
      const body = bodyOf(request, JSON_TYPE);
      try {
        const chunks = withinLimit(body.iterator({ destroyOnReturn: false }));
        const namesSha256 = await ownership.putStream(request, announcedBytes(request) ?? KEPT_NAMES_BYTES_MAX, chunks);
        return reply.code(201).send({ namesSha256 });
      } catch (error) {
        body.resume();
        if (body.errored) throw new ApiFailure(400, "broken-off", "the upload broke off; nothing of it is kept");
        throw error;
      }
    });
  });
}

async function requireSize(request: FastifyRequest): Promise<void> {
  const announced = announcedBytes(request);
  if (announced !== null && announced > KEPT_NAMES_BYTES_MAX) throw tooLarge(KEPT_NAMES_BYTES_MAX, announced);
}

async function* withinLimit(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    if (bytes === 0 && chunk.length > 0 && chunk[0] !== OPENS_OBJECT) throw noNames();
    bytes += chunk.length;
    if (bytes > KEPT_NAMES_BYTES_MAX) throw tooLarge(KEPT_NAMES_BYTES_MAX, bytes);
    yield chunk;
  }
  if (bytes === 0) throw noNames();
}

function noNames(): ApiFailure {
  return new ApiFailure(400, "bad-names", "body: expected names as a JSON object, got something else");
}
