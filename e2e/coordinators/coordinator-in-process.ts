/** A real coordinator and tabs without browsers, all in this process: for tests of the tools for submitters. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SessionCore } from "../../client/session/session-core.ts";
import { readConfig } from "../../server/config.ts";
import { type RunningCoordinator, startCoordinator } from "../../server/start-coordinator.ts";
import { createParitabClient, type ParitabClient } from "../../shared/sdk/paritab-client.ts";

export interface CoordinatorInProcess {
  /** The same after a restart. */
  readonly url: string;
  readonly client: ParitabClient;
  /** Where tokens are needed: the first one, as the operator is told it. */
  readonly adminToken: string | null;
  /** Resolves once so many more tabs have answered their probe. */
  openTabs(count: number): Promise<void>;
  closeTabs(): void;
  /** Away until start(): connections are refused. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

const POLL_MS = 20;

/**
 * @param environment further settings, as an operator would give them
 * @param clientFetch what the client asks with
 */
export async function coordinatorInProcess(
  environment: Record<string, string> = {},
  clientFetch: typeof fetch = fetch,
): Promise<CoordinatorInProcess> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "paritab-in-process-"));
  const startOn = (port: number) =>
    startCoordinator(
      readConfig({ PARITAB_LOG_LEVEL: "fatal", ...environment }, [
        "--port",
        String(port),
        "--data-dir",
        dataDirectory,
        "--allow-faults", // lets programs without an Origin connect as tabs
      ]),
    );
  let running: RunningCoordinator | null = await startOn(0);
  const { url, adminToken } = running;
  const client = createParitabClient({ baseUrl: url, fetch: clientFetch });
  const tabs: SessionCore[] = [];
  const openNodeTab = await tabsOfThisBuild();

  const readyCount = async () =>
    (await client.sessions()).filter(({ state }) => state === "idle" || state === "working").length;
  const stop = async () => {
    await running?.close();
    running = null;
  };
  return {
    url,
    client,
    adminToken,
    async openTabs(count) {
      const wanted = (await readyCount()) + count;
      for (let i = 0; i < count; i++) tabs.push(await openNodeTab(url, `node tab ${tabs.length}`));
      while ((await readyCount()) < wanted) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    },
    closeTabs() {
      for (const tab of tabs.splice(0)) tab.stop();
    },
    stop,
    async start() {
      running ??= await startOn(Number(new URL(url).port));
    },
    async close() {
      for (const tab of tabs.splice(0)) tab.stop();
      await stop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** The coordinator takes tabs of the build that it serves; unbuilt sources have to be told which that is. */
export async function tabsOfThisBuild() {
  const file = fileURLToPath(new URL("../../build/client/build.json", import.meta.url));
  const { buildHash } = JSON.parse(await readFile(file, "utf8")) as { buildHash: string };
  Object.assign(globalThis, { __BUILD_HASH__: buildHash });
  return (await import("../crowd/node-tab.ts")).openNodeTab;
}
