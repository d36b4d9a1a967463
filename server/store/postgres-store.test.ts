/** The store's contract on a PostgreSQL server, and what is true of that engine alone. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openPool, openPostgresStore } from "./postgres-store.ts";
import { registerStoreContract, someJob, someRound, someVolunteer } from "./store.contract.ts";
import { PostgresServer, postgresPrograms, sayWithoutPostgres } from "./testing/postgres-server.ts";

sayWithoutPostgres("the store's contract");

describe.skipIf(postgresPrograms() === null)("on PostgreSQL", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.stop());

  const directories: string[] = [];
  function newDirectory(): string {
    const directory = mkdtempSync(join(tmpdir(), "paritab-postgres-store-"));
    directories.push(directory);
    return directory;
  }
  afterEach(() => {
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
  });

  registerStoreContract("postgres", async () => {
    const directory = newDirectory();
    const url = await server.newDatabase();
    let store = await openPostgresStore(url, directory);
    return {
      store,
      reopen: async () => {
        await store.close();
        store = await openPostgresStore(url, directory);
        return store;
      },
      dispose: () => store.close(),
    };
  });

  it("[ST2] a transaction that fails half-way keeps none of its records", async () => {
    const store = await openPostgresStore(await server.newDatabase(), newDirectory());
    const broken = { ...someRound("j1", 0), generation: null as unknown as number };
    await expect(
      store.apply([
        { kind: "job", job: someJob("j1") },
        { kind: "round", round: broken },
      ]),
    ).rejects.toThrow(/store: could not write: .*generation/);
    expect(await store.jobs()).toEqual([]);
    await store.apply([{ kind: "job", job: someJob("j2") }]);
    expect((await store.jobs()).map((job) => job.jobId)).toEqual(["j2"]);
    await store.close();
  });

  it("[ST1] a NUL in a name, which PostgreSQL holds in no text, is kept as its picture; numbers past 32 bits are kept", async () => {
    const store = await openPostgresStore(await server.newDatabase(), newDirectory());
    const volunteer = someVolunteer("v1", { nickname: "a\0b", auditsPassed: 2 ** 40, rowsTaken: 2 ** 33 });
    await store.apply([{ kind: "volunteer", volunteer }]);
    expect(await store.volunteers()).toStrictEqual([{ ...volunteer, nickname: "a\u2400b" }]);
    await store.submitters.addUpload({ sha256: "a", submitter: "ada", bytes: 2 ** 32 + 1, uploadedMs: 1 });
    expect((await store.submitters.uploads()).map(({ bytes }) => bytes)).toEqual([2 ** 32 + 1]);
    expect(await store.databaseBytes()).toBeGreaterThan(0);
    await store.close();
  });

  it("[ST7] what cannot be opened says why, and never a password", async () => {
    const database = new URL(await server.newDatabase()).pathname.slice(1);
    await server.ask("CREATE ROLE guest LOGIN PASSWORD 'secret'");
    const opening = (url: string) => openPostgresStore(url, newDirectory()).then(() => "opened", String);
    expect(await opening(server.url("nowhere"))).toMatch(/no such database at paritab@.*createdb/);
    expect(await opening(server.url(database, "guest"))).toMatch(/permission denied for schema public/);
    const refused = await opening(server.url(database, "stranger:secret"));
    expect(refused).toMatch(/PostgreSQL refuses stranger@.*pg_hba/);
    expect(refused).not.toContain("secret");
    expect(await opening("postgres://paritab:secret@127.0.0.1:1/x")).toBe(
      "StoreError: nothing listens at paritab@127.0.0.1:1/x: start PostgreSQL there, or set PARITAB_DATABASE_URL",
    );
  });

  it("[ST5] a connection that the server ends in the middle of a transaction fails that transaction, and nothing else", async () => {
    const url = await server.newDatabase();
    const pool = openPool(url, 1);
    const client = await pool.connect();
    await client.query("BEGIN");
    const database = new URL(url).pathname.slice(1);
    await server.ask(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}'`);
    const ended = () => client.query("SELECT 1").then(() => "well", String);
    await expect.poll(ended).toMatch(/terminat|not queryable|ended/i);
    client.release(new Error("it ended"));
    expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });

  it("[ST5] [ST6] while the server is away writes are refused; when it is back they go on, and nothing is lost", async () => {
    const own = await PostgresServer.start();
    const store = await openPostgresStore(own.url("postgres"), newDirectory());
    await store.apply([{ kind: "job", job: someJob("j1") }]);
    await own.kill();
    // A killed server's processes may serve a connection for a moment more.
    const write = () => store.apply([{ kind: "job", job: someJob("j2") }]).then(() => "written", String);
    await expect.poll(write).toContain("store: could not write");
    await own.begin();
    await store.apply([{ kind: "job", job: someJob("j3") }]);
    expect((await store.jobs()).map(({ jobId }) => jobId)).toEqual(expect.arrayContaining(["j1", "j3"]));
    await store.close();
    await own.stop();
  });
});
