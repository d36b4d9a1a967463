import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BanRequest, type BanView, banRequestSchema } from "../../shared/protocol/bans-api.ts";
import { openSqliteStore, type SqliteStore } from "../store/sqlite-store.ts";
import { Bans } from "./bans.ts";

const VOLUNTEER = "ab".repeat(16);
const SOMEBODY = "cd".repeat(16);
let directory: string;
let store: SqliteStore;
let nowMs = 1_000;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "paritab-bans-"));
  store = await openSqliteStore(directory);
  nowMs = 1_000;
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

const open = () => Bans.open(store.operator, directory, () => nowMs);
const add = (bans: Bans, request: BanRequest) => bans.add(banRequestSchema.parse(request));
const network = (prefix: string): BanRequest => ({ who: { kind: "addresses", prefix }, reason: "a flood" });
const volunteer: BanRequest = { who: { kind: "volunteer", volunteerId: VOLUNTEER }, reason: "asked to stay away" };

test("[BN1] a folder of before, without bans, lets everybody in; a ban holds after a restart", async () => {
  const bans = await open();
  expect(bans.list()).toEqual([]);
  let told = 0;
  bans.whenAdded(() => told++);
  await add(bans, volunteer);
  expect(told).toBe(1);
  const again = await open();
  expect(again.list()).toMatchObject([{ who: volunteer.who, reason: "asked to stay away", untilMs: null }]);
  expect(again.refusalOf({ volunteerId: VOLUNTEER, address: null })).toEqual({
    code: "banned",
    message: "this coordinator's operator takes no work from here: asked to stay away",
  });
  expect(again.refusalOf({ volunteerId: SOMEBODY, address: "203.0.113.9" })).toBeNull();
});

test("[BN2] a network is meant by its prefix, of either family, and nobody outside of it", async () => {
  const bans = await open();
  await add(bans, network("203.0.113.0/24"));
  await add(bans, network("2001:db8:7::/48"));
  const isOut = (address: string | null) => bans.refusalOf({ volunteerId: SOMEBODY, address }) !== null;
  expect(["203.0.113.9", "203.0.114.9", "2001:db8:7:1::5", "2001:db8:8::5", null].map(isOut)).toEqual([
    true,
    false,
    true,
    false,
    false,
  ]);
});

test("[BN3] a ban ends by itself, or is lifted, and that holds after a restart too", async () => {
  const bans = await open();
  await add(bans, { ...volunteer, days: 1 });
  const other = (await add(bans, network("203.0.113.0/24"))) as BanView;
  const comer = { volunteerId: VOLUNTEER, address: "203.0.113.9" };
  expect(await bans.lift(other.banId)).toBe(true);
  expect(await bans.lift(other.banId)).toBe(false);
  expect(bans.refusalOf(comer)?.message).toMatch(/until 1970-01-02 00:00 UTC: asked to stay away$/);
  nowMs += 86_400_000;
  expect(bans.refusalOf(comer)).toBeNull();
  expect((await open()).list()).toEqual([]);
});

test.each(["203.0.113.9", "203.0.113.0/33", "0.0.0.0/1", "example.org/24", "127.0.0.0/8", "::/8", "203.0.113.0/24/8"])(
  "[BN2] %s is no network that can be kept out",
  async (prefix) => {
    const bans = await open();
    expect(await add(bans, network(prefix))).toMatchObject({ status: 400, code: "bad-prefix" });
    expect(bans.list()).toEqual([]);
  },
);

test("[BN1] two bans at the same moment hold both", async () => {
  const bans = await open();
  await Promise.all([add(bans, volunteer), add(bans, network("203.0.113.0/24"))]);
  expect(bans.list()).toHaveLength(2);
});

test("[CE4] [BN1] what another coordinator added or lifted holds once it has been read, and whoever is in is told", async () => {
  const [here, elsewhere] = [await open(), await open()];
  let told = 0;
  here.whenAdded(() => told++);
  const { banId } = (await add(elsewhere, volunteer)) as BanView;
  const comer = { volunteerId: VOLUNTEER, address: null };
  expect(here.refusalOf(comer)).toBeNull();
  await here.reload();
  expect([here.refusalOf(comer)?.code, told]).toEqual(["banned", 1]);
  await elsewhere.lift(banId);
  await here.reload();
  expect([here.refusalOf(comer), told]).toEqual([null, 1]);
});

test("[ST9] bans of a version that kept them in a file are taken into the store, once, and hold", async () => {
  const path = join(directory, "bans.json");
  const ban = { banId: "b1", who: volunteer.who, reason: "of before", sinceMs: 5, untilMs: null };
  const ended = { ...ban, banId: "b2", untilMs: 6 };
  writeFileSync(path, `${JSON.stringify({ version: 1, bans: [ban, ended] })}\n`);
  const bans = await open();
  expect(bans.list()).toEqual([ban]);
  expect(existsSync(path)).toBe(false);
  await bans.lift("b1");
  expect((await open()).list()).toEqual([]);
});

test("a file that is no list of bans is not taken for an empty one", async () => {
  writeFileSync(join(directory, "bans.json"), '{"version":2}');
  await expect(open()).rejects.toThrow();
  expect(existsSync(join(directory, "bans.json"))).toBe(true);
});
