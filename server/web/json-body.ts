/** JSON bodies: refused before they are parsed where they nest too deep, and where a key could reach a prototype. */
import type { FastifyInstance } from "fastify";
import { jsonDepth } from "../../shared/compute/model-json.ts";
import { SUBMISSION_DEPTH_MAX } from "../../shared/protocol/limits.ts";
import { ApiFailure } from "./api-failure.ts";

export function addJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    const depth = jsonDepth(body as Buffer);
    if (depth > SUBMISSION_DEPTH_MAX) {
      const message = `body: expected at most ${SUBMISSION_DEPTH_MAX} levels of nesting, got ${depth}`;
      return done(new ApiFailure(400, "bad-request", message));
    }
    return parse(request, (body as Buffer).toString("utf8"), done);
  });
}
