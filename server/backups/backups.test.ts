/** Backups of a store that is written to meanwhile, and the way back. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BACKUPS_MAX, BACKUPS_SCHEDULED_MAX, DUMP_MS_MAX } from "../../shared/protocol/limits.ts";
import { openSqliteStore, type SqliteStore } from "../store/sqlite-store.ts";
import { someVolunteer } from "../store/store.contract.ts";
import { DumpError } from "../store/store.ts";
import { isProblem } from "../web/coordinator-port.ts";
import { listBackups, whatIsDamaged } from "./backup-folder.ts";
import { Backups } from "./backups.ts";
import { runBackups } from "./backups-command.ts";
import { restoreBackup } from "./restore-backup.ts";

const NOON_MS = Date.UTC(2026, 10, 27, 12);
const NAME = "2026-11-27T12-00-00Z";

let root: string;
let data: string;
let store: SqliteStore;
let now: { ms: number };
let free: { bytes: number | null };
let told: string[];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "paritab-backups-"));
  data = join(root, "data");
  store = await openSqliteStore(data);
  now = { ms: NOON_MS };
  free = { bytes: null };
  told = [];
});
afterEach(async () => {
  await store.close();
  rmSync(root, { recursive: true, force: true });
});

function backups(): Backups {
  return new Backups({
    dataDirectory: data,
    databaseFile: store.databaseFile,
    copyDatabase: (path) => store.copyDatabase(path),
    databaseBytes: () => store.databaseBytes(),
    freeBytes: () => free.bytes,
    nowMs: () => now.ms,
    onMade: ({ name }) => told.push(name),
  });
}

const volunteer = (n: number) =>
  ({ kind: "volunteer", volunteer: { ...someVolunteer(`v${n}`), creditMacs: n } }) as const;

/** A data directory as a coordinator leaves it: rows, a blob, keys, a log; and what no backup holds. */
async function used(): Promise<string> {
  await store.apply(Array.from({ length: 50 }, (_, n) => volunteer(n)));
  const sha256 = await store.putBlob(new Uint8Array(100_000).fill(7));
  writeFileSync(join(data, "receipt-keys.json"), "{}\n");
  mkdirSync(join(data, "job-logs"));
  writeFileSync(join(data, "job-logs", "job-1.log"), "one\n");
  writeFileSync(join(data, "intake.json.part"), "half");
  return sha256;
}

async function made(): Promise<string> {
  const view = await backups().make();
  if (isProblem(view)) throw new Error(view.message);
  return join(data, "backups", view.name);
}

test("a backup that is made while rows are written holds all that was acknowledged before, and restores to the same", async () => {
  const sha256 = await used();
  const writing = (async () => {
    for (let n = 50; n < 150; n++) await store.apply([volunteer(n)]);
  })();
  const backup = await made();
  await writing;
  const elsewhere = join(root, "elsewhere");
  expect(await restoreBackup(backup, elsewhere, now.ms)).toEqual({ setAside: null });
  const restored = await openSqliteStore(elsewhere);
  const volunteers = await restored.volunteers();
  expect(volunteers.length).toBeGreaterThanOrEqual(50);
  for (const { volunteerId, creditMacs } of volunteers) expect(volunteerId).toBe(`v${creditMacs}`);
  expect(await restored.getBlob(sha256)).toEqual(new Uint8Array(100_000).fill(7));
  await restored.close();
  expect(readFileSync(join(elsewhere, "job-logs", "job-1.log"), "utf8")).toBe("one\n");
  expect(readdirSync(elsewhere).sort()).toEqual(["blobs", "job-logs", "paritab.sqlite", "receipt-keys.json"]);
});

test("what a coordinator changes after a backup does not change the backup", async () => {
  await used();
  const backup = await made();
  await store.apply([volunteer(1_000)]);
  writeFileSync(join(data, "receipt-keys.json"), "others\n");
  expect(await whatIsDamaged(backup)).toEqual([]);
  expect(readFileSync(join(backup, "receipt-keys.json"), "utf8")).toBe("{}\n");
});

test("every damaged, lost or foreign file is named, and nothing is restored from such a backup", async () => {
  const sha256 = await used();
  const blob = (backup: string) => join(backup, "blobs", sha256.slice(0, 2), sha256);
  const damage: [string, (backup: string) => void][] = [
    ["paritab.sqlite", (backup) => truncateSync(join(backup, "paritab.sqlite"), 4096)],
    ["receipt-keys.json", (backup) => writeFileSync(join(backup, "receipt-keys.json"), "{ }\n")],
    ["job-logs/job-1.log", (backup) => rmSync(join(backup, "job-logs", "job-1.log"))],
    ["blobs", (backup) => rmSync(blob(backup))],
    [
      sha256,
      (backup) => {
        // By a name of its own: the coordinator has the same bytes under another.
        rmSync(blob(backup));
        writeFileSync(blob(backup), "other");
      },
    ],
  ];
  for (const [named, spoil] of damage) {
    now.ms += 1_000;
    const backup = await made();
    spoil(backup);
    const found = await whatIsDamaged(backup);
    expect([named, found.length]).toEqual([named, 1]);
    expect(found[0]).toContain(named);
    await expect(restoreBackup(backup, join(root, "elsewhere"), now.ms)).rejects.toThrow(/is damaged/);
    expect(readdirSync(root)).toEqual(["data"]);
  }
  expect(await store.getBlob(sha256)).toHaveLength(100_000);
});

test("half a backup is never listed and never restored", async () => {
  await used();
  const half = join(data, "backups", "2026-11-27T11-00-00Z");
  mkdirSync(half, { recursive: true });
  writeFileSync(join(half, "paritab.sqlite"), "half");
  expect(await listBackups(join(data, "backups"))).toEqual([]);
  await expect(restoreBackup(half, join(root, "elsewhere"), now.ms)).rejects.toThrow(/expected a backup .* got none/);
});

test("a backup that cannot be finished leaves nothing", async () => {
  await used();
  const breaking = new Backups({
    dataDirectory: data,
    databaseFile: store.databaseFile,
    copyDatabase: () => Promise.reject(new Error("the disk is gone")),
    databaseBytes: async () => 1,
    freeBytes: () => null,
    nowMs: () => now.ms,
    onMade: () => {},
  });
  await expect(breaking.make()).rejects.toThrow("the disk is gone");
  expect(readdirSync(join(data, "backups"))).toEqual([]);
  await expect(backups().make()).resolves.toMatchObject({ name: NAME });
});

test("who asks while a backup is made gets that one; a full disk and too many backups are refused with figures", async () => {
  await used();
  const desk = backups();
  const [one, two] = await Promise.all([desk.make(), desk.make()]);
  expect(two).toBe(one);
  expect(told).toEqual([NAME]);
  free.bytes = 1_000;
  expect(await desk.make()).toMatchObject({ status: 507, message: expect.stringMatching(/got 1000$/) });
  free.bytes = null;
  for (let n = 1; n < BACKUPS_MAX; n++) {
    now.ms += 1_000;
    await desk.make();
  }
  expect(await desk.make()).toMatchObject({ status: 409, code: "too-many-backups" });
  expect(await desk.remove(NAME)).toBe(true);
  expect(await desk.remove(NAME)).toBe(false);
  expect(await desk.remove("../../data")).toBe(false);
  expect(await desk.list()).toHaveLength(BACKUPS_MAX - 1);
});

test("the command restores the latest one in the place of a stopped coordinator's data, and sets that aside; a running one's never", async () => {
  const said: string[] = [];
  const run = (...argv: string[]) => runBackups(argv, { PARITAB_DATA_DIR: data }, now.ms, (line) => said.push(line));
  await used();
  await made();
  now.ms += 60_000;
  await expect(run("restore")).rejects.toThrow(/expected a coordinator that is stopped/);
  await store.apply([volunteer(1_000)]);
  await store.close();
  expect(await run("verify")).toBe(0);
  expect(await run("restore", NAME)).toBe(0);
  const aside = join(data, "before-2026-11-27T12-01-00Z");
  expect(said.at(-1)).toBe(`the old data is in ${aside}`);
  // The folder may be a mount, and its parent nobody's but root's.
  expect(readdirSync(root)).toEqual(["data"]);
  store = await openSqliteStore(data);
  expect(await store.volunteers()).toHaveLength(50);
  // The backups are where they were: a second look at them is possible.
  expect(await listBackups(join(data, "backups"))).toMatchObject([{ name: NAME }]);
  const before = await openSqliteStore(aside);
  expect(await before.volunteers()).toHaveLength(51);
  await before.close();
  // A later backup holds neither that nor half of a restoration.
  mkdirSync(join(data, "restoring"));
  writeFileSync(join(data, "restoring", "half"), "x");
  const later = readdirSync(await made());
  expect(later.filter((name) => /^(before|restoring)/.test(name))).toEqual([]);
});

test("what the schedule makes is marked, counts to no limit of those by hand, and goes when seven later ones are there", async () => {
  await used();
  const desk = backups();
  await desk.make();
  for (let n = 0; n < BACKUPS_SCHEDULED_MAX + 2; n++) {
    now.ms += 1_000;
    expect(await desk.make(true)).toMatchObject({ isScheduled: true });
    await desk.removeOldScheduled();
  }
  const left = await desk.list();
  expect(left.filter(({ isScheduled }) => isScheduled)).toHaveLength(BACKUPS_SCHEDULED_MAX);
  expect(left.at(-1)).toMatchObject({ name: NAME, isScheduled: false });
  expect(await desk.lastMadeMs()).toBe(now.ms);
  now.ms -= 3_000;
  expect(await desk.lastMadeMs(), "a clock that ran ahead made the others").toBe(now.ms);
});

test("what a coordinator that ended in the middle left goes once no backup can take so long; one that is under way stays", async () => {
  await used();
  const [old, fresh] = ["2026-11-27T10-00-00Z.part", "2026-11-27T11-00-00Z.part"].map((name) =>
    join(data, "backups", name),
  );
  for (const path of [old!, fresh!]) mkdirSync(path, { recursive: true });
  utimesSync(old!, 0, (now.ms - 2 * DUMP_MS_MAX) / 1_000 - 1);
  utimesSync(fresh!, 0, now.ms / 1_000);
  await backups().make();
  expect(readdirSync(join(data, "backups")).sort()).toEqual(["2026-11-27T11-00-00Z.part", NAME]);
});

test("a coordinator that stops gives up the backup that it makes, and leaves nothing of it", async () => {
  await used();
  let hasBegun = () => {};
  const begun = new Promise<void>((resolve) => {
    hasBegun = resolve;
  });
  const desk = new Backups({
    ...{ dataDirectory: data, databaseFile: store.databaseFile, nowMs: () => now.ms, freeBytes: () => null },
    databaseBytes: async () => 1,
    onMade: () => {},
    copyDatabase: (_path, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new DumpError("it was ended")));
        hasBegun();
      }),
  });
  const making = desk.make();
  await begun;
  await desk.close();
  expect(await making).toMatchObject({ code: "not-dumped", message: "it was ended" });
  expect(readdirSync(join(data, "backups"))).toEqual([]);
});

test("which coordinator holds a folder, and what uploads are half-written, stands in no backup", async () => {
  await used();
  for (const path of ["place.sqlite", "cells/a/place.sqlite-wal", "blobs/tmp-a/half"]) {
    mkdirSync(dirname(join(data, path)), { recursive: true });
    writeFileSync(join(data, path), "x");
  }
  const backup = await made();
  expect((await whatIsDamaged(backup)).length).toBe(0);
  const files = readdirSync(backup, { recursive: true, encoding: "utf8" });
  expect(files.filter((path) => /place\.sqlite|tmp-a/.test(path))).toEqual([]);
});

test("the command says how it is used", async () => {
  const said: string[] = [];
  const run = (...argv: string[]) => runBackups(argv, {}, now.ms, (line) => said.push(line));
  expect([await run("--help"), await run(), await run("remove"), await run("make", "a")]).toEqual([0, 2, 2, 2]);
  expect(new Set(said).size).toBe(1);
  await expect(runBackups(["verify"], { PARITAB_DATA_DIR: root }, 0, () => {})).rejects.toThrow(
    /expected a backup, got none/,
  );
});
