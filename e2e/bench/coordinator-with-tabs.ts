/** A coordinator of a bench's own, in this process, and real tabs in Chromium; the pages have to be built. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../server/config.ts";
import { startCoordinator } from "../../server/start-coordinator.ts";
import { createParitabClient, type ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { parseFaultProfile } from "../crowd/browser/fault-profile.ts";
import { type Crowd, openCrowd } from "../crowd/browser/open-crowd.ts";

export interface CoordinatorWithTabs {
  readonly url: string;
  readonly client: ParitabClient;
  readonly crowd: Crowd;
  close(): Promise<void>;
}

const CONNECT_MS_MAX = 120_000;

/** Honest tabs, on WebAssembly. @param crowdName their name @param threads of each */
export async function coordinatorWithTabs(
  crowdName: string,
  tabs: number,
  seed: number,
  threads = 1,
): Promise<CoordinatorWithTabs> {
  const dataDirectory = await mkdtemp(join(tmpdir(), `paritab-${crowdName}-`));
  const settings = ["--port", "0", "--data-dir", dataDirectory, "--allow-faults"];
  const coordinator = await startCoordinator(readConfig({ PARITAB_LOG_LEVEL: "fatal" }, settings));
  const { url } = coordinator;
  const profile = parseFaultProfile("honest");
  const crowd = await openCrowd({ url, tabs, profile, seed, crowd: crowdName, backends: ["wasm"], threads });
  await crowd.connected(CONNECT_MS_MAX);
  return {
    url,
    client: createParitabClient({ baseUrl: url }),
    crowd,
    async close() {
      await crowd.close();
      await coordinator.close();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}
