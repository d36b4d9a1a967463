/** What tabs fetch and send by HTTP because it is too large for the socket. The assignment's token opens both ways. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { piecesOf } from "../../shared/protocol/blob-pieces.ts";
import { BATCH_BYTES_MAX, FRAME_HEADER_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { ApiFailure } from "./api-failure.ts";
import type { TabBlob, TabsPort } from "./coordinator-port.ts";
import { createPackedPieces } from "./packed-pieces.ts";
import type { Refuse } from "./refusals.ts";
import { type App, file, rawBody, route } from "./route.ts";
import { type createUploadBudget, tooLarge } from "./upload-budget.ts";

const blobParameters = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "expected a sha-256 in lower-case hex"),
});
const pieceParameters = blobParameters.extend({
  piece: z.string().regex(/^\d{1,6}$/, "expected the number of a piece, from 0"),
});
const group = "tabs";
const resultUploadedSchema = z.object({ verdict: z.literal("received") }).meta({ id: "ResultUploaded" });
const RESULT_BYTES_MAX = BATCH_BYTES_MAX + FRAME_HEADER_BYTES_MAX + 8;

export function addWorkRoutes(
  app: App,
  tabs: TabsPort,
  uploadBudget: ReturnType<typeof createUploadBudget>,
  refuse: Refuse,
): void {
  // Live tokens are single-use, so they bound themselves; the others are counted by address.
  const uncounted = <Options extends { config: object }>(options: Options) => ({
    ...options,
    config: { ...options.config, rateLimit: false } as const,
  });

  const blob = route(
    { name: "blob", group, about: "A model, an input or a shard that a live assignment needs.", scope: "assignment" },
    { params: blobParameters, response: { 200: file("the bytes, whose hash the tab checks") } },
  );
  app.get("/blobs/:sha256", uncounted(blob), async (request, reply) => {
    const blob = tabs.blobForToken(tokenOf(request), request.params.sha256);
    if (blob === null) return refuse(request, unknownBlob());
    giveBackOnceSent(reply, blob);
    return reply
      .type("application/octet-stream")
      .header("cache-control", cacheControlOf(blob))
      .send(asBuffer(blob.bytes));
  });

  const packed = createPackedPieces();
  const pieceAbout =
    "A piece of a model, counted from 0: all of one below 32 MiB, else 8 MiB; what is left of it is fetched on. Brotli where that " +
    "makes a piece smaller by a tenth.";
  const piece = route(
    { name: "blobPiece", group, about: pieceAbout, scope: "assignment" },
    { params: pieceParameters, response: { 200: file("the bytes of the piece") } },
  );
  app.get("/blobs/:sha256/pieces/:piece", uncounted(piece), async (request, reply) => {
    const { sha256, piece } = request.params;
    const blob = tabs.blobForToken(tokenOf(request), sha256);
    if (blob === null) return refuse(request, unknownBlob());
    // Nothing else is large enough for pieces, and a frame would be written anew for each of them.
    if (blob.kind !== "model") {
      return refuse(
        request,
        new ApiFailure(404, "unknown-piece", `expected a model, got another blob: it is fetched whole`),
      );
    }
    const pieces = piecesOf(blob.bytes.length);
    const range = pieces[Number(piece)];
    if (range === undefined) {
      return refuse(
        request,
        new ApiFailure(404, "unknown-piece", `expected a piece below ${pieces.length}, got ${piece}`),
      );
    }
    const bytes = blob.bytes.subarray(range.start, range.end);
    const takesBrotli = /\bbr\b/.test(request.headers["accept-encoding"] ?? "");
    const small = takesBrotli ? await packed.of(`${sha256}/${piece}`, bytes) : null;
    if (small !== null) reply.header("content-encoding", "br");
    return reply
      .type("application/octet-stream")
      .header("cache-control", cacheControlOf(blob))
      .header("vary", "accept-encoding")
      .send(asBuffer(small ?? bytes));
  });

  const budget = uploadBudget(RESULT_BYTES_MAX);
  // Before a byte of the body is read: whose it is, and how large it may be.
  const checkToken = async (request: FastifyRequest) => {
    const bytesMax = tabs.resultBytesMax(tokenOf(request));
    if (bytesMax === null) return refuse(request, stale());
    const length = request.headers["content-length"];
    if (length === undefined) throw new ApiFailure(411, "length-required", "expected a Content-Length, got none");
    if (Number(length) > bytesMax) throw tooLarge(bytesMax, Number(length));
  };
  const results = route(
    {
      name: "uploadResult",
      group,
      about: "The frame of a result that is too large for a message.",
      scope: "assignment",
    },
    {
      ...rawBody("a tensor frame, see PROTOCOL.md"),
      response: { 200: resultUploadedSchema.describe("it has arrived") },
    },
  );
  const options = { ...uncounted(results), bodyLimit: RESULT_BYTES_MAX, onRequest: [checkToken, budget] };
  app.put("/results", options, async (request) => {
    if (!Buffer.isBuffer(request.body)) {
      throw new ApiFailure(415, "bad-media-type", "body: expected application/octet-stream with a tensor frame");
    }
    const verdict = tabs.resultUploaded(tokenOf(request), request.body);
    if (verdict === "stale") throw stale();
    if (verdict === "malformed") {
      throw new ApiFailure(
        400,
        "malformed",
        "body: expected a frame with one tensor of the assigned shape: F32 `outputs`, or U32 `products` of a product",
      );
    }
    return { verdict };
  });
}

const unknownBlob = () =>
  new ApiFailure(404, "unknown-blob", "this token opens no such blob: it is used, void, or another's");

const cacheControlOf = ({ kind }: TabBlob) => (kind === "model" ? "private, max-age=31536000, immutable" : "no-store");

/** A response closes when its last byte is the system's, or nobody reads it any more; refused ones close too. */
function giveBackOnceSent({ raw }: FastifyReply, { giveBack }: TabBlob): void {
  if (giveBack !== undefined) raw.once("close", giveBack);
}

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array) => Buffer.from(buffer, byteOffset, byteLength);

/** From the header alone: what stands in an address ends up in logs. */
function tokenOf(request: FastifyRequest): string {
  const match = /^Bearer ([A-Za-z0-9_-]{22,64})$/.exec(request.headers.authorization ?? "");
  if (match === null) {
    throw new ApiFailure(401, "token-required", "expected `Authorization: Bearer <token>` with an assignment's token");
  }
  return match[1]!;
}

const stale = () => new ApiFailure(409, "stale", "the token is used, void or unknown; nothing was changed");
