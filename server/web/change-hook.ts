/** Tells of every call that would change something: who asked for what, and how it was answered. For the audit log. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ACCESS_TOKEN } from "../access/access-tokens.ts";
import { identityOf } from "./access-hooks.ts";
import { laterOutcomeOf } from "./later-answers.ts";

const QUERIES_ROUTE = "/api/jobs/:jobId/queries";
/** What an answer calls what was made. */
const MADE = ["jobId", "tokenId", "banId", "modelSha256", "tensorSha256", "name"];
/** Anything else in an address is of whoever asked; so is a token that was put there for its id. */
const NAME = /^[\w.-]{1,80}$/;

export interface AskedChange {
  readonly method: string;
  /** As it was declared, never what was asked: addresses may hold anything. */
  readonly route: string;
  readonly status: number;
  readonly submitter: string;
  readonly tokenId: string | null;
  /** The job, token, ban, volunteer or backup that the address names, or that was made. */
  readonly target: string | null;
}

export function addChangeHook(app: FastifyInstance, onChangeAsked?: (change: AskedChange) => void): void {
  if (onChangeAsked === undefined) return;
  const made = new WeakMap<FastifyRequest, string | null>();
  app.addHook("preSerialization", async (request, _reply, answer) => {
    made.set(request, madeIn(answer));
    return answer;
  });
  app.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url;
    if (route === undefined || !route.startsWith("/api/") || ["GET", "HEAD", "OPTIONS"].includes(request.method))
      return;
    // A stream takes many a second; that it was opened and closed is told.
    if (route === QUERIES_ROUTE) return;
    const { submitter, tokenId } = identityOf(request);
    const named = nameOf(Object.values(request.params as Record<string, unknown>)[0]);
    const tell = (status: number, target: string | null) =>
      onChangeAsked({ method: request.method, route, status, submitter, tokenId, target });
    const later = laterOutcomeOf(request);
    if (later === null) tell(reply.statusCode, named ?? made.get(request) ?? null);
    else void later.then(({ status, answer }) => tell(status, named ?? madeIn(answer)));
  });
}

function madeIn(answer: unknown): string | null {
  if (typeof answer !== "object" || answer === null) return null;
  for (const [name, value] of Object.entries(answer))
    if (MADE.includes(name) && nameOf(value) !== null) return nameOf(value);
  return null;
}

function nameOf(value: unknown): string | null {
  return typeof value === "string" && NAME.test(value) && !ACCESS_TOKEN.test(value) ? value : null;
}
