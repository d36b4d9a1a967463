import { expect, test } from "vitest";
import { CrowdWindow, colluderShare, colluderShareOfJob } from "./crowd-window.ts";
import { COLLUDERS, LIAR_SHARE_MIN } from "./parameters.ts";

test("25 fresh keys that are named cost newcomers, and not those of long standing", () => {
  const window = new CrowdWindow();
  window.addRows("established", 20_000);
  window.addRows("newcomer", 500);
  for (let key = 0; key < 25; key++) {
    window.addRows("newcomer", 40);
    window.addNaming("newcomer", { rows: 40, typicalRows: 1_000, byPartner: true });
  }
  expect(window.liarShare("established")).toBe(LIAR_SHARE_MIN);
  expect(window.liarShare("newcomer")).toBeGreaterThan(0.8);
});

test("[CC6] heads do not count: a thousand keys of one row are less than one of ten thousand", () => {
  const crowd = (keys: number, rows: number) => {
    const window = new CrowdWindow();
    window.addRows("established", 30_000);
    for (let key = 0; key < keys; key++) {
      window.addRows("established", rows);
      window.addNaming("established", { rows, typicalRows: 1_000, byPartner: true });
    }
    return window.liarShare("established");
  };
  expect(crowd(1_000, 1)).toBe(LIAR_SHARE_MIN);
  expect(crowd(1, 10_000)).toBe(0.25);
});

test("a fifth of the crowd that is named in the middle of its work counts as a fifth, for it was stopped", () => {
  const window = new CrowdWindow();
  window.addRows("established", 80 * 1_000 + 20 * 400);
  for (let liar = 0; liar < 20; liar++) {
    window.addNaming("established", { rows: 400, typicalRows: 1_000, byPartner: true });
  }
  expect(window.liarShare("established")).toBe(0.2);
  window.addNaming("established", { rows: 400, typicalRows: 1_000, byPartner: true });
  expect(window.liarShare("established")).toBeGreaterThan(0.2);
});

test("the window forgets: after as many rows as it holds nothing is left of an attack", () => {
  const window = new CrowdWindow(10_000);
  window.addRows("established", 3_000);
  window.addNaming("established", { rows: 3_000, typicalRows: 100, byPartner: true });
  window.addCovered();
  expect(window.liarShare("established")).toBe(1);
  expect(window.namings).toEqual({ covered: 1, caught: 1 });
  for (let rows = 0; rows < 10_500; rows += 100) window.addRows("established", 100);
  expect(window.liarShare("established")).toBe(LIAR_SHARE_MIN);
  expect(window.namings).toEqual({ covered: 0, caught: 0 });
  expect(window.rows).toBeGreaterThanOrEqual(9_500);
  expect(window.rows).toBeLessThanOrEqual(10_000);
});

test("where all that was done is a named volunteer's, everybody is reckoned a liar", () => {
  const window = new CrowdWindow();
  window.addRows("newcomer", 40);
  window.addNaming("newcomer", { rows: 40, typicalRows: 40, byPartner: false });
  expect(window.liarShare("newcomer")).toBe(1);
  expect(window.namings).toEqual({ covered: 0, caught: 0 });
});

test("colluders: nothing known is .53, four honest partners reach the floor, covered lies raise it", () => {
  expect(colluderShare(0, 0)).toBeCloseTo(0.527, 3);
  expect(colluderShare(0, 4)).toBe(COLLUDERS.shareMin);
  expect(colluderShare(0, 400)).toBe(COLLUDERS.shareMin);
  expect(colluderShare(3, 4)).toBeGreaterThan(0.5);
  for (let covered = 0; covered < 20; covered++) {
    expect(colluderShare(covered + 1, 10)).toBeGreaterThanOrEqual(colluderShare(covered, 10));
  }
});

test("a job has its own share: a clean service does not hide a coalition that gathered in it", () => {
  const clean = { covered: 0, caught: 1_000 };
  expect(colluderShareOfJob({ covered: 0, caught: 0 }, clean)).toBe(COLLUDERS.shareMin);
  expect(colluderShareOfJob({ covered: 8, caught: 2 }, clean)).toBeGreaterThan(0.6);
  expect(colluderShareOfJob({ covered: 0, caught: 0 }, { covered: 40, caught: 10 })).toBeGreaterThan(0.7);
});

test("a window of no parts is refused", () => {
  expect(() => new CrowdWindow(5)).toThrow(/at least 20 rows/);
});

test("a naming is taken back whole, and a window that was stored is the same window", () => {
  const window = new CrowdWindow(200);
  expect(window.addRows("established", 10)).toBe(false);
  expect(window.addRows("established", 9)).toBe(true);
  const before = window.stored();
  const naming = { rows: 4, typicalRows: 20, byPartner: true, hasCovered: true };
  const counted = window.addNaming("established", naming);
  expect(window.liarShare("established")).toBeGreaterThan(0.2);
  expect(new CrowdWindow(200, window.stored()).liarShare("established")).toBe(window.liarShare("established"));
  expect(new CrowdWindow(200, window.stored()).namings).toEqual({ covered: 1, caught: 1 });
  window.takeBack(counted);
  expect(window.stored()).toEqual(before);
  expect(window.hasNamings).toBe(false);
});
