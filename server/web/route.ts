/** How a route says what it is: its words, its schemas and who may call it, in one place. */
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Scope } from "../../shared/protocol/access-api.ts";

/** Requests are parsed by the schemas of their route, answers are typed by them. */
export type App = FastifyInstance<
  RawServerDefault,
  import("node:http").IncomingMessage,
  import("node:http").ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What a token must be good for, where tokens are needed; null: nothing. "assignment": the token of an assignment. */
export type RouteScope = Scope | "assignment" | null;

declare module "fastify" {
  interface FastifyContextConfig {
    scope?: RouteScope;
    rateLimit?: false;
  }
}

export interface RouteWords {
  /** The operation's, once in the whole API. */
  readonly name: string;
  readonly group: string;
  readonly about: string;
  readonly scope: RouteScope;
}

/** @returns options of the route; what else it needs (bodyLimit, hooks) is spread beside them */
export function route<Schemas extends object>({ name, group, about, scope }: RouteWords, schemas: Schemas) {
  const security = scope === null ? [] : scope === "assignment" ? [{ assignment: [] }] : [{ token: [] }, {}];
  const asked = scope === null || scope === "assignment" ? {} : { "x-scope": scope };
  return {
    schema: { operationId: name, tags: [group], description: about, security, ...asked, ...schemas },
    config: { scope },
  };
}

export const id = (what: string) => z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, `expected a ${what} id`);
export const jobParams = z.object({ jobId: id("job") });
export const volunteerParams = z.object({ volunteerId: id("volunteer") });
export const tokenParams = z.object({ tokenId: id("token") });
/** Not named jobId: that is closed to all but the job's owner. Its id is told to those who compute for it, and guessed by nobody. */
export const workParams = z.object({ job: id("job") });

export const OCTETS = "application/octet-stream";

/** An answer that is no JSON, or a choice of several: a schema by media type. */
export function content(about: string, byMedia: Readonly<Record<string, z.ZodType>>) {
  const schemas = Object.entries(byMedia).map(([media, schema]) => [media, { schema }] as const);
  return { description: about, content: Object.fromEntries(schemas) };
}

/** An answer as a file. */
export function file(about: string, media: string = OCTETS) {
  return content(about, { [media]: z.any() });
}

/** A body that its handler reads itself. */
export function rawBody(about: string, ...consumes: string[]) {
  return { consumes: consumes.length === 0 ? [OCTETS] : consumes, body: z.any().describe(about) };
}

/** What a body is called where something is wrong with it. */
export function named<Schema extends z.ZodType>(title: string, schema: Schema): Schema {
  return schema.meta({ title });
}
