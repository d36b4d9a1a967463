/** What was earned and found out survives upgrades: a database as each earlier version left it, opened by this one. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { Kysely, Migrator, SqliteDialect } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JOB_STATES } from "../../shared/protocol/job-api.ts";
import { type RunRecord, runCheckpoint } from "../coded/records.ts";
import { inferenceCodec, type StoredJob } from "../kinds/inference/records.ts";
import { matmulCodec } from "../kinds/matmul/desk.ts";
import { regressionCodec } from "../kinds/regression/records.ts";
import { MIGRATIONS } from "./migrations.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import { allAppends, someStatement, someVolunteer } from "./store.contract.ts";

/**
 * Rows that the last version before 0009 wrote (commit a239641), when regressions were called gradient jobs: finished and
 * running jobs of each kind. { hex } stands for bytes.
 */
const ROWS = JSON.parse(readFileSync(new URL("./testing/rows-of-0008.json", import.meta.url), "utf8")) as Readonly<
  Record<string, Readonly<Record<string, unknown>>[]>
>;
const OLD_VERSIONS = Object.keys(MIGRATIONS)
  .sort()
  .filter((version) => version < "0009");

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "paritab-upgrade-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A database as the version that ended with this migration made it, with those of the rows that it had tables for. */
async function databaseOf(version: string): Promise<void> {
  // Opened once by today's version: the directory is as it should be.
  await (await openSqliteStore(directory)).close();
  const path = join(directory, "paritab.sqlite");
  rmSync(path);
  await upgradedTo(version);
  const sqlite = new SqliteDatabase(path);
  for (const [table, rows] of Object.entries(ROWS)) {
    const columns = (sqlite.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
    if (columns.length === 0) continue;
    const places = columns.map(() => "?").join(", ");
    const insert = sqlite.prepare(`INSERT INTO ${table} (${columns.join(", ")}) VALUES (${places})`);
    for (const row of rows) insert.run(columns.map((column) => storedValue(row[column])));
  }
  sqlite.close();
}

/** Upgrades the database that is there, up to this migration. */
async function upgradedTo(version: string): Promise<void> {
  const known = Object.fromEntries(Object.entries(MIGRATIONS).filter(([name]) => name <= version));
  const path = join(directory, "paritab.sqlite");
  const database = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new SqliteDatabase(path) }) });
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => known } });
  const { error } = await migrator.migrateToLatest();
  await database.destroy();
  if (error !== undefined) throw error;
}

function storedValue(value: unknown): unknown {
  return value !== null && typeof value === "object" && "hex" in value ? Buffer.from(String(value.hex), "hex") : value;
}

it.each(OLD_VERSIONS)(
  "[ST9] jobs, rounds, credit and standing of a database of %s are there after the upgrade",
  async (version) => {
    await databaseOf(version);
    const store = await openSqliteStore(directory);
    const jobs = await inferenceJobs(store);
    expect(jobs.map(({ jobId, state }) => [jobId, state])).toEqual([
      ["at work", "running"],
      ["outputs", "running"],
      ["stream", "running"],
      ["done", "done"],
    ]);
    expect(jobs.find(({ jobId }) => jobId === "done")).toMatchObject({
      submission: { kind: "inference", source: { kind: "uploads" } },
      modelSha256: "a".repeat(64),
      queriesSha256: "b".repeat(64),
      orderSha256: "d".repeat(64),
      labelsSha256: "c".repeat(64),
      queryCount: 400,
      outputSize: 3,
      inputScale: 1 / 255,
      submittedMs: 1_700_000_000_000.25,
      finishedMs: 5,
      auditedRows: 20,
      liarShare: 0.1,
      sensitivity: null,
      unchecked: null,
      suspended: null,
      // Jobs that are there end under the audits that they began with.
      crossChecks: null,
    });
    const [round] = await store.rounds("at work");
    expect(round).toMatchObject({
      roundIndex: 0,
      generation: 1,
      queryIndices: Uint32Array.of(7, 8),
      volunteers: ["v1"],
    });
    expect(round!.outputs).toEqual(Float32Array.of(0.5, -0, 3.4e38, 0.25, 1, 2));
    const [honest, liar] = await store.volunteers();
    expect(honest).toMatchObject({ volunteerId: "honest", creditMacs: 12_345, auditsPassed: 41, quarantine: null });
    expect(liar?.quarantine).toEqual({ atMs: 7, reason: "a wrong row", jobId: "done", roundIndex: 2 });
    // And what is there is written as any other.
    await store.apply([{ kind: "volunteer", volunteer: someVolunteer("honest", { creditMacs: 99_999 }) }]);
    expect((await store.volunteers()).find(({ volunteerId }) => volunteerId === "honest")?.creditMacs).toBe(99_999);
    await store.close();
  },
);

async function inferenceJobs(store: Awaited<ReturnType<typeof openSqliteStore>>): Promise<StoredJob[]> {
  const records = await store.jobs();
  return records.filter(({ kind }) => kind === "inference").map((record) => inferenceCodec.fromRecord(record));
}

it("[ST9] what later versions knew of an inference job is there too: codes, outputs, parity model, streams, contributions", async () => {
  await databaseOf("0008_streams");
  const store = await openSqliteStore(directory);
  const jobs = new Map((await inferenceJobs(store)).map((job) => [job.jobId, job]));
  expect(jobs.get("done")).toMatchObject({
    parity: { modelSha256: "e".repeat(64), macsPerQuery: 0.1 },
    outputScale: 0.3,
    codes: [],
  });
  expect(jobs.get("at work")?.codes).toMatchObject([{ fromRound: 0, queriesPerGroup: 4, reason: "cheapest" }]);
  expect(jobs.get("outputs")?.outputScale).toEqual([{ size: 3, scaleFloor: 0.3 }]);
  expect(jobs.get("stream")).toMatchObject({ queriesSha256: null, isOpen: true, queryCount: 2 });
  expect(await store.pieces("stream")).toMatchObject([{ firstQuery: 0, values: Uint8Array.of(0, 255) }]);
  expect(await store.contributions("at work")).toMatchObject([{ volunteerId: "honest", rows: 30, failedRows: 1 }]);
  await store.close();
});

describe.each(OLD_VERSIONS.filter((version) => version >= "0002"))("coded runs of a database of %s", (version) => {
  it("[ST9] a gradient job is a regression, finished or at work, with its weights", async () => {
    await databaseOf(version);
    const store = await openSqliteStore(directory);
    const fitted = regressionCodec.fromRecord((await store.job("fitted"))!);
    expect(fitted).toMatchObject({
      submission: { kind: "regression", name: "digits", iterations: 4, validationShare: 0.25 },
      featuresSha256: "1".repeat(64),
      labelsSha256: "2".repeat(64),
      ...{ inputScale: 0.5, rows: 40, columns: 3, classes: 1, labelOfClass: [4, 9], splitSeed: 77 },
      shape: { rows: 30, columns: 3, width: 1 },
      settings: { iterations: 4, isForwardOnly: false },
      ...{ state: "done", endKind: "done", endReason: "4 iterations", finishedMs: 400, weightsOf: 4 },
      progress: { iteration: 4, best: { iteration: 3, loss: 0.1 }, resultsChecked: 12, nextGeneration: 3 },
    });
    expect(fitted.progress.liars).toEqual([{ volunteerId: "v2", iteration: 1, roundId: 3, shardIndex: 2 }]);
    const weights = Float64Array.of(0.1 + 0.2, -0, 1 / 3);
    const current = { iteration: 4, arrays: { lookahead: Float64Array.of(1, 2, 3), weights } };
    expect(runCheckpoint((await store.checkpoint("fitted"))!)).toEqual({ current, best: null });

    const fitting = regressionCodec.fromRecord((await store.job("fitting"))!);
    expect(fitting).toMatchObject({
      state: "running",
      finishedMs: null,
      submission: { submitter: "Cy", colluders: 1 },
    });
    expect(fitting.invitations).toEqual([
      { sha256: "5".repeat(64), volunteerId: "v1" },
      { sha256: "6".repeat(64), volunteerId: null },
    ]);
    expect(runCheckpoint((await store.checkpoint("fitting"))!)).toEqual({
      current: { iteration: 5, arrays: { weights: Float64Array.of(5, 6, 7), lookahead: Float64Array.of(8, 9, 10) } },
      best: { iteration: 4, arrays: { weights: Float64Array.of(1, 1, 2), lookahead: Float64Array.of(3, 5, 8) } },
    });
    expect(await store.job("refused")).toMatchObject({ kind: "regression", state: "failed" });
    expect(await store.checkpoint("refused")).toBeNull();
    await store.close();
  });

  it("[ST9] a matrix job has its matrices, its columns and its product under their own names", async () => {
    await databaseOf(version);
    const store = await openSqliteStore(directory);
    const sizes = { leftSha256: "3".repeat(64), rightSha256: "4".repeat(64), rows: 4, inner: 6, columns: 3 };
    const multiplied = matmulCodec.fromRecord((await store.job("multiplied"))!);
    expect(multiplied).toMatchObject({
      submission: { kind: "matmul", name: "A B", leftFractionBits: 2 },
      ...sizes,
      shape: { rows: 4, columns: 6, width: 2 },
      settings: { iterations: 2, patience: null, isForwardOnly: true },
      ...{ state: "done", endKind: "done", weightsOf: 2 },
    });
    for (const gone of ["featuresSha256", "labelsSha256", "classes", "labelOfClass", "splitSeed", "inputScale"]) {
      expect(multiplied).not.toHaveProperty(gone);
    }
    const product = Float64Array.from({ length: 12 }, (_, i) => 3 * i - 5);
    const done = { current: { iteration: 2, arrays: { product } }, best: null };
    expect(runCheckpoint((await store.checkpoint("multiplied"))!)).toEqual(done);

    const multiplying: RunRecord = matmulCodec.fromRecord((await store.job("multiplying"))!);
    expect(multiplying).toMatchObject({ ...sizes, state: "running", settings: { iterations: 3 }, weightsOf: 1 });
    const half = runCheckpoint((await store.checkpoint("multiplying"))!);
    expect(half.current.iteration).toBe(1);
    expect(half.current.arrays.product).toEqual(Float64Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? i : 0)));
    await store.close();
  });
});

it("[ST9] a database of 0011_cross_checks gets room for signed receipts, and keeps its jobs", async () => {
  await databaseOf("0008_streams");
  await upgradedTo("0011_cross_checks");
  const store = await openSqliteStore(directory);
  expect((await store.jobs()).length).toBe(ROWS.jobs!.length + ROWS.gradient_jobs!.length);
  expect(await store.receipts.keys()).toEqual([]);
  expect(await store.receipts.statements("done")).toEqual([]);
  await store.receipts.append(someStatement("at work", 0));
  expect(await store.receipts.jobsOf("honest")).toEqual(["at work"]);
  await store.close();
});

it("[ST9] volunteers of 0013_job_links have no rows that cross-checks know of, and chose nothing; nothing is known of the crowd", async () => {
  await databaseOf("0008_streams");
  await upgradedTo("0013_job_links");
  const store = await openSqliteStore(directory);
  const volunteers = await store.volunteers();
  expect(volunteers).toHaveLength(ROWS.volunteers!.length);
  for (const { rowsTaken, choseUntilMs } of volunteers) expect([rowsTaken, choseUntilMs]).toEqual([0, null]);
  expect(await store.crowd()).toBeNull();
  await store.close();
});

it("[ST9] an upgrade that was cut short after its tables, and before it was noted as done, is done again without harm", async () => {
  await databaseOf("0008_streams");
  const path = join(directory, "paritab.sqlite");
  await (await openSqliteStore(directory)).close();
  const sqlite = new SqliteDatabase(path);
  sqlite.exec("DELETE FROM kysely_migration WHERE name >= '0009_jobs_of_any_kind'");
  sqlite.close();
  const store = await openSqliteStore(directory);
  expect((await store.jobs()).length).toBe(ROWS.jobs!.length + ROWS.gradient_jobs!.length);
  await store.close();
});

it("[ST9] tokens of 0012_signed_receipts are no links to a job, and keep what they open", async () => {
  await databaseOf("0008_streams");
  await upgradedTo("0012_signed_receipts");
  const sqlite = new SqliteDatabase(join(directory, "paritab.sqlite"));
  sqlite
    .prepare("INSERT INTO access_tokens (token_id, token_sha256, submitter, scopes, created_ms) VALUES (?, ?, ?, ?, ?)")
    .run("t0", "a".repeat(64), "ada", "submit,read", 1);
  sqlite.close();
  const store = await openSqliteStore(directory);
  expect((await store.submitters.tokens()).find(({ tokenId }) => tokenId === "t0")).toMatchObject({
    submitter: "ada",
    scopes: ["submit", "read"],
    jobId: null,
  });
  await store.close();
});

it("[ST9] [CE10] jobs of 0020_load_of_cells are in one piece, and are listed as before", async () => {
  await databaseOf("0008_streams");
  await upgradedTo("0020_load_of_cells");
  const store = await openSqliteStore(directory);
  const jobs = await store.jobs();
  expect(jobs.length).toBe(ROWS.jobs!.length + ROWS.gradient_jobs!.length);
  const all = { states: JOB_STATES, among: null, search: "", offset: 0, limit: 100 };
  const listed = (await store.jobList(all)).jobs.map(({ jobId, state }) => [jobId, state]);
  expect(listed.sort()).toEqual(jobs.map(({ jobId, state }) => [jobId, state]).sort());
  for (const { jobId } of jobs) expect(await store.whole(jobId)).toBeNull();
  await store.close();
});

it("[ST9] of jobs of 0021_wholes that have ended a list says how and why", async () => {
  await databaseOf("0008_streams");
  await upgradedTo("0021_wholes");
  const store = await openSqliteStore(directory);
  const all = { states: JOB_STATES, among: null, search: "digits", offset: 0, limit: 10 };
  const ends = (await store.jobList(all)).jobs.map((job) => [job.jobId, job.endKind, job.whyEnded]);
  expect(ends.sort()).toEqual([
    ["fitted", "done", null],
    ["fitting", null, null],
    ["refused", "failed", "y: expected numbers"],
  ]);
  await store.close();
});

it("[ST9] [CE16] what 0025_reservations held is there with room for what coordinators tell their operator", async () => {
  await databaseOf("0008_streams");
  await upgradedTo("0025_reservations");
  const before = await (async () => {
    const store = await openSqliteStore(directory);
    const jobs = (await store.jobs()).length;
    await store.close();
    return jobs;
  })();
  expect(before).toBe(ROWS.jobs!.length + ROWS.gradient_jobs!.length);
  const sqlite = new SqliteDatabase(join(directory, "paritab.sqlite"));
  const columns = (table: string) =>
    (sqlite.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
  expect(columns("cells")).toEqual(
    expect.arrayContaining(["label", "version", "started_ms", "connected", "ready", "volunteers"]),
  );
  expect(columns("cells_gone")).toEqual(["label", "heard_ms", "at_ms", "how", "taken_by"]);
  sqlite.close();
});

it("[ST9] rounds of 0026_seen_cells are read as before; no job has rows, nobody an account, and both are written from now on", async () => {
  await databaseOf("0008_streams");
  await upgradedTo("0026_seen_cells");
  const store = await openSqliteStore(directory);
  expect(await store.rounds("at work")).toHaveLength(1);
  for (const { jobId } of await store.jobs())
    expect([await allAppends(store, jobId), await store.blocks(jobId)]).toEqual([[], []]);
  expect(await store.accounts()).toEqual([]);
  const append = { jobId: "at work", seq: 0, body: Uint8Array.of(1, 2) };
  await store.apply([{ kind: "append", append }]);
  expect(await allAppends(store, "at work")).toEqual([append]);
  await store.close();
});

it("[ST9] jobs of 0014_crowd_lately are found by their names and submitters", async () => {
  await databaseOf("0008_streams");
  const store = await openSqliteStore(directory);
  const all = { states: JOB_STATES, among: null, offset: 0, limit: 10 };
  const found = async (search: string) => (await store.jobList({ ...all, search })).jobs;
  expect((await found("DIGITS")).map(({ jobId }) => jobId).sort()).toEqual(["fitted", "fitting", "refused"]);
  expect(await found("cy")).toMatchObject([{ jobId: "fitting", name: "digits", submitter: "Cy" }]);
  await store.close();
});
