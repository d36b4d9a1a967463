/** The API's description of itself: for programs as OpenAPI, for people as a page. */
import type { FastifyInstance, RouteOptions } from "fastify";
import { z } from "zod";
import type { OpenApiDocument } from "./openapi-document.ts";
import { type App, file, type RouteWords, route } from "./route.ts";

const documentSchema = z.looseObject({ openapi: z.string(), info: z.looseObject({}), paths: z.looseObject({}) });

/** Of an app, from here on as they are added. */
export function notedRoutes(app: FastifyInstance): readonly RouteOptions[] {
  const routes: RouteOptions[] = [];
  app.addHook("onRoute", (route) => {
    if (route.method !== "HEAD") routes.push(route);
  });
  return routes;
}

interface Told {
  readonly document: OpenApiDocument;
  readonly page: string;
  readonly style: string;
}

/** Hardly any coordinator is ever asked: so what describes it is loaded when one is. */
export function addOpenApiRoutes(app: App, routes: readonly RouteOptions[]): void {
  let made: Promise<Told> | null = null;
  const told = () => {
    made ??= wordsOf(routes);
    return made;
  };
  const words = (name: string, about: string): RouteWords => ({ name, group: "operators", about, scope: null });

  app.get(
    "/api/openapi.json",
    route(words("openapi", "This description as an OpenAPI 3.1 document."), {
      response: { 200: documentSchema.describe("the document") },
    }),
    async () => ({ ...(await told()).document }),
  );

  app.get(
    "/api/docs",
    route(words("docs", "This description as a page."), { response: { 200: file("the page", "text/html") } }),
    async (_request, reply) => reply.type("text/html; charset=utf-8").send((await told()).page),
  );

  app.get(
    "/api/docs.css",
    route(words("docsStyle", "How the page looks."), { response: { 200: file("the style sheet", "text/css") } }),
    async (_request, reply) => reply.type("text/css; charset=utf-8").send((await told()).style),
  );
}

async function wordsOf(routes: readonly RouteOptions[]): Promise<Told> {
  const { openApiDocument } = await import("./openapi-document.ts");
  const { openApiPage, PAGE_STYLE } = await import("./openapi-page.ts");
  const document = await openApiDocument(routes);
  return { document, page: openApiPage(document), style: PAGE_STYLE };
}
