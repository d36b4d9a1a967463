/** Tokens: who am I; and for the administrator, create, list and revoke. */
import { z } from "zod";
import {
  tokenCreatedSchema,
  tokenRequestSchema,
  tokenViewSchema,
  whoAmISchema,
} from "../../shared/protocol/access-api.ts";
import { SUBMISSION_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { AccessTokenError, type AccessTokens } from "../access/access-tokens.ts";
import { NOBODY } from "../access/identity.ts";
import { badToken, identityOf } from "./access-hooks.ts";
import { ApiFailure } from "./api-failure.ts";
import { type App, named, route, tokenParams } from "./route.ts";

const group = "access";

export function addTokenRoutes(app: App, tokens: AccessTokens | null): void {
  const about = "Whether tokens are needed here, and what the one that came with the request opens.";
  const whoami = route(
    { name: "whoami", group, about, scope: null },
    { response: { 200: whoAmISchema.describe("submitter and scopes") } },
  );
  app.get("/api/whoami", whoami, async (request) => {
    const identity = identityOf(request);
    const { submitter, scopes } = identity;
    // Open to whoever has no token; but who shows one wants to know whether it is good.
    if (identity === NOBODY && request.headers.authorization !== undefined) throw badToken();
    return { tokensNeeded: tokens !== null, submitter, scopes: [...scopes] };
  });

  app.get(
    "/api/tokens",
    route(
      { name: "tokens", group, about: "Tokens that were made, without what opens anything.", scope: "admin" },
      { response: { 200: z.array(tokenViewSchema).describe("one row a token") } },
    ),
    async () => needed(tokens).list(),
  );

  const create = route(
    { name: "createToken", group, about: "Makes a token for a submitter.", scope: "admin" },
    {
      body: named("token", tokenRequestSchema),
      response: { 201: tokenCreatedSchema.describe("the token, told this once") },
    },
  );
  app.post("/api/tokens", { ...create, bodyLimit: SUBMISSION_BYTES_MAX }, async (request, reply) => {
    const created = await conflictsSaid(needed(tokens).create(request.body));
    return reply.code(201).send(created);
  });

  const revoke = route(
    { name: "revokeToken", group, about: "The token opens nothing any more.", scope: "admin" },
    { params: tokenParams, response: { 200: tokenViewSchema.describe("its row") } },
  );
  app.delete("/api/tokens/:tokenId", revoke, async ({ params: { tokenId } }) => {
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
