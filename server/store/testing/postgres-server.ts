/**
 * A PostgreSQL server for tests, in a folder of its own, that goes when the test's process goes. It refuses to run as root: there it runs as
 * the user that the package made, or as nobody.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { freePort } from "../../testing/free-port.ts";

const LOOK_MS = 50;

/** The folder of its programs; null: PostgreSQL is not installed. */
export function postgresPrograms(): string | null {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env.PATH ?? "").split(delimiter),
    "/opt/homebrew/opt/postgresql/bin",
    "/usr/local/opt/postgresql/bin",
  ];
  return folders.find((folder) => ["initdb", "postgres"].every((name) => existsSync(join(folder, name)))) ?? null;
}

/** Said once, aloud, where tests on PostgreSQL are left out. */
export function sayWithoutPostgres(what: string): void {
  if (postgresPrograms() === null) {
    console.warn(`SKIPPED: ${what} on PostgreSQL, which is not installed (apt-get install postgresql); CI installs it`);
  }
}

export class PostgresServer {
  readonly port: number;
  readonly #folder: string;
  readonly #programs: string;
  readonly #runAs: { uid: number; gid: number } | null;
  #process: ChildProcess | null = null;
  #databases = 0;

  static async start(): Promise<PostgresServer> {
    const programs = postgresPrograms();
    if (programs === null) throw new Error("PostgreSQL is not installed: apt-get install postgresql");
    const server = new PostgresServer(programs, await freePort());
    await server.begin();
    return server;
  }

  private constructor(programs: string, port: number) {
    this.#programs = programs;
    this.port = port;
    this.#folder = mkdtempSync(join(tmpdir(), "paritab-postgres-"));
    this.#runAs = process.getuid?.() === 0 ? unprivilegedUser() : null;
    if (this.#runAs !== null) chownSync(this.#folder, this.#runAs.uid, this.#runAs.gid);
    chmodSync(this.#folder, 0o700);
    const flags = ["--username=paritab", "--auth=trust", "--no-sync", "--encoding=UTF8", "--no-locale"];
    const made = spawnSync(join(programs, "initdb"), ["-D", this.#folder, ...flags], {
      cwd: "/",
      ...this.#runAs,
      encoding: "utf8",
    });
    if (made.status !== 0) throw new Error(`initdb: ${made.error?.message ?? made.stderr}`);
  }

  /** Also after a kill, on what is left. */
  async begin(): Promise<void> {
    const settings = {
      port: this.port,
      listen_addresses: "127.0.0.1",
      unix_socket_directories: this.#folder,
      // What is killed here is a process, never the machine: the kernel keeps what was written.
      fsync: "off",
      max_connections: 60,
      shared_buffers: "16MB",
    };
    const program = [join(this.#programs, "postgres"), "-D", this.#folder];
    for (const [name, value] of Object.entries(settings)) program.push("-c", `${name}=${value}`);
    // The shell ends the server when nobody holds the other end of its input any more.
    const script =
      'exec 3<&0; "$@" 3<&- & server=$!; (cat <&3 > /dev/null; kill -INT $server 2> /dev/null) & wait $server';
    const running = spawn("/bin/sh", ["-c", script, "sh", ...program], {
      cwd: "/",
      ...this.#runAs,
      stdio: ["pipe", "ignore", "pipe"],
    });
    this.#process = running;
    let said = "";
    running.stderr.on("data", (chunk: Buffer) => {
      said += chunk;
    });
    while (!(await this.#answers())) {
      await sleep(LOOK_MS);
      if (running.exitCode === null && running.signalCode === null) continue;
      running.stdin.end();
      // Processes of one that was killed notice it, and go.
      if (said.includes("pre-existing shared memory block")) return this.begin();
      throw new Error(`postgres ended: ${said}`);
    }
  }

  /** Of the process that the server and all of its own are below. @throws Error while it does not run */
  get pid(): number {
    const { pid } = this.#process ?? {};
    if (pid === undefined) throw new Error("postgres: expected a server that runs, it has ended");
    return pid;
  }

  /** kill -9 of the postmaster; its own processes notice and go. */
  kill(): Promise<void> {
    return this.#signal("SIGKILL");
  }

  /** As operators stop it: what is under way is rolled back, and everybody is cut off. */
  halt(): Promise<void> {
    return this.#signal("SIGINT");
  }

  async #signal(signal: NodeJS.Signals): Promise<void> {
    const [pid] = readFileSync(join(this.#folder, "postmaster.pid"), "utf8").split("\n");
    process.kill(Number(pid), signal);
    await this.#ended();
  }

  /** postgres://... of a new, empty database */
  async newDatabase(): Promise<string> {
    const name = `test${this.#databases++}`;
    await this.ask(`CREATE DATABASE ${name}`);
    return this.url(name);
  }

  url(database: string, user = "paritab"): string {
    return `postgres://${user}@127.0.0.1:${this.port}/${database}`;
  }

  /** As the server's owner. */
  async ask(statement: string, database = "postgres"): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.url(database) });
    client.on("error", () => {});
    await client.connect();
    try {
      return (await client.query(statement)).rows;
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    this.#process?.stdin?.end();
    await this.#ended();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #answers(): Promise<boolean> {
    return this.ask("SELECT 1").then(
      () => true,
      () => false,
    );
  }

  async #ended(): Promise<void> {
    const ending = this.#process;
    if (ending === null) return;
    this.#process = null;
    ending.stdin?.end();
    if (ending.exitCode === null && ending.signalCode === null)
      await new Promise((resolve) => ending.once("exit", resolve));
  }
}

function unprivilegedUser(): { uid: number; gid: number } {
  for (const name of ["postgres", "nobody"]) {
    const { status, stdout } = spawnSync("id", ["-u", name], { encoding: "utf8" });
    const group = spawnSync("id", ["-g", name], { encoding: "utf8" });
    if (status === 0) return { uid: Number(stdout), gid: Number(group.stdout) };
  }
  throw new Error(`expected a user postgres or nobody, for ${userInfo().username} may not run PostgreSQL`);
}
