/** The API for its tests: before a recording port, with a store in memory and nothing to serve but an empty folder. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { MemoryStore } from "../../store/testing/memory-store.ts";
import { createApi } from "../api.ts";
import { createHostRules } from "../host-rules.ts";
import { RecordingPort } from "./recording-port.ts";

export interface RecordedApi {
  readonly app: FastifyInstance;
  readonly port: RecordingPort;
  close(): Promise<void>;
}

export async function openRecordedApi(): Promise<RecordedApi> {
  const port = new RecordingPort();
  const directory = mkdtempSync(join(tmpdir(), "paritab-recorded-api-"));
  mkdirSync(join(directory, "assets"));
  const app = await createApi({
    port,
    store: new MemoryStore(),
    hostRules: createHostRules(null, "127.0.0.1"),
    directories: { client: directory, swarm: null },
    isHttps: false,
  });
  return {
    app,
    port,
    async close() {
      await app.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
