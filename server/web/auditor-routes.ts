/** Auditors ask for pieces, fetch models, and send what they computed. Each needs a token: whoever is one shows what the coordinator believes. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  type AuditorOfToken,
  type AuditorView,
  aliveRequestSchema,
  auditorViewSchema,
  type PieceRequest,
  pieceGivenSchema,
  pieceProblemSchema,
  pieceRequestSchema,
  pieceTakenSchema,
} from "../../shared/protocol/auditor-api.ts";
import { AUDITOR_OUTPUT_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { identityOf } from "./access-hooks.ts";
import { ApiFailure } from "./api-failure.ts";
import { type App, file, id, named, OCTETS, rawBody, route } from "./route.ts";

interface PieceOfRows {
  readonly pieceId: string;
  readonly model: {
    readonly sha256: string;
    readonly bundle: Uint8Array;
    readonly facts: { readonly outputSize: number };
  };
  readonly rows: Float32Array;
  readonly rowCount: number;
}

export interface AuditorPort {
  views(): AuditorView[];
  next(
    asker: AuditorOfToken,
    asked: PieceRequest,
    gone: AbortSignal,
  ): Promise<PieceOfRows | { readonly refusal: "dismissed" | "too many"; readonly message: string } | null>;
  alive(asker: AuditorOfToken, pieceIds: readonly string[]): void;
  left(asker: AuditorOfToken): void;
  heldBy(asker: AuditorOfToken, pieceId: string): PieceOfRows | null;
  answered(asker: AuditorOfToken, pieceId: string, outputs: Float32Array, cpuMs: number): boolean;
  failed(asker: AuditorOfToken, pieceId: string, problem: string): boolean;
}

const group = "operators";
const auditorParams = z.object({ auditorId: id("auditor") });
const pieceParams = auditorParams.extend({ pieceId: id("piece") });
const cpuQuery = z.object({
  cpuMs: z.coerce.number().min(0).max(Number.MAX_SAFE_INTEGER).describe("processor milliseconds that they took"),
});
const FLOAT_BYTES = 4;

/** @param auditors null: no tokens are needed here, so that anybody could be one */
export function addAuditorRoutes(app: App, auditors: AuditorPort | null): void {
  const listed = route(
    { name: "auditors", group, about: "Machines that compute trusted rows for this coordinator.", scope: "admin" },
    { response: { 200: z.array(auditorViewSchema).describe("the latest last") } },
  );
  app.get("/api/auditors", listed, async () => auditors?.views() ?? []);

  /** A token of its own is counted nowhere else, and small pieces come by the hundred. */
  const auditRoute = <Schemas extends object>(name: string, about: string, schemas: Schemas) => {
    const described = route({ name, group, about, scope: "audit" }, schemas);
    return { ...described, config: { ...described.config, rateLimit: false as const } };
  };

  const nextAbout = "Waits a while for a piece of rows to compute.";
  const next = auditRoute("nextPiece", nextAbout, {
    params: auditorParams,
    body: named("piece", pieceRequestSchema),
    response: { 200: pieceGivenSchema.describe("a piece, or none") },
  });
  app.post("/api/auditors/:auditorId/pieces", next, async (request, reply) => {
    const gone = new AbortController();
    reply.raw.once("close", () => gone.abort());
    const given = await needed(auditors).next(askerOf(request), request.body, gone.signal);
    if (given === null) return { piece: null };
    if ("refusal" in given) {
      if (given.refusal === "dismissed") throw new ApiFailure(403, "auditor-dismissed", given.message);
      throw new ApiFailure(409, "too-many-auditors", given.message);
    }
    const { pieceId, model, rowCount } = given;
    return { piece: { pieceId, modelSha256: model.sha256, rowCount } };
  });

  const inHand = (request: FastifyRequest & { readonly params: z.infer<typeof pieceParams> }) => {
    const held = needed(auditors).heldBy(askerOf(request), request.params.pieceId);
    if (held !== null) return held;
    throw new ApiFailure(404, "unknown-piece", "the auditor has no such piece in hand (any more)");
  };
  const rowsAbout = "The rows of a piece that the auditor has in hand.";
  const rows = { params: pieceParams, response: { 200: file("rowCount x D, little-endian float32") } };
  app.get("/api/auditors/:auditorId/pieces/:pieceId/rows", auditRoute("pieceRows", rowsAbout, rows), (request, reply) =>
    sendBytes(reply, inHand(request).rows),
  );
  const modelAbout = "The model of a piece that the auditor has in hand, as the coordinator packs models.";
  const model = { params: pieceParams, response: { 200: file("the model") } };
  app.get(
    "/api/auditors/:auditorId/pieces/:pieceId/model",
    auditRoute("pieceModel", modelAbout, model),
    (request, reply) => sendBytes(reply, inHand(request).model.bundle),
  );

  const outputs = auditRoute("answerPiece", "What came of a piece.", {
    params: pieceParams,
    querystring: cpuQuery,
    ...rawBody("outputs of its rows: rowCount x C, little-endian float32"),
    response: { 200: pieceTakenSchema.describe("whether it was still waited for") },
  });
  const outputsPath = "/api/auditors/:auditorId/pieces/:pieceId/outputs";
  app.post(outputsPath, { ...outputs, bodyLimit: AUDITOR_OUTPUT_BYTES_MAX }, async (request) => {
    const { params, body, query } = request;
    const { pieceId } = params;
    const asker = askerOf(request);
    const held = needed(auditors).heldBy(asker, pieceId);
    if (held === null) return { taken: false };
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    const bytesExpected = held.rowCount * held.model.facts.outputSize * FLOAT_BYTES;
    if (bytes.length !== bytesExpected) {
      const message = `body: expected ${bytesExpected} bytes, outputs of ${held.rowCount} rows, got ${bytes.length}`;
      throw new ApiFailure(400, "bad-outputs", message);
    }
    const numbers = new Float32Array(bytesExpected / FLOAT_BYTES);
    new Uint8Array(numbers.buffer).set(bytes);
    return { taken: needed(auditors).answered(asker, pieceId, numbers, query.cpuMs) };
  });

  const problem = auditRoute("failPiece", "Nothing came of a piece: the coordinator computes it itself.", {
    params: pieceParams,
    body: named("problem", pieceProblemSchema),
    response: { 200: pieceTakenSchema.describe("whether it was still waited for") },
  });
  app.post("/api/auditors/:auditorId/pieces/:pieceId/problem", problem, async (request) => ({
    taken: needed(auditors).failed(askerOf(request), request.params.pieceId, request.body.problem),
  }));

  const alive = auditRoute("auditorAlive", "The auditor is at work on its piece.", {
    params: auditorParams,
    body: named("alive", aliveRequestSchema),
    response: { 200: z.object({ ok: z.literal(true) }).describe("noted") },
  });
  app.post("/api/auditors/:auditorId/alive", alive, async (request) => {
    needed(auditors).alive(askerOf(request), request.body.pieceIds);
    return { ok: true as const };
  });

  const leave = auditRoute("auditorLeaves", "The auditor ends: its pieces go to others at once.", {
    params: auditorParams,
    response: { 200: z.object({ left: z.literal(true) }).describe("it is gone") },
  });
  app.delete("/api/auditors/:auditorId", leave, async (request) => {
    needed(auditors).left(askerOf(request));
    return { left: true as const };
  });
}

/** @throws ApiFailure for a token that may do more than audit: a dismissal ends the token */
function askerOf(request: FastifyRequest & { readonly params: { readonly auditorId: string } }): AuditorOfToken {
  const { tokenId, scopes } = identityOf(request);
  if (tokenId !== null && scopes.every((scope) => scope === "audit"))
    return { tokenId, auditorId: request.params.auditorId };
  const message = `expected a token with the scope audit alone, got one with ${scopes.join(", ")}: make one for each machine`;
  throw new ApiFailure(403, "not-an-auditors-token", message);
}

/** Without a copy: what is sent stays as it is. */
function sendBytes(reply: FastifyReply, { buffer, byteOffset, byteLength }: Float32Array | Uint8Array) {
  return reply.type(OCTETS).send(Buffer.from(buffer, byteOffset, byteLength));
}

function needed(auditors: AuditorPort | null): AuditorPort {
  if (auditors !== null) return auditors;
  const message =
    "expected a coordinator that needs tokens (PARITAB_AUTH=on), got one where anybody could be an auditor";
  throw new ApiFailure(409, "no-auditors", message);
}
