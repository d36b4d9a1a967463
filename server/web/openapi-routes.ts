/** The API's description of itself: for programs as OpenAPI, for people as a page. */
import { z } from "zod";
import { openApiDocument } from "./openapi-document.ts";
import { openApiPage, PAGE_STYLE } from "./openapi-page.ts";
import { type App, file, type RouteWords, route } from "./route.ts";

const documentSchema = z.looseObject({ openapi: z.string(), info: z.looseObject({}), paths: z.looseObject({}) });

export function addOpenApiRoutes(app: App): void {
  let made: { readonly document: ReturnType<typeof openApiDocument>; readonly page: string } | null = null;
  const told = () => {
    if (made === null) {
      const document = openApiDocument(app as never);
      made = { document, page: openApiPage(document) };
    }
    return made;
  };
  const words = (name: string, about: string): RouteWords => ({ name, group: "operators", about, scope: null });

  app.get(
    "/api/openapi.json",
    route(words("openapi", "This description as an OpenAPI 3.1 document."), {
      response: { 200: documentSchema.describe("the document") },
    }),
    async () => ({ ...told().document }),
  );

  app.get(
    "/api/docs",
    route(words("docs", "This description as a page."), { response: { 200: file("the page", "text/html") } }),
    async (_request, reply) => reply.type("text/html; charset=utf-8").send(told().page),
  );

  app.get(
    "/api/docs.css",
    route(words("docsStyle", "How the page looks."), { response: { 200: file("the style sheet", "text/css") } }),
    async (_request, reply) => reply.type("text/css; charset=utf-8").send(PAGE_STYLE),
  );
}
