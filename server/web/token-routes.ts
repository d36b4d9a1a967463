/** Tokens: who am I; and for the administrator, create, list and revoke. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { tokenRequestSchema, type WhoAmI } from "../../shared/protocol/access-api.ts";
import { SUBMISSION_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { AccessTokenError, type AccessTokens } from "../access/access-tokens.ts";
import { NOBODY } from "../access/identity.ts";
import { badToken, identityOf } from "./access-hooks.ts";
import { ApiFailure, parseOrFail } from "./api-failure.ts";

const tokenParameters = z.object({ tokenId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "expected a token id") });

export function addTokenRoutes(app: FastifyInstance, tokens: AccessTokens | null): void {
  app.get("/api/whoami", async (request): Promise<WhoAmI> => {
    const identity = identityOf(request);
    const { submitter, scopes } = identity;
    // Open to whoever has no token; but who shows one wants to know whether it is good.
    if (identity === NOBODY && request.headers.authorization !== undefined) throw badToken();
    return { tokensNeeded: tokens !== null, submitter, scopes: [...scopes] };
  });

  app.get("/api/tokens", async () => needed(tokens).list());

  app.post("/api/tokens", { bodyLimit: SUBMISSION_BYTES_MAX }, async (request, reply) => {
    const wanted = parseOrFail(tokenRequestSchema, request.body, "token");
    const created = await conflictsSaid(needed(tokens).create(wanted));
    return reply.code(201).send(created);
  });

  app.delete("/api/tokens/:tokenId", async (request) => {
    const { tokenId } = parseOrFail(tokenParameters, request.params, "address");
    const revoked = await conflictsSaid(needed(tokens).revoke(tokenId));
    if (revoked === null) throw new ApiFailure(404, "unknown-token", `there is no token ${tokenId}`);
    return revoked;
  });
}

function needed(tokens: AccessTokens | null): AccessTokens {
  if (tokens !== null) return tokens;
  throw new ApiFailure(
    409,
    "no-tokens-needed",
    "expected a coordinator that needs tokens (PARITAB_AUTH=on), got one that does not",
  );
}

function conflictsSaid<T>(action: Promise<T>): Promise<T> {
  return action.catch((error: unknown) => {
    throw error instanceof AccessTokenError ? new ApiFailure(409, "token-conflict", error.message) : error;
  });
}
