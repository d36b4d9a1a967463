/** The API as an OpenAPI 3.1 document, from what the routes say of themselves. */
import swagger from "@fastify/swagger";
import fastify, { type RouteOptions } from "fastify";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
// Registered by its id.
import "../../shared/protocol/api-error.ts";
import { schemaController } from "./schema-compilers.ts";

export type Json = Readonly<Record<string, unknown>>;

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string }[];
  /** By path, then by method in lower case. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>>; readonly securitySchemes: Json };
}

const VERSION = "1";
const DESCRIPTION =
  "What submitters, operators and tabs ask of a Paritab coordinator over HTTP. Arrays travel as .npy, models as .onnx or as the files " +
  "that tfjs writes. Every error has a status of 400 or more and the body {error: {code, message}}: the code is stable, the message is " +
  "for people; under /v1 it is OpenAI's. Where the coordinator needs tokens, send `Authorization: Bearer <token>`.";

const bearer = (description: string) => ({ type: "http", scheme: "bearer", description }) as const;
const securitySchemes = {
  token: bearer("of a submitter; needed only where the operator says so"),
  assignment: bearer("of a live assignment, as a tab is given it"),
};

/** @param routes of an app, when all are there */
export async function openApiDocument(routes: readonly RouteOptions[]): Promise<OpenApiDocument> {
  const document = await described(routes);
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => {
      const isOpenAi = path.startsWith("/v1/");
      Object.assign(operation.responses as object, { default: errorAs(isOpenAi ? "OpenAiError" : "ApiError") });
      return operation;
    }),
  );
  const groups = new Set(operations.map(({ tags }) => (tags as string[])[0]!));
  const { schemas, securitySchemes } = document.components;
  return {
    ...document,
    tags: [...groups].map((name) => ({ name })),
    components: { schemas: reachable(document.paths, schemas), securitySchemes },
  };
}

/** By an app of the same routes that answers nothing. */
async function described(routes: readonly RouteOptions[]): Promise<OpenApiDocument> {
  const app = fastify({ schemaController, exposeHeadRoutes: false });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Paritab", version: VERSION, description: DESCRIPTION },
      components: { securitySchemes },
    },
    hideUntagged: true,
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  for (const { method, url, schema = {} } of routes) app.route({ method, url, schema, handler: () => {} });
  await app.ready();
  return app.swagger() as unknown as OpenApiDocument;
}

function errorAs(schema: "ApiError" | "OpenAiError") {
  return {
    description: "what was expected, and what came",
    content: { "application/json": { schema: { $ref: `#/components/schemas/${schema}` } } },
  };
}

/** Schemas that a route names, and those that these name. */
function reachable(paths: unknown, schemas: Readonly<Record<string, Json>>): Record<string, Json> {
  const found: Record<string, Json> = {};
  const from = (part: unknown) => {
    for (const [, name] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (name! in found || schemas[name!] === undefined) continue;
      found[name!] = schemas[name!]!;
      from(found[name!]);
    }
  };
  from(paths);
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}
