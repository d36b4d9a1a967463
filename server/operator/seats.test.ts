import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SEAT_CODE } from "../../shared/protocol/seat-codes.ts";
import { type SeatSheetRequest, seatSheetRequestSchema } from "../../shared/protocol/seats-api.ts";
import { openSqliteStore, type SqliteStore } from "../store/sqlite-store.ts";
import { type HeldSheet, Seats } from "./seats.ts";

const DAY_MS = 86_400_000;
const [ANN, BOB, EVE] = ["aa", "bb", "ee"].map((digits) => digits.repeat(16)) as [string, string, string];
let directory: string;
let store: SqliteStore;
let nowMs = 1_000;
const opened: Seats[] = [];
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "paritab-seats-"));
  store = await openSqliteStore(directory);
  nowMs = 1_000;
});
afterEach(async () => {
  for (const seats of opened.splice(0)) seats.close();
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

async function open(): Promise<Seats> {
  const seats = await Seats.open(store.seats, () => nowMs);
  opened.push(seats);
  return seats;
}

async function sheetOf(seats: Seats, changes: Partial<SeatSheetRequest> = {}) {
  const request = seatSheetRequestSchema.parse({ name: "7b", seats: 2, ...changes });
  const sheet = (await seats.add(request)) as HeldSheet;
  return { sheet, codes: sheet.seats.map(({ code }) => code) };
}
const come = (seats: Seats, volunteerId: string, code?: string, address: string | null = null) =>
  seats.seatOf({ volunteerId, code, address });

test("[VS1] a seat is the first key's that comes with its code, also after a restart and without the code; others are told", async () => {
  const seats = await open();
  const { sheet, codes } = await sheetOf(seats);
  expect(codes).toHaveLength(2);
  for (const code of codes) expect(code).toMatch(SEAT_CODE);
  const seat = { place: `${sheet.sheetId} 1`, believed: false };
  expect(await come(seats, ANN, codes[0])).toEqual({ standing: { sheet: "7b", number: 1 }, seat });
  expect(await come(seats, BOB, codes[0])).toEqual({ standing: "taken", seat: null });
  const again = await open();
  expect(await come(again, ANN)).toMatchObject({ standing: { number: 1 }, seat });
  expect(await come(again, BOB)).toEqual({ standing: null, seat: null });
  expect((await come(again, BOB, "2222-2222")).standing).toBe("unknown");
});

test("[VS1] a key has one seat: a second code is left to others", async () => {
  const seats = await open();
  const { codes } = await sheetOf(seats);
  await come(seats, ANN, codes[0]);
  expect((await come(seats, ANN, codes[1])).standing).toMatchObject({ number: 1 });
  expect((await come(seats, BOB, codes[1])).standing).toMatchObject({ number: 2 });
});

test("[VS1] of keys that come with one code at the same moment, at one coordinator or two, one has the seat", async () => {
  const [here, elsewhere] = [await open(), await open()];
  const { codes } = await sheetOf(here);
  await elsewhere.reload();
  const comers = [come(here, ANN, codes[0]), come(elsewhere, BOB, codes[0]), come(here, EVE, codes[0])];
  const standings = (await Promise.all(comers)).map(({ standing }) => standing);
  expect(standings.filter((standing) => standing === "taken")).toHaveLength(2);
  await here.reload();
  expect(here.list()[0]!.seats[0]!.volunteerId).not.toBeNull();
});

test("[VS1] whoever came is counted: 3 of 2, once a code was handed on", async () => {
  const seats = await open();
  const { codes } = await sheetOf(seats);
  await come(seats, ANN, codes[0]);
  await come(seats, BOB, codes[1]);
  expect(seats.list()[0]!.came).toBe(2);
  await come(seats, EVE, codes[1]);
  await come(seats, EVE, codes[0]);
  expect(seats.list()[0]!.came).toBe(3);
});

test("[VS1] a sheet for one network gives seats there alone", async () => {
  const seats = await open();
  const { codes } = await sheetOf(seats, { prefix: "203.0.113.0/24" });
  for (const address of [null, "203.0.114.7", "2001:db8::1"])
    expect((await come(seats, ANN, codes[0], address)).standing).toBe("elsewhere");
  expect((await come(seats, ANN, codes[0], "203.0.113.7")).standing).toMatchObject({ number: 1 });
  // Whoever sits there may go home with the laptop.
  expect((await come(seats, ANN, undefined, "198.51.100.1")).standing).toMatchObject({ number: 1 });
  const bad = await seats.add(seatSheetRequestSchema.parse({ name: "x", seats: 1, prefix: "school" }));
  expect(bad).toMatchObject({ status: 400, code: "bad-prefix" });
});

test("[VS3] a seat that is revoked, of a sheet that ended or whose time is over, is nobody's; whoever looks after tabs is told", async () => {
  const seats = await open();
  const { sheet, codes } = await sheetOf(seats, { days: 1 });
  const ann = (await come(seats, ANN, codes[0])).seat!;
  const bob = (await come(seats, BOB, codes[1])).seat!;
  let told = 0;
  seats.whenEnded(() => told++);
  expect(await seats.revoke(sheet.sheetId, 1)).toBe(true);
  expect(await seats.revoke(sheet.sheetId, 1)).toBe(false);
  expect([seats.holds(ANN, ann), seats.holds(BOB, bob)]).toEqual([false, true]);
  expect(told).toBeGreaterThan(0);
  for (const key of [ANN, EVE]) expect((await come(seats, key, codes[0])).standing).toBe("ended");
  nowMs += DAY_MS;
  expect([seats.holds(BOB, bob), seats.list()]).toEqual([false, []]);
  expect((await come(seats, EVE, codes[1])).standing).toBe("ended");

  const next = await sheetOf(seats);
  expect(await store.seats.sheets()).toHaveLength(1);
  const eve = (await come(seats, EVE, next.codes[0])).seat!;
  expect(await seats.endSheet(next.sheet.sheetId)).toBe(true);
  expect(await seats.endSheet(next.sheet.sheetId)).toBe(false);
  expect(seats.holds(EVE, eve)).toBe(false);
});

test("[VS1] the class page's key opens its sheet alone, as long as that holds", async () => {
  const seats = await open();
  const [one, other] = [await sheetOf(seats), await sheetOf(seats, { days: 1, name: "8a" })];
  expect(seats.watched(one.sheet.watchKey)?.name).toBe("7b");
  expect(seats.watched(other.sheet.watchKey)?.name).toBe("8a");
  expect(seats.watched("")).toBeNull();
  nowMs += 2 * DAY_MS;
  expect(seats.watched(other.sheet.watchKey)).toBeNull();
});
