/** A coordinator, a process of its own, that is killed as a machine that loses its power, and started again on the same port and data. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SessionCore } from "../../../client/session/session-core.ts";
import { freePort } from "../../../server/testing/free-port.ts";
import { createParitabClient, type ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { tabsOfThisBuild } from "../../coordinators/coordinator-in-process.ts";
import { type CoordinatorProcess, startProcess } from "../../coordinators/coordinator-process.ts";

export class KilledCoordinator {
  readonly client: ParitabClient;
  readonly #start: () => Promise<CoordinatorProcess>;
  readonly #dataDirectory: string;
  readonly #tabs: readonly SessionCore[];
  #running: CoordinatorProcess;

  /** @param tabs real ones, without browsers, in this process: they come back by themselves */
  static async open(tabs: number): Promise<KilledCoordinator> {
    const dataDirectory = mkdtempSync(join(tmpdir(), "paritab-rows-killed-"));
    const port = await freePort();
    const environment = { PARITAB_LOG_LEVEL: "error" };
    const start = () => startProcess({ dataDirectory, port, environment, flags: ["--allow-faults"] });
    const running = await start();
    const openNodeTab = await tabsOfThisBuild();
    const opened: SessionCore[] = [];
    for (let tab = 0; tab < tabs; tab++) opened.push(await openNodeTab(running.url, `node tab ${tab}`));
    return new KilledCoordinator(start, running, dataDirectory, opened);
  }

  private constructor(
    start: () => Promise<CoordinatorProcess>,
    running: CoordinatorProcess,
    dataDirectory: string,
    tabs: readonly SessionCore[],
  ) {
    this.client = createParitabClient({ baseUrl: running.url });
    this.#start = start;
    this.#running = running;
    this.#dataDirectory = dataDirectory;
    this.#tabs = tabs;
  }

  async killAndStart(): Promise<void> {
    await this.#running.end("SIGKILL");
    this.#running = await this.#start();
  }

  async close(): Promise<void> {
    for (const tab of this.#tabs) tab.stop();
    await this.#running.end("SIGTERM");
    rmSync(this.#dataDirectory, { recursive: true, force: true });
  }
}
