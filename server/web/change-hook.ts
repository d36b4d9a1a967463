/** Tells of every call that would change something: who asked for what, and how it was answered. For the audit log. */
import type { FastifyInstance } from "fastify";
import { identityOf } from "./access-hooks.ts";
import { laterStatusOf } from "./later-answers.ts";

const QUERIES_ROUTE = "/api/jobs/:jobId/queries";

export interface AskedChange {
  readonly method: string;
  /** As it was declared, never what was asked: addresses may hold anything. */
  readonly route: string;
  readonly status: number;
  readonly submitter: string;
  readonly tokenId: string | null;
  /** The job, token or volunteer that was named, where one was. */
  readonly target: string | null;
}

export function addChangeHook(app: FastifyInstance, onChangeAsked?: (change: AskedChange) => void): void {
  if (onChangeAsked === undefined) return;
  app.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url;
    if (route === undefined || !route.startsWith("/api/") || ["GET", "HEAD", "OPTIONS"].includes(request.method))
      return;
    // A stream takes many a second; that it was opened and closed is told.
    if (route === QUERIES_ROUTE) return;
    const { submitter, tokenId } = identityOf(request);
    const params = request.params as { jobId?: string; tokenId?: string; volunteerId?: string };
    const target = params.jobId ?? params.tokenId ?? params.volunteerId ?? null;
    const tell = (status: number) =>
      onChangeAsked({ method: request.method, route, status, submitter, tokenId, target });
    const later = laterStatusOf(request);
    if (later === null) tell(reply.statusCode);
    else void later.then(tell);
  });
}
