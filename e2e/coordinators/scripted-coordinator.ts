/** The web side of a coordinator, with the built pages, before a scripted port. */
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { MemoryStore } from "../../server/store/testing/memory-store.ts";
import { createApi } from "../../server/web/api.ts";
import { createGateway } from "../../server/web/gateway.ts";
import { createHostRules } from "../../server/web/host-rules.ts";
import { ScriptedPort } from "./scripted-port.ts";

const BUILD = join(import.meta.dirname, "../../build");

export interface ScriptedCoordinator {
  readonly port: ScriptedPort;
  /** On localhost. */
  readonly url: string;
  close(): Promise<void>;
}

/** @throws Error where the pages have not been built */
export async function startScriptedCoordinator(): Promise<ScriptedCoordinator> {
  const directories = { client: join(BUILD, "client"), swarm: join(BUILD, "swarm") };
  const { buildHash } = JSON.parse(await readFile(join(directories.client, "build.json"), "utf8"));
  const port = new ScriptedPort();
  const hostRules = createHostRules(null, "127.0.0.1");
  const app = await createApi({ port, store: new MemoryStore(), hostRules, directories, isHttps: false });
  const gateway = createGateway(app.server, { tabs: port, hostRules, buildHash });
  await app.listen({ port: 0, host: "127.0.0.1" });
  return {
    port,
    url: `http://localhost:${(app.server.address() as AddressInfo).port}`,
    async close() {
      await gateway.close();
      await app.close();
    },
  };
}
