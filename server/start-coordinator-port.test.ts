import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readConfig } from "./config.ts";
import { startCoordinator } from "./start-coordinator.ts";
import { freePort } from "./testing/free-port.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "paritab-port-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function start(port: number) {
  const args = ["--port", String(port), "--data-dir", directory];
  return startCoordinator(readConfig({ PARITAB_LOG_LEVEL: "fatal" }, args));
}

function holder(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server)));
}

test("a coordinator waits a moment for a port that is about to come free", async () => {
  const port = await freePort();
  const other = await holder(port);
  setTimeout(() => other.close(), 200);
  const coordinator = await start(port);
  expect(coordinator.url).toBe(`http://127.0.0.1:${port}`);
  expect((await fetch(`${coordinator.url}/healthz`)).status).toBe(200);
  await coordinator.close();
});

test("a port that stays somebody else's is refused", async () => {
  const port = await freePort();
  const other = await holder(port);
  await expect(start(port)).rejects.toMatchObject({ code: "EADDRINUSE" });
  other.close();
});
