/** What was earned and found out survives upgrades: a database as each earlier version left it, opened by this one. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { Kysely, Migrator, SqliteDialect } from "kysely";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openSqliteStore } from "./sqlite-store.ts";
import { someJob, someRound, someVolunteer } from "./store.contract.ts";
import type { StoreRecord } from "./store.ts";
import { MIGRATIONS } from "./tables.ts";

/** Read back as they were written, whatever the version: what each table had from the start. */
const RECORDS: readonly StoreRecord[] = [
  { kind: "job", job: someJob("done", { state: "done", finishedMs: 5 }) },
  { kind: "job", job: someJob("at work", { state: "running" }) },
  { kind: "round", round: someRound("at work", 0) },
  { kind: "volunteer", volunteer: someVolunteer("honest", { creditMacs: 12_345, auditsPassed: 41 }) },
  {
    kind: "volunteer",
    volunteer: someVolunteer("liar", {
      auditsFailed: 1,
      quarantine: { atMs: 7, reason: "a wrong row", jobId: "done", roundIndex: 2 },
    }),
  },
];
const TABLES = ["jobs", "rounds", "volunteers"];
const versions = Object.keys(MIGRATIONS).sort();

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "paritab-upgrade-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** An empty database as the version that ended with this migration made it. */
async function databaseOf(version: string, path: string): Promise<void> {
  const known = Object.fromEntries(versions.filter((name) => name <= version).map((name) => [name, MIGRATIONS[name]!]));
  const database = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new SqliteDatabase(path) }) });
  const { error } = await new Migrator({
    db: database,
    provider: { getMigrations: async () => known },
  }).migrateToLatest();
  await database.destroy();
  if (error !== undefined) throw error;
}

/** Copies the rows of one database into another that lacks the columns that came later. */
function copyRows(fromPath: string, intoPath: string): void {
  const database = new SqliteDatabase(intoPath);
  database.prepare("ATTACH ? AS today").run(fromPath);
  for (const table of TABLES) {
    const columns = (database.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name).join(", ");
    database.exec(`INSERT INTO main.${table} (${columns}) SELECT ${columns} FROM today.${table}`);
  }
  database.close();
}

it.each(versions)(
  "[ST9] jobs, rounds, credit and standing of a database of %s are there after the upgrade",
  async (version) => {
    const [today, old] = [join(directory, "today"), join(directory, "old")];
    const written = await openSqliteStore(today);
    await written.apply(RECORDS);
    const expected = {
      jobs: await written.jobs(),
      rounds: await written.rounds("at work"),
      volunteers: await written.volunteers(),
    };
    await written.close();
    await (await openSqliteStore(old)).close(); // makes the directory
    rmSync(join(old, "paritab.sqlite"));
    await databaseOf(version, join(old, "paritab.sqlite"));
    copyRows(join(today, "paritab.sqlite"), join(old, "paritab.sqlite"));

    const store = await openSqliteStore(old);
    const found = {
      jobs: await store.jobs(),
      rounds: await store.rounds("at work"),
      volunteers: await store.volunteers(),
    };
    expect(found).toEqual(expected);
    // And it is written as any other.
    await store.apply([{ kind: "volunteer", volunteer: someVolunteer("honest", { creditMacs: 99_999 }) }]);
    expect((await store.volunteers()).find(({ volunteerId }) => volunteerId === "honest")?.creditMacs).toBe(99_999);
    await store.close();
  },
);
