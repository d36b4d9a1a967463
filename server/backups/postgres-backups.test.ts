/** Backups of a database on a PostgreSQL server, by its own programs. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { libpqAddress } from "../store/postgres-dump.ts";
import { openPostgresStore, type PostgresStore } from "../store/postgres-store.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { someVolunteer } from "../store/store.contract.ts";
import { PostgresServer, postgresPrograms, sayWithoutPostgres } from "../store/testing/postgres-server.ts";
import { isProblem } from "../web/coordinator-port.ts";
import { whatIsDamaged } from "./backup-folder.ts";
import { Backups } from "./backups.ts";
import { runBackups } from "./backups-command.ts";
import { restoreBackup } from "./restore-backup.ts";

sayWithoutPostgres("backups");

test("a password stands in no argument of a program, and what only our own library understands is left out", () => {
  expect(libpqAddress("postgres://ada:se%20c%2Fret@db:5432/paritab?sslmode=verify-full&ssl=true")).toEqual({
    address: "postgres://ada@db:5432/paritab?sslmode=verify-full",
    secret: { PGPASSWORD: "se c/ret" },
  });
  expect(libpqAddress("postgres://db/paritab")).toEqual({ address: "postgres://db/paritab", secret: {} });
});

describe.skipIf(postgresPrograms() === null)("backups of a PostgreSQL database", () => {
  let server: PostgresServer;
  let [root, data, url] = ["", "", ""];
  let store: PostgresStore;
  const now = { ms: Date.UTC(2026, 11, 1, 12) };

  beforeAll(async () => {
    server = await PostgresServer.start();
    vi.stubEnv("PATH", `${process.env.PATH}:${postgresPrograms()}`);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await server.stop();
  });
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "paritab-postgres-backups-"));
    data = join(root, "data");
    url = await server.newDatabase();
    store = await openPostgresStore(url, data, join(data, "cells", "a"));
  });
  afterEach(async () => {
    await store.close();
    rmSync(root, { recursive: true, force: true });
  });

  function backups(): Backups {
    return new Backups({
      ...{ dataDirectory: data, databaseFile: store.databaseFile, nowMs: () => now.ms, freeBytes: () => null },
      copyDatabase: (path, signal) => store.copyDatabase(path, signal),
      databaseBytes: () => store.databaseBytes(),
      onMade: () => {},
    });
  }
  const volunteer = (n: number) =>
    ({ kind: "volunteer", volunteer: { ...someVolunteer(`v${n}`), creditMacs: n } }) as const;

  async function used(): Promise<string> {
    await store.apply(Array.from({ length: 20 }, (_, n) => volunteer(n)));
    const sha256 = await store.putBlob(new Uint8Array(10_000).fill(7));
    writeFileSync(join(data, "receipt-keys.json"), "{}\n");
    return sha256;
  }
  async function made(): Promise<string> {
    const view = await backups().make();
    if (isProblem(view)) throw new Error(view.message);
    return join(data, "backups", view.name);
  }

  test("a backup holds a dump and the files, made while rows are written; restored into an empty database it holds all that was acknowledged before", async () => {
    const sha256 = await used();
    const writing = (async () => {
      for (let n = 20; n < 60; n++) await store.apply([volunteer(n)]);
    })();
    const backup = await made();
    await writing;
    expect(readdirSync(backup).sort()).toEqual(["backup.json", "blobs", "paritab.dump", "receipt-keys.json"]);
    expect(await whatIsDamaged(backup)).toEqual([]);
    const elsewhere = join(root, "elsewhere");
    const empty = await server.newDatabase();
    expect(await restoreBackup(backup, elsewhere, now.ms, empty)).toEqual({ setAside: null });
    const restored = await openPostgresStore(empty, elsewhere);
    const volunteers = await restored.volunteers();
    expect(volunteers.length).toBeGreaterThanOrEqual(20);
    for (const { volunteerId, creditMacs } of volunteers) expect(volunteerId).toBe(`v${creditMacs}`);
    expect(await restored.getBlob(sha256)).toEqual(new Uint8Array(10_000).fill(7));
    await restored.close();
    // The program reads it, the coordinator has no use for it.
    expect(readdirSync(elsewhere)).not.toContain("paritab.dump");
  });

  test("the command restores into the database that the setting names, never over one with tables or beside a cell at work, and says what to do", async () => {
    await used();
    await made();
    const said: string[] = [];
    const run = (databaseUrl: string | undefined, ...argv: string[]) =>
      runBackups(argv, { PARITAB_DATA_DIR: data, PARITAB_DATABASE_URL: databaseUrl }, now.ms, (line) =>
        said.push(line),
      );
    const empty = await server.newDatabase();
    await expect(run(undefined, "restore")).rejects.toThrow(
      /expected PARITAB_DATABASE_URL to name an empty PostgreSQL/,
    );
    await expect(run(empty, "restore")).rejects.toThrow(/expected a coordinator that is stopped/);
    await store.close();
    await expect(run(url, "restore")).rejects.toThrow(
      /expected an empty database, got one with \d+ tables: .*createdb/,
    );
    expect(readdirSync(root)).toEqual(["data"]);
    expect(await run(empty, "verify")).toBe(0);
    expect(await run(empty, "restore")).toBe(0);
    expect(said.at(-2)).toMatch(/ and paritab@127\.0\.0\.1:\d+\/\w+; start the coordinator again$/);
    store = await openPostgresStore(empty, data, join(data, "cells", "a"));
    expect(await store.volunteers()).toHaveLength(20);
  });

  test("a backup of an embedded database is not restored while a server's is named", async () => {
    const embedded = join(root, "embedded");
    const sqlite = await openSqliteStore(embedded);
    const view = await new Backups({
      ...{ dataDirectory: embedded, databaseFile: sqlite.databaseFile, nowMs: () => now.ms, freeBytes: () => null },
      copyDatabase: (path) => sqlite.copyDatabase(path),
      databaseBytes: () => sqlite.databaseBytes(),
      onMade: () => {},
    }).make();
    await sqlite.close();
    const backup = join(embedded, "backups", (view as { name: string }).name);
    await expect(restoreBackup(backup, join(root, "x"), now.ms, url)).rejects.toThrow(/migrate-store/);
  });

  test("without pg_dump, or with one that fails, the operator reads why and what to do, and nothing is left", async () => {
    await used();
    const programs = join(root, "programs");
    mkdirSync(programs);
    vi.stubEnv("PATH", programs);
    try {
      expect(await backups().make()).toMatchObject({
        code: "not-dumped",
        message: expect.stringMatching(/^expected the program pg_dump, got none: install .*postgresql-client/),
      });
      const dump = join(programs, "pg_dump");
      writeFileSync(dump, "#!/bin/sh\necho 'aborting because of server version mismatch' >&2; exit 1\n");
      chmodSync(dump, 0o755);
      const { message } = (await backups().make()) as { message: string };
      expect(message).toMatch(/^pg_dump of paritab@.* failed: aborting because of server version mismatch; install/);
    } finally {
      vi.stubEnv("PATH", `/usr/bin:/bin:${postgresPrograms()}`);
    }
    expect(readdirSync(join(data, "backups"))).toEqual([]);
  });
});
