/** The built pages: `/` for volunteers, `/dashboard`, `/operator`, `/class` for projectors, and the swarm's page where faults are allowed. */
import { sep } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";

export interface StaticDirectories {
  /** build/client; null serves no pages. */
  readonly client: string | null;
  /** build/swarm, which injects faults; null unless the operator said so. */
  readonly swarm: string | null;
}

export async function addStaticRoutes(app: FastifyInstance, directories: StaticDirectories): Promise<void> {
  const options = { cacheControl: false, dotfiles: "ignore", setHeaders, preCompressed: true } as const;
  if (directories.client !== null) {
    await app.register(fastifyStatic, { ...options, root: directories.client });
    app.get("/dashboard", (_request, reply) => reply.sendFile("dashboard.html"));
    app.get("/operator", (_request, reply) => reply.sendFile("operator.html"));
    app.get("/class", (_request, reply) => reply.sendFile("class.html"));
  }
  if (directories.swarm !== null) {
    const { swarm } = directories;
    const decorateReply = directories.client === null;
    await app.register(fastifyStatic, { ...options, root: swarm, prefix: "/swarm/", decorateReply });
    app.get("/swarm.html", (_request, reply) => reply.sendFile("swarm.html", swarm));
  }
}

/** Names under assets/ carry the hash of their content; everything else is asked for again each time. */
function setHeaders(reply: FastifyReply, path: string): void {
  const isHashed = path.includes(`${sep}assets${sep}`);
  reply.header("cache-control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
}
