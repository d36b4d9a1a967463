/**
 * [CE9] Of several coordinators any may take a program's next request: what it was told by another one holds here too. What others have changed is
 * heard of all the time; where a request names something that is not known here it is asked for first.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ACCESS_TOKEN } from "../access/access-tokens.ts";
import type { ApiAccess } from "./access-hooks.ts";

/** What names uploads in its body, which is not read yet. */
const NAMES_UPLOADS = ["/api/jobs", "/api/estimates"];
/** Made-up tokens make no more work than this. */
const GAP_MS_MIN = 50;

/** Before anybody looks whose request it is. @param catchUp null: there are no others */
export function addCatchingUp(
  app: FastifyInstance,
  access: ApiAccess | null,
  catchUp: (() => Promise<void>) | null,
): void {
  if (access === null || access.tokens === null || catchUp === null) return;
  const { tokens, belongings } = access;
  let lastMs = Number.NEGATIVE_INFINITY;

  function isNews({ headers, params, method, routeOptions }: FastifyRequest): boolean {
    const token = /^Bearer (\S+)$/.exec(headers.authorization ?? "")?.[1];
    if (token === undefined || !ACCESS_TOKEN.test(token)) return false;
    if (tokens?.identify(token) == null) return true;
    const { jobId } = params as { jobId?: string };
    if (jobId !== undefined && belongings.ownerOf(jobId) === null) return true;
    return method === "POST" && NAMES_UPLOADS.includes(routeOptions.url ?? "");
  }

  app.addHook("onRequest", async (request) => {
    if (!isNews(request)) return;
    const waitMs = lastMs + GAP_MS_MIN - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    lastMs = performance.now();
    // Where the database does not answer what is known stands.
    await catchUp().catch(() => {});
  });
}
