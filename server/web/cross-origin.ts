/**
 * Pages of other sites that may use the API (PARITAB_ALLOWED_ORIGINS): with a token in the Authorization header, and in no other
 * way. No cookie counts anywhere, so nothing of a visitor is lent to them. Sockets and the data plane of tabs stay our own pages'.
 */
import type { FastifyInstance } from "fastify";
import { ApiFailure } from "./api-failure.ts";
import type { HostRules } from "./host-rules.ts";

/** Seconds for which a browser need not ask again. */
const PREFLIGHT_S = 600;
const METHODS = "GET, HEAD, POST, DELETE";
const HEADERS = "accept, authorization, content-type, idempotency-key, last-event-id, prefer";

/** May a page from there ask for this? */
export function isAllowedElsewhere(hostRules: HostRules, origin: string, url: string): boolean {
  return hostRules.isOtherAllowedOrigin(origin) && (url.startsWith("/api/") || url.startsWith("/v1/"));
}

/** [PR45] Behind the checks of host and origin, before those of tokens. */
export function addCrossOriginRules(app: FastifyInstance, hostRules: HostRules): void {
  app.addHook("onRequest", async (request, reply) => {
    // Caches hold one answer for all origins, unless they are told.
    if (hostRules.hasOtherOrigins && request.url.startsWith("/api/")) reply.header("vary", "Origin");
    const { origin, authorization, host } = request.headers;
    if (origin === undefined || hostRules.isAllowedOrigin(origin, host)) return;
    if (!isAllowedElsewhere(hostRules, origin, request.url)) return;
    reply.header("access-control-allow-origin", origin);
    if (request.method === "OPTIONS") {
      reply.header("access-control-allow-methods", METHODS);
      reply.header("access-control-allow-headers", HEADERS);
      reply.header("access-control-max-age", PREFLIGHT_S);
      return reply.code(204).send();
    }
    // What is open to our own pages is not open to theirs.
    if (authorization === undefined) {
      const message = "expected `Authorization: Bearer <token>` from a page of another site, got no token";
      throw new ApiFailure(401, "token-required", message);
    }
  });
}
