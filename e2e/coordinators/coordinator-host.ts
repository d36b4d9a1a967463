/**
 * Coordinators for tests, each with an empty data folder and a port of its own, all in one process beside the tests: what
 * costs seconds, programs and threads that load, happens once. Nobody gets a coordinator that somebody else had.
 */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { startProcess } from "./coordinator-process.ts";
import type { Asked, CoordinatorSettings, Reply } from "./host-messages.ts";

export interface FreshCoordinator {
  /** On localhost; the same after a restart. */
  readonly url: string;
  /** The first administrator's, where tokens are needed. */
  readonly adminToken: string | null;
  readonly dataDirectory: string;
  /** kill -9, then a new process on the same port and data. @param meanwhile what happens to the data while nothing runs */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  end(): Promise<void>;
}

export class CoordinatorHost {
  #host: ChildProcess | null = null;
  #asked = 0;

  async start(settings: CoordinatorSettings): Promise<FreshCoordinator> {
    const dataDirectory = await mkdtemp(join(tmpdir(), "paritab-spec-"));
    const host = this.#running();
    const coordinator = this.#asked++;
    const { url, adminToken } = await this.#ask(host, { kind: "start", coordinator, dataDirectory, settings });
    const port = Number(new URL(url).port);
    let own: Awaited<ReturnType<typeof startProcess>> | null = null;
    return {
      url: `http://localhost:${port}`,
      adminToken,
      dataDirectory,
      restart: async (meanwhile) => {
        // The whole process, as a power cut would: from here on the coordinator has one of its own.
        if (own === null) await this.#kill(host);
        else await own.end("SIGKILL");
        await meanwhile?.();
        own = await startProcess({ port, dataDirectory, ...settings });
      },
      end: async () => {
        if (own === null) await this.#ask(host, { kind: "end", coordinator });
        else await own.end("SIGKILL");
        await rm(dataDirectory, { recursive: true, force: true });
      },
    };
  }

  async close(): Promise<void> {
    if (this.#host !== null) await this.#kill(this.#host);
  }

  #running(): ChildProcess {
    this.#host ??= fork(join(import.meta.dirname, "host-process.mjs"), {
      cwd: dirname(dirname(import.meta.dirname)),
      execArgv: [],
      serialization: "advanced",
    });
    return this.#host;
  }

  /** @throws Error with what the coordinator said, or where the host has ended */
  #ask(host: ChildProcess, asked: Asked): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        host.off("message", hear);
        host.off("exit", fail);
      };
      const hear = (reply: Reply) => {
        if (reply.coordinator !== asked.coordinator) return;
        stop();
        if (reply.problem === null) resolve(reply);
        else reject(new Error(`coordinator: ${asked.kind}: ${reply.problem}`));
      };
      const fail = (code: number | null) => {
        stop();
        reject(new Error(`coordinator: ${asked.kind}: its process ended with ${code}`));
      };
      host.on("message", hear);
      host.on("exit", fail);
      host.send(asked);
    });
  }

  async #kill(host: ChildProcess): Promise<void> {
    if (this.#host === host) this.#host = null;
    if (host.exitCode !== null || host.signalCode !== null) return;
    const exited = new Promise((resolve) => host.once("exit", resolve));
    host.kill("SIGKILL");
    await exited;
  }
}
