/**
 * Coordinators for tests, each a process of its own with an empty data folder, and one ahead: while a test runs, the
 * coordinator of the next one starts. Nobody gets one that somebody else had.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CoordinatorProcess, startProcess } from "./coordinator-process.ts";

export interface CoordinatorSettings {
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface FreshCoordinator {
  /** On localhost; the same after a restart. */
  readonly url: string;
  /** kill -9, then a new process on the same port and data. */
  restart(): Promise<void>;
  end(): Promise<void>;
}

export class CoordinatorsAhead {
  #ahead: { readonly settings: string; readonly started: Promise<FreshCoordinator> } | null = null;

  async take(settings: CoordinatorSettings): Promise<FreshCoordinator> {
    const name = JSON.stringify(settings);
    if (this.#ahead !== null && this.#ahead.settings !== name) await this.close();
    const taken = await (this.#ahead?.started ?? start(settings));
    // The next test is most often one of the same file, and wants the same.
    const started = start(settings);
    // It is told whoever takes it.
    started.catch(() => undefined);
    this.#ahead = { settings: name, started };
    return taken;
  }

  async close(): Promise<void> {
    const ahead = this.#ahead;
    this.#ahead = null;
    const started = await ahead?.started.catch(() => null);
    await started?.end();
  }
}

async function start({ flags, environment }: CoordinatorSettings): Promise<FreshCoordinator> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "paritab-spec-"));
  const startOn = (port: number): Promise<CoordinatorProcess> =>
    startProcess({ port, dataDirectory, flags, environment });
  let running = await startOn(0);
  const port = Number(new URL(running.url).port);
  return {
    url: `http://localhost:${port}`,
    async restart() {
      await running.end("SIGKILL");
      running = await startOn(port);
    },
    async end() {
      await running.end("SIGKILL");
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}
