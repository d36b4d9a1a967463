/** The API's description of itself: for programs as OpenAPI, for people as a page. */
import type { FastifyInstance } from "fastify";
import { openApiDocument } from "./openapi-document.ts";
import { openApiPage, PAGE_STYLE } from "./openapi-page.ts";

export function addOpenApiRoutes(app: FastifyInstance): void {
  const document = openApiDocument();
  const page = openApiPage(document);

  app.get("/api/openapi.json", async () => document);

  app.get("/api/docs", async (_request, reply) => reply.type("text/html; charset=utf-8").send(page));

  app.get("/api/docs.css", async (_request, reply) => reply.type("text/css; charset=utf-8").send(PAGE_STYLE));
}
