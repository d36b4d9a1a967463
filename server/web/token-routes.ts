/** Tokens: who am I; and for the administrator, create, list and revoke. */
import { z } from "zod";
import {
  jobLinkSchema,
  linkEndedSchema,
  linkRequestSchema,
  tokenCreatedSchema,
  tokenRequestSchema,
  tokenViewSchema,
  whoAmISchema,
} from "../../shared/protocol/access-api.ts";
import { SUBMISSION_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { AccessTokenError, type AccessTokens } from "../access/access-tokens.ts";
import { badToken, identityOf } from "./access-hooks.ts";
import { ApiFailure } from "./api-failure.ts";
import { type App, jobParams, named, route, tokenParams } from "./route.ts";

const group = "access";

export function addTokenRoutes(app: App, tokens: AccessTokens | null): void {
  const about = "Whether tokens are needed here, and what the one that came with the request opens.";
  const whoami = route(
    { name: "whoami", group, about, scope: null },
    { response: { 200: whoAmISchema.describe("submitter and scopes") } },
  );
  app.get("/api/whoami", whoami, async (request) => {
    const identity = identityOf(request);
    const { submitter, scopes, jobId = null } = identity;
    // Open to whoever has no token; but who shows one wants to know whether it is good.
    if (identity.scopes.length === 0 && request.headers.authorization !== undefined) throw badToken();
    return { tokensNeeded: tokens !== null, submitter, scopes: [...scopes], jobId };
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
    { name: "revokeToken", group, about: "The token is no longer valid.", scope: "admin" },
    { params: tokenParams, response: { 200: tokenViewSchema.describe("its row") } },
  );
  app.delete("/api/tokens/:tokenId", revoke, async ({ params: { tokenId } }) => {
    const revoked = await conflictsSaid(needed(tokens).revoke(tokenId));
    if (revoked === null) throw new ApiFailure(404, "unknown-token", `there is no token ${tokenId}`);
    return revoked;
  });
}

/** A link to one job, for whoever is to look at it and has no token. */
export function addLinkRoutes(app: App, tokens: AccessTokens | null): void {
  const makeAbout = "Makes a link that reads this job and does nothing else. The link before it is no longer valid.";
  const make = route(
    { name: "shareJob", group: "jobs", about: makeAbout, scope: "submit" },
    {
      params: jobParams,
      body: named("link", linkRequestSchema),
      response: { 201: jobLinkSchema.describe("the link's token, told this once") },
    },
  );
  app.post("/api/jobs/:jobId/link", make, async (request, reply) => {
    const { jobId } = request.params;
    const made = await conflictsSaid(
      needed(tokens).createLink(jobId, identityOf(request).submitter, request.body.days),
    );
    reply.header("cache-control", "no-store");
    return reply.code(201).send({ token: made.token, expiresMs: made.expiresMs });
  });

  const endAbout = "Ends the link to this job: it is no longer valid.";
  const end = route(
    { name: "unshareJob", group: "jobs", about: endAbout, scope: "submit" },
    { params: jobParams, response: { 200: linkEndedSchema.describe("whether there was one") } },
  );
  app.delete("/api/jobs/:jobId/link", end, async ({ params: { jobId } }) => ({
    ended: await needed(tokens).deleteLink(jobId),
  }));
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
