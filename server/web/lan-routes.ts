/** The authority that devices on a local network are to trust. */
import type { FastifyInstance } from "fastify";

/** @param authority PEM */
export function addLanRoutes(app: FastifyInstance, authority: string): void {
  app.get("/ca.crt", (_request, reply) =>
    reply
      .type("application/x-x509-ca-cert")
      .header("content-disposition", 'attachment; filename="paritab-ca.crt"')
      .header("cache-control", "no-cache")
      .send(authority),
  );
}
