/** A used folder, moved to PostgreSQL: everything that the embedded store says of it the other one says too. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { JOB_STATES } from "../../shared/protocol/job-api.ts";
import { MOVED_TABLES } from "./migrate-store.ts";
import { runMigrateStore } from "./migrate-store-command.ts";
import { openPostgresStore } from "./postgres-store.ts";
import type { SqlStore } from "./sql-store.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import { allAppends, someContribution, someJob, someRound, someStatement, someVolunteer } from "./store.contract.ts";
import { PostgresServer, postgresPrograms } from "./testing/postgres-server.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "paritab-migrate-store-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const JOBS = Array.from({ length: 450 }, (_, n) => `j${n}`);

/** Something in every table. */
async function useFolder(): Promise<void> {
  const store = await openSqliteStore(directory);
  const sha256 = await store.putBlob(Uint8Array.of(1, 2, 3));
  const quarantine = { atMs: 5, jobId: "j1", roundIndex: 3, reason: "a wrong row: “naïve”" };
  const account = { accountKey: "0.001 of Ada", answerBound: 1e-3, places: 9, routeOne: 0, charged: 0.1, held: 1 / 3 };
  await store.apply([
    ...JOBS.map((jobId, n) => ({ kind: "job", job: someJob(jobId, { submittedMs: n, modelSha256: sha256 }) }) as const),
    ...[0, 1].map((index) => ({ kind: "round", round: someRound("j1", index) }) as const),
    { kind: "piece", piece: { jobId: "j2", firstQuery: 0, queryCount: 1, values: Uint8Array.of(0, 255) } },
    { kind: "append", append: { jobId: "j1", seq: 0, body: Uint8Array.of(0, 255) } },
    { kind: "block", block: { jobId: "j1", blockId: 0, facts: { state: "open" }, places: Uint32Array.of(4, 2) } },
    { kind: "account", account },
    { kind: "volunteer", volunteer: someVolunteer("v1", { quarantine, rowsTaken: 7 }) },
    { kind: "crowd", crowd: { window: [], rowsSinceAlarm: 3 } },
    { kind: "contribution", contribution: someContribution("v1") },
    {
      kind: "checkpoint",
      checkpoint: { jobId: "j3", facts: { iteration: 2 }, arrays: { weights: Float64Array.of(-0, 1 / 3) } },
    },
  ]);
  const token = {
    tokenId: "t1",
    tokenSha256: "a".repeat(64),
    submitter: "ada",
    createdMs: 1,
    expiresMs: null,
    revokedMs: null,
  };
  await store.submitters.addToken({ ...token, scopes: ["submit"], jobId: null });
  await store.submitters.ownJob("j1", "ada");
  await store.submitters.addUpload({ sha256, submitter: "ada", bytes: 2 ** 33, uploadedMs: 9 });
  await store.operator.addBan(
    {
      banId: "b1",
      who: { kind: "addresses", prefix: "203.0.113.0/24" },
      reason: "a flood",
      sinceMs: 5.5,
      untilMs: null,
    },
    9,
  );
  await store.operator.setIntake({ pausedFor: "we move house", sinceMs: 6.25 });
  const sheet = { sheetId: "s", name: "7b", prefix: null, believed: true, sinceMs: 1, untilMs: 9.5, watchKey: "w" };
  await store.seats.addSheet(sheet, ["AAAA-2222", "AAAA-3333"], 1);
  await store.seats.take("AAAA-2222", "v1", 2.5);
  await store.receipts.append(someStatement("j1", 0));
  await store.receipts.addKeys([{ publicKey: "k", fromMs: 1, before: null, signature: "s" }]);
  await store.close();
}

async function told(store: SqlStore) {
  const list = { states: JOB_STATES, search: "untitled", among: null, offset: 0, limit: 1_000 };
  return {
    jobs: await store.jobs(),
    list: await store.jobList(list),
    rounds: await store.rounds("j1"),
    pieces: await store.pieces("j2"),
    appends: await allAppends(store, "j1"),
    blocks: await store.blocks("j1"),
    accounts: await store.accounts(),
    volunteers: await store.volunteers(),
    crowd: await store.crowd(),
    contributions: await store.contributions("j1"),
    checkpoint: await store.checkpoint("j3"),
    tokens: await store.submitters.tokens(),
    owners: await store.submitters.jobOwners(),
    uploads: await store.submitters.uploads(),
    bans: await store.operator.bans(),
    intake: await store.operator.intake(),
    sheets: await store.seats.sheets(),
    seats: await store.seats.seats(),
    statements: await store.receipts.statements("j1"),
    keys: await store.receipts.keys(),
  };
}

it("[ST9] every table of an embedded database is moved, or is one of several coordinators alone", async () => {
  await (await openSqliteStore(directory)).close();
  const sqlite = new SqliteDatabase(join(directory, "paritab.sqlite"));
  const tables = sqlite.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%\\_%migration%' ESCAPE '\\'",
  );
  const names = (tables.all() as { name: string }[]).map(({ name }) =>
    name.replaceAll(/_(.)/g, (_, letter) => letter.toUpperCase()),
  );
  sqlite.close();
  const OF_CELLS = ["cells", "cellsGone", "cellEpochs", "jobLeases", "volunteerShares", "listVersions", "reservations"];
  expect(names.sort()).toEqual([...MOVED_TABLES, ...OF_CELLS].sort());
});

it("[ST9] without an address, or without anything to move, it says so", async () => {
  const said: string[] = [];
  expect(await runMigrateStore([], { PARITAB_DATA_DIR: directory }, (line) => said.push(line))).toBe(2);
  expect(said.join()).toContain("PARITAB_DATABASE_URL: expected the address");
  const environment = { PARITAB_DATA_DIR: directory, PARITAB_DATABASE_URL: "postgres://a@127.0.0.1:1/b" };
  await expect(runMigrateStore([], environment, () => {})).rejects.toThrow(
    /nothing to move: expected .*paritab.sqlite/,
  );
});

describe.skipIf(postgresPrograms() === null)("to a server", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.stop());

  it("[ST9] a used folder is the same on PostgreSQL, to the bit, and its jobs at work are taken by the next coordinator", async () => {
    await useFolder();
    const url = await server.newDatabase();
    const environment = { PARITAB_DATA_DIR: directory, PARITAB_DATABASE_URL: url };
    const said: string[] = [];
    expect(await runMigrateStore([], environment, (line) => said.push(line))).toBe(0);
    expect(said).toContain(`jobs: ${JOBS.length} rows`);
    const embedded = await openSqliteStore(directory);
    const expected = await told(embedded);
    await embedded.close();
    const moved = await openPostgresStore(url, directory);
    expect(await told(moved)).toStrictEqual(expected);
    expect((await moved.cell.takeOver()).sort()).toEqual([...JOBS].sort());
    await moved.close();
    // A second time there is something already, and it stays as it is.
    await expect(runMigrateStore([], environment, () => {})).rejects.toThrow(
      /expected an empty database, got 450 rows in its table jobs/,
    );
  });

  it("[ST7] a folder that a coordinator holds is not moved", async () => {
    const running = await openSqliteStore(directory);
    const environment = { PARITAB_DATA_DIR: directory, PARITAB_DATABASE_URL: await server.newDatabase() };
    await expect(runMigrateStore([], environment, () => {})).rejects.toThrow(/in use by another coordinator/);
    await running.close();
  });
});
