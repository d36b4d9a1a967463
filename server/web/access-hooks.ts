/**
 * Who may call what. Where tokens are needed, every route under /api, and /metrics, wants one: a route that says nothing
 * of its scope (route.ts) is the administrator's alone. A job of somebody else does not exist, for reading and for changing.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Scope } from "../../shared/protocol/access-api.ts";
import type { AccessTokens } from "../access/access-tokens.ts";
import type { Belongings } from "../access/belongings.ts";
import { ANYBODY, type Identity, mayDo, NOBODY, partyOfIdentity } from "../access/identity.ts";
import { ApiFailure } from "./api-failure.ts";
import type { AddressReader } from "./client-address.ts";
import { unknownJob } from "./job-address.ts";
import type { Refuse } from "./refusals.ts";

export interface ApiAccess {
  /** null: no tokens are needed, everybody who reaches the port may do everything. */
  readonly tokens: AccessTokens | null;
  readonly belongings: Belongings;
}

const identities = new WeakMap<FastifyRequest, Identity>();

/** Who asks. Known from the first hook on. */
export function identityOf(request: FastifyRequest): Identity {
  return identities.get(request) ?? NOBODY;
}

/** Who shares with whom what there is for all. */
export function partyAsking(request: FastifyRequest): string {
  return partyOfIdentity(identityOf(request));
}

/** null: open to all. undefined: there is no such route, and nothing to guard. */
function scopeOf({ routeOptions }: FastifyRequest): Scope | null | undefined {
  const { url, config } = routeOptions;
  if (url === undefined) return undefined;
  const isGuarded = isApi(url) || url === "/metrics";
  if (!isGuarded) return null;
  const { scope = "admin" } = config;
  // Tokens of assignments are read by the routes that they open, which stand elsewhere.
  return scope === "assignment" ? "admin" : scope;
}

/** Ours, and what others' clients ask. */
const isApi = (url: string) => url.startsWith("/api/") || url.startsWith("/v1/");

export function addAccessHooks(
  app: FastifyInstance,
  access: ApiAccess | null,
  refuse: Refuse,
  readAddress: AddressReader,
): void {
  const tokens = access?.tokens ?? null;

  app.addHook("onRequest", async (request) => {
    const { key } = readAddress(request.headers, request.socket.remoteAddress);
    const address = key === null ? {} : { address: key };
    identities.set(request, { ...(tokens === null ? ANYBODY : NOBODY), ...address });
    if (tokens === null) return;
    const scope = scopeOf(request);
    if (scope === undefined) return;
    const given = request.headers.authorization;
    // What is open to all is open with a wrong token too; the data plane of tabs has tokens of another kind.
    if (scope === null && (given === undefined || !isApi(request.url))) return;
    const identity = given === undefined ? null : tokens.identify(/^Bearer (\S+)$/.exec(given)?.[1] ?? "");
    if (identity !== null) identities.set(request, identity);
    if (scope === null) return;
    if (identity === null) {
      return refuse(
        request,
        given === undefined
          ? new ApiFailure(401, "token-required", "expected `Authorization: Bearer <token>`, got no token")
          : badToken(),
      );
    }
    if (identity.jobId !== undefined && !isRead(request)) {
      throw new ApiFailure(
        403,
        "link-only",
        "expected a token of a submitter, got a link, which reads one job and does nothing else",
      );
    }
    if (!mayDo(identity, scope)) {
      throw new ApiFailure(
        403,
        "wrong-scope",
        `expected a token with the scope ${scope}, got ${identity.scopes.join(", ")}`,
      );
    }
  });

  app.addHook("onSend", async (request, reply, payload) => {
    if (reply.statusCode === 401) reply.header("www-authenticate", 'Bearer realm="paritab"');
    // Answers are somebody's own: no cache between may keep them.
    if (isApi(request.url) && !reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
    return payload;
  });

  // Before a byte of the body is read.
  app.addHook("onRequest", async (request) => {
    const { jobId } = request.params as { jobId?: string };
    if (access === null || jobId === undefined || request.routeOptions.url === undefined) return;
    if (!access.belongings.isOf(identityOf(request), jobId)) unknownJob(jobId);
  });
}

/** Does it read one job? Whether it is the link's own is asked where that is asked of everybody. */
function isRead({ method, params }: FastifyRequest): boolean {
  return (method === "GET" || method === "HEAD") && (params as { jobId?: string }).jobId !== undefined;
}

export function badToken(): ApiFailure {
  const message = "expected a token of this coordinator, got one that is unknown, revoked or expired";
  return new ApiFailure(401, "bad-token", message);
}
