/** What the operator said by hand, on both engines. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { BanView } from "../../shared/protocol/bans-api.ts";
import { openPostgresStore } from "./postgres-store.ts";
import type { SqlStore } from "./sql-store.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import { PostgresServer, postgresPrograms } from "./testing/postgres-server.ts";

const WHO = { kind: "addresses", prefix: "2001:db8::/48" } as const;
const ban = (banId: string, sinceMs: number, untilMs: number | null = null): BanView => ({
  ...{ banId, who: WHO, reason: "a flood: “ü”", sinceMs, untilMs },
});

function promises(open: () => Promise<SqlStore>): void {
  let store: SqlStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.close());

  it("[ST2] bans come back as they were said, the latest first; lifted ones do not, and ended ones go when one is added", async () => {
    const { operator } = store;
    expect(await operator.bans()).toEqual([]);
    await operator.addBan(ban("b1", 1.5), 0);
    await operator.addBan(ban("b2", 9, 20), 9);
    // Twice is the same as once.
    await operator.addBan(ban("b1", 1.5), 9);
    expect(await operator.bans()).toEqual([ban("b2", 9, 20), ban("b1", 1.5)]);
    await operator.addBan(ban("b3", 21), 21);
    expect(await operator.bans()).toEqual([ban("b3", 21), ban("b1", 1.5)]);
    expect([await operator.liftBan("b1"), await operator.liftBan("b1")]).toEqual([true, false]);
    expect(await operator.bans()).toEqual([ban("b3", 21)]);
  });

  it("[ST2] [VS1] seats come back as they were made and given; of two that take one, one has it; a sheet that ended goes when one is added", async () => {
    const { seats } = store;
    const sheet = (sheetId: string, untilMs: number) => ({
      ...{ sheetId, name: "7b “ü”", prefix: null, believed: true, sinceMs: 1.5, untilMs, watchKey: `w${sheetId}` },
    });
    await seats.addSheet(sheet("s1", 10), ["AAAA-2222", "AAAA-3333"], 2);
    expect(await seats.sheets()).toEqual([sheet("s1", 10)]);
    expect(await Promise.all(["v1", "v2"].map((key) => seats.take("AAAA-2222", key, 3.5)))).toHaveLength(2);
    const [first, second] = await seats.seats();
    expect(["v1", "v2"]).toContain(first!.volunteerId);
    expect(first).toMatchObject({ sheetId: "s1", number: 1, code: "AAAA-2222", takenMs: 3.5, revokedMs: null });
    expect(second).toMatchObject({ number: 2, volunteerId: null, takenMs: null });
    expect([await seats.take("AAAA-2222", "v3", 4), await seats.take("none", "v3", 4)]).toEqual([false, false]);
    expect([await seats.revoke("s1", 2, 5), await seats.revoke("s1", 2, 6)]).toEqual([true, false]);
    expect(await seats.take("AAAA-3333", "v3", 7)).toBe(false);
    await seats.addSheet({ ...sheet("s2", 30), believed: false }, ["BBBB-2222"], 10);
    expect(await seats.sheets()).toEqual([{ ...sheet("s2", 30), believed: false }]);
    expect((await seats.seats()).map(({ code }) => code)).toEqual(["BBBB-2222"]);
    expect([await seats.endSheet("s2"), await seats.endSheet("s2")]).toEqual([true, false]);
    expect([await seats.sheets(), await seats.seats()]).toEqual([[], []]);
  });

  it("[ST2] what was said last of new jobs is what stands; before the first word there is none", async () => {
    const { operator } = store;
    expect(await operator.intake()).toBeNull();
    const said = [
      { pausedFor: "we move house", sinceMs: 7.25 },
      { pausedFor: null, sinceMs: null },
    ];
    for (const intake of said) {
      await operator.setIntake(intake);
      expect(await operator.intake()).toEqual(intake);
    }
  });
}

describe("on SQLite", () => {
  const directories: string[] = [];
  afterAll(() => {
    for (const directory of directories) rmSync(directory, { recursive: true, force: true });
  });
  promises(() => {
    directories.push(mkdtempSync(join(tmpdir(), "paritab-operator-store-")));
    return openSqliteStore(directories.at(-1)!);
  });
});

describe.skipIf(postgresPrograms() === null)("on PostgreSQL", () => {
  let server: PostgresServer;
  const directories: string[] = [];
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(async () => {
    await server.stop();
    for (const directory of directories) rmSync(directory, { recursive: true, force: true });
  });
  promises(async () => {
    directories.push(mkdtempSync(join(tmpdir(), "paritab-operator-store-")));
    return openPostgresStore(await server.newDatabase(), directories.at(-1)!);
  });
});
