/** Two coordinators, processes of their own, on one PostgreSQL server and one data directory, behind one address. */
import type pg from "pg";
import { openPool } from "../../../server/store/postgres-store.ts";
import { PostgresServer, postgresPrograms } from "../../../server/store/testing/postgres-server.ts";
import { createParitabClient, type ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { patiently } from "../../../shared/sdk/patience.ts";
import { type CoordinatorProcess, startProcess } from "../../coordinators/coordinator-process.ts";
import { Front } from "./front.ts";

export const CELLS = ["a", "b"] as const;
export type CellName = (typeof CELLS)[number];

export class Service {
  readonly front: Front;
  /** At the one address. */
  readonly #client: ParitabClient;
  readonly #cells: ReadonlyMap<CellName, CoordinatorProcess>;
  readonly #pool: pg.Pool;
  readonly #server: PostgresServer | null;

  /** @param databaseUrl of a server that is there; null: one is started, in a folder of its own, as a user without rights */
  static async start(dataDirectory: string, databaseUrl: string | null, port: number): Promise<Service> {
    if (databaseUrl === null && postgresPrograms() === null) {
      throw new Error(
        "demo: expected PostgreSQL: apt-get install postgresql, or set PARITAB_DATABASE_URL=postgres://user:password@host/database",
      );
    }
    const server = databaseUrl === null ? await PostgresServer.start() : null;
    const cells = new Map<CellName, CoordinatorProcess>();
    try {
      const url = databaseUrl ?? (await server!.newDatabase());
      // One after the other: the first one makes the keys that both sign with.
      for (const name of CELLS) cells.set(name, await startCell(name, dataDirectory, url));
      const ports = CELLS.map((name) => Number(new URL(cells.get(name)!.url).port));
      const front = await Front.open(ports, port).catch(() => Front.open(ports, 0));
      return new Service(front, cells, openPool(url, 1), server);
    } catch (error) {
      for (const cell of cells.values()) await cell.end("SIGKILL");
      await server?.stop();
      throw error;
    }
  }

  private constructor(
    front: Front,
    cells: ReadonlyMap<CellName, CoordinatorProcess>,
    pool: pg.Pool,
    server: PostgresServer | null,
  ) {
    this.front = front;
    this.#cells = cells;
    this.#pool = pool;
    this.#server = server;
    this.#client = createParitabClient({ baseUrl: front.url });
  }

  cell(name: CellName): CoordinatorProcess {
    return this.#cells.get(name)!;
  }

  /** Tabs that it sees ready; null: it is gone. */
  async tabsOf(name: CellName): Promise<number | null> {
    const client = createParitabClient({ baseUrl: this.cell(name).url });
    try {
      const sessions = await client.sessions();
      return sessions.filter(({ state }) => state === "idle" || state === "working").length;
    } catch {
      return null;
    }
  }

  /** null: nobody's for a moment. */
  async ownerOf(jobId: string): Promise<string | null> {
    const { rows } = await this.#pool.query<{ name: string }>(
      "SELECT name FROM job_leases JOIN cells USING (epoch) WHERE job_id = $1 AND until_ms > extract(epoch FROM clock_timestamp()) * 1000",
      [jobId],
    );
    return rows[0]?.name ?? null;
  }

  /** Signed receipts of this job, which is in parts. */
  async receiptsOf(jobId: string): Promise<number> {
    const { rows } = await this.#pool.query("SELECT 1 FROM wholes WHERE whole_id = $1 AND statement_json IS NOT NULL", [
      jobId,
    ]);
    return rows.length;
  }

  async serverVersion(): Promise<string> {
    const { rows } = await this.#pool.query<{ server_version: string }>("SHOW server_version");
    return rows[0]!.server_version.split(" ")[0]!;
  }

  /** Whatever is asked while a coordinator goes and another takes over is asked again. */
  patiently<T>(ask: (client: ParitabClient) => Promise<T>): Promise<T> {
    return patiently({}, () => ask(this.#client));
  }

  async close(): Promise<void> {
    await this.front.close();
    for (const cell of this.#cells.values()) await cell.end("SIGKILL");
    await this.#pool.end();
    await this.#server?.stop();
  }
}

function startCell(name: CellName, dataDirectory: string, databaseUrl: string): Promise<CoordinatorProcess> {
  return startProcess({
    dataDirectory,
    flags: ["--allow-faults"],
    environment: {
      PARITAB_LOG_LEVEL: "error",
      PARITAB_CELL: name,
      PARITAB_DATABASE_URL: databaseUrl,
      PARITAB_TRUST_PROXY: "1",
      PARITAB_TRUST_LOOPBACK: "1",
    },
  });
}
