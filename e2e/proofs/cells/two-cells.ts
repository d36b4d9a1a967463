/** Two coordinators, processes of their own, on one throw-away database and one data directory, and volunteers at each. */
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PostgresServer } from "../../../server/store/testing/postgres-server.ts";
import { createParitabClient, type ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { type CoordinatorProcess, startProcess } from "../../coordinators/coordinator-process.ts";
import { CreditLedger } from "../torture/credit-ledger.ts";
import { Volunteer, type VolunteerOptions } from "../torture/volunteer.ts";
import { DatabaseLink } from "./database-link.ts";

export type CellName = "a" | "b";

interface CrowdOptions extends Pick<VolunteerOptions, "ledger" | "mayBeRefused"> {
  /** One for each. */
  readonly invitations?: readonly string[];
}

export class TwoCells {
  readonly database: PostgresServer;
  /** Between both and the database. */
  readonly link: DatabaseLink;
  readonly databaseUrl: string;
  readonly dataDirectory: string;
  /** What no coordinator may say to an honest volunteer, and credit that is lost or counted twice. */
  readonly problems: string[] = [];
  readonly credit = new CreditLedger(
    (problem) => this.problems.push(problem),
    (problem) => this.problems.push(problem),
  );
  readonly #environment: Readonly<Record<string, string>>;
  readonly #flags: readonly string[];
  readonly #cells = new Map<CellName, CoordinatorProcess>();
  readonly #volunteers: Volunteer[] = [];

  static async start(
    environment: Readonly<Record<string, string>> = {},
    flags: readonly string[] = [],
  ): Promise<TwoCells> {
    const database = await PostgresServer.start();
    const directory = await realpath(await mkdtemp(join(tmpdir(), "paritab-two-cells-")));
    const link = await DatabaseLink.open(database.port);
    const cells = new TwoCells(database, link, await database.newDatabase(), directory, environment, flags);
    // One after the other: the first one makes the keys that both sign with.
    for (const name of ["a", "b"] as const) await cells.startCell(name);
    return cells;
  }

  private constructor(
    database: PostgresServer,
    link: DatabaseLink,
    databaseUrl: string,
    dataDirectory: string,
    environment: Readonly<Record<string, string>>,
    flags: readonly string[],
  ) {
    this.database = database;
    this.link = link;
    this.databaseUrl = databaseUrl;
    this.dataDirectory = dataDirectory;
    this.#environment = environment;
    this.#flags = flags;
  }

  /** On the port that it had before, if any. */
  async startCell(name: CellName): Promise<CoordinatorProcess> {
    const before = this.#cells.get(name);
    const cell = await startProcess({
      dataDirectory: this.dataDirectory,
      flags: this.#flags,
      port: before === undefined ? 0 : Number(new URL(before.url).port),
      environment: {
        PARITAB_LOG_LEVEL: "error",
        PARITAB_DATABASE_URL: this.link.by(this.databaseUrl),
        PARITAB_CELL: name,
        ...this.#environment,
      },
    });
    this.#cells.set(name, cell);
    return cell;
  }

  cell(name: CellName): CoordinatorProcess {
    return this.#cells.get(name)!;
  }

  client(name: CellName, token?: string): ParitabClient {
    return createParitabClient({ baseUrl: this.cell(name).url, ...(token === undefined ? {} : { token }) });
  }

  volunteers(name: CellName, count: number, mayBeRefused = false): Promise<Volunteer[]> {
    return this.volunteersAt(this.cell(name).url, count, { ledger: this.credit, mayBeRefused });
  }

  /** @param url of a coordinator, or of what stands before several */
  async volunteersAt(
    url: string,
    count: number,
    { ledger, mayBeRefused = false, invitations = [] }: CrowdOptions,
  ): Promise<Volunteer[]> {
    const opened: Volunteer[] = [];
    for (let n = 0; n < count; n++) {
      const volunteer = await Volunteer.open({
        url,
        nickname: `volunteer ${n}`,
        ledger,
        mayBeRefused,
        invitation: invitations[n],
        onProblem: (problem) => this.problems.push(problem),
      });
      this.#volunteers.push(volunteer);
      opened.push(volunteer);
    }
    return opened;
  }

  /** A statement to the database. */
  ask(statement: string): Promise<Record<string, unknown>[]> {
    return this.database.ask(statement, new URL(this.databaseUrl).pathname.slice(1));
  }

  /** Of those that live, by their names. */
  async epochs(): Promise<Record<string, number>> {
    const rows = await this.ask("SELECT name, epoch FROM cells ORDER BY epoch");
    return Object.fromEntries(rows.map(({ name, epoch }) => [String(name), Number(epoch)]));
  }

  /** What a balancer sees of it; null: it takes no connection. */
  async readiness(name: CellName): Promise<{ readonly ok: boolean; readonly problems: readonly string[] } | null> {
    const answer = await fetch(`${this.cell(name).url}/readyz`).catch(() => null);
    return answer === null ? null : ((await answer.json()) as { ok: boolean; problems: string[] });
  }

  /** What each has said, for whoever wants to know why a test failed. */
  outputs(): string {
    return [...this.#cells].map(([name, cell]) => `--- ${name}, ${cell.url}\n${cell.output()}`).join("\n");
  }

  async end(): Promise<void> {
    for (const volunteer of this.#volunteers) volunteer.stop();
    for (const cell of this.#cells.values()) {
      try {
        process.kill(cell.pid, "SIGCONT");
      } catch {
        // It has ended.
      }
      await cell.end("SIGKILL");
    }
    await this.link.close();
    await this.database.stop();
    await rm(this.dataDirectory, { recursive: true, force: true });
  }
}
