/** House-keeping by hand, over HTTP, on a real data directory. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DISK_FREE_BYTES_MIN, INTAKE_REASON_LENGTH_MAX } from "../../shared/protocol/limits.ts";
import { openSqliteStore, type SqliteStore } from "../store/sqlite-store.ts";
import { createApi } from "../web/api.ts";
import { createHostRules } from "../web/host-rules.ts";
import { NO_OPERATOR } from "../web/operator-routes.ts";
import { RecordingPort } from "../web/testing/recording-port.ts";
import { House } from "./house.ts";
import { IntakePause } from "./intake-pause.ts";

const SAMPLE = { kind: "inference", source: { kind: "sample", sample: "mnist" } };

let directory: string;
let store: SqliteStore;
let app: FastifyInstance;
let notes: [string, unknown][];
let now: { ms: number };

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "paritab-house-"));
  store = await openSqliteStore(directory);
  notes = [];
  now = { ms: Date.UTC(2026, 10, 27, 12) };
  const nowMs = () => now.ms;
  const house = new House({
    dataDirectory: directory,
    store,
    disk: { freeBytes: null },
    intake: await IntakePause.open(store.operator, directory, nowMs),
    audit: { note: (what, fields) => notes.push([what, fields]) },
    nowMs,
    schedule: null,
  });
  app = await createApi({
    port: new RecordingPort(),
    store,
    hostRules: createHostRules(null, "127.0.0.1"),
    directories: { client: null, swarm: null },
    isHttps: false,
    operator: { ...NO_OPERATOR, house, refusesJobs: () => house.refusesJobs() },
  });
});
afterEach(async () => {
  await app.close();
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

async function call(method: "GET" | "PUT" | "POST" | "DELETE", url: string, body?: object) {
  const headers = { host: "127.0.0.1" };
  const { statusCode, json } = await app.inject({
    method,
    url,
    headers,
    ...(body === undefined ? {} : { payload: body }),
  });
  return { status: statusCode, body: json() };
}

test("new jobs are refused with the operator's reason while intake is paused, and only then; it holds across restarts", async () => {
  expect((await call("GET", "/api/intake")).body).toEqual({ pausedFor: null, sinceMs: null });
  const paused = { pausedFor: "we move house", sinceMs: now.ms };
  expect(await call("PUT", "/api/intake", { pausedFor: " we move house " })).toEqual({ status: 200, body: paused });
  expect(await call("POST", "/api/jobs", SAMPLE)).toMatchObject({
    status: 503,
    body: { error: { code: "intake-paused", message: "the operator takes no new jobs now: we move house" } },
  });
  expect((await IntakePause.open(store.operator, directory, () => 0)).view).toEqual(paused);
  expect((await call("PUT", "/api/intake", { pausedFor: null })).body).toEqual({ pausedFor: null, sinceMs: null });
  expect((await call("POST", "/api/jobs", SAMPLE)).status).toBe(201);
  expect((await IntakePause.open(store.operator, directory, () => 0)).problem()).toBeNull();
});

test("[ST9] a pause of a version that kept it in a file holds after the upgrade, until new jobs are taken again", async () => {
  const path = join(directory, "intake.json");
  const said = (view: object) => writeFileSync(path, JSON.stringify(view));
  const paused = { pausedFor: "we move house", sinceMs: 7 };
  said(paused);
  expect((await IntakePause.open(store.operator, directory, () => 0)).view).toEqual(paused);
  expect(existsSync(path)).toBe(false);
  // Of another coordinator, which took jobs.
  said({ pausedFor: null, sinceMs: null });
  const pause = await IntakePause.open(store.operator, directory, () => 0);
  expect(pause.view).toEqual(paused);
  await pause.set(null);
  expect((await IntakePause.open(store.operator, directory, () => 0)).problem()).toBeNull();
  said({ pausedFor: 3 });
  await expect(IntakePause.open(store.operator, directory, () => 0)).rejects.toThrow();
});

test("[CE4] what another coordinator says of new jobs holds here once it has been read", async () => {
  const [here, elsewhere] = [
    await IntakePause.open(store.operator, directory, () => 5),
    await IntakePause.open(store.operator, directory, () => 5),
  ];
  await elsewhere.set("we move house");
  expect(here.problem()).toBeNull();
  await here.reload();
  expect(here.problem()?.code).toBe("intake-paused");
});

test("a pause has a reason, and not a novel", async () => {
  for (const pausedFor of ["", " ", "x".repeat(INTAKE_REASON_LENGTH_MAX + 1), 3, undefined]) {
    expect((await call("PUT", "/api/intake", { pausedFor })).status).toBe(400);
  }
  expect((await call("GET", "/api/intake")).body.pausedFor).toBeNull();
});

test("storage tells bytes by what they are, backups among them; a backup is made, listed, noted and removed", async () => {
  await store.putBlob(new Uint8Array(5_000));
  writeFileSync(join(directory, "receipt-keys.json"), "x".repeat(300));
  const made = await call("POST", "/api/backups");
  expect(made).toMatchObject({ status: 201, body: { name: "2026-11-27T12-00-00Z", files: 3 } });
  expect(notes).toEqual([
    ["backup-made", { name: made.body.name, files: 3, bytes: made.body.bytes, isScheduled: false }],
  ]);
  const { body } = await call("GET", "/api/storage");
  expect(body).toEqual({
    freeBytes: null,
    reservedBytes: DISK_FREE_BYTES_MIN,
    databaseBytes: await store.databaseBytes(),
    blobs: { files: 1, bytes: 5_000 },
    otherBytes: 300,
    database: "SQLite",
    backupsDirectory: join(directory, "backups"),
    lastBackupMs: now.ms,
    backupEveryMs: null,
    backupProblem: null,
    backups: [made.body],
  });
  expect(body.databaseBytes).toBeGreaterThan(0);
  expect(await call("DELETE", `/api/backups/${made.body.name}`)).toEqual({ status: 200, body: { removed: true } });
  expect((await call("GET", "/api/storage")).body.backups).toEqual([]);
  expect(await call("DELETE", `/api/backups/${made.body.name}`)).toMatchObject({ status: 404 });
});

test("files are counted again after half a minute, not at every look", async () => {
  const blobs = async () => (await call("GET", "/api/storage")).body.blobs.files;
  expect(await blobs()).toBe(0);
  await store.putBlob(new Uint8Array(10));
  expect(await blobs()).toBe(0);
  now.ms += 30_000;
  expect(await blobs()).toBe(1);
});
