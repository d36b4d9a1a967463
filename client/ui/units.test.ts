import { expect, test } from "vitest";
import {
  ago,
  bytes,
  chance,
  clockTime,
  count,
  duration,
  figure,
  inWords,
  percent,
  tickTime,
  wattHours,
} from "./units.ts";

test.each([
  [0, "0"],
  [999, "999"],
  [1_000, "1 thousand"],
  [12_345, "12.3 thousand"],
  [999_999, "1 million"],
  [1_236_000_000, "1.24 billion"],
  [5.5e12, "5.5 trillion"],
  [2e18, "2000 quadrillion"],
])("%d multiply-adds are %s", (value, words) => expect(inWords(value)).toBe(words));

test("a count is written as browsers write it in English", () => {
  for (const value of [0, 7, 999, 1_000, 12_345, 1_234_567, 2 ** 53, -1_234, -123, 0.5, 1234.5678, 999.9999])
    expect(count(value)).toBe(value.toLocaleString("en"));
});

test.each([
  [0.03, "under 0.1 ms"],
  [0.21, "0.2 ms"],
  [0.97, "1 ms"],
  [42.4, "42 ms"],
  [999.6, "1.0 s"],
  [9_960, "10 s"],
  [59_400, "59 s"],
  [60_000, "1 min"],
  [200_000, "3 min 20 s"],
  [7_500_000, "2 h 5 min"],
])("%d ms last %s", (ms, words) => expect(duration(ms)).toBe(words));

test.each([
  [1_000, "just now"],
  [40_000, "40 s ago"],
  [200_000, "3 min ago"],
  [7_200_000, "2 h ago"],
  [200_000_000, "2 d ago"],
])("%d ms earlier was %s", (elapsed, words) => expect(ago(1e12, 1e12 + elapsed)).toBe(words));

test("ticks of an axis are told apart", () => {
  expect([10_500, 11_000, 11_500].map((ms) => tickTime(ms, 500))).toEqual(["10.5 s", "11.0 s", "11.5 s"]);
  expect([10_000, 12_000].map((ms) => tickTime(ms, 2_000))).toEqual(["10 s", "12 s"]);
});

test("a share short of all is never shown as all", () => {
  expect(percent(0.9825)).toBe("98.25 %");
  expect(percent(1)).toBe("100 %");
  expect(percent(0.999_999)).toBe("> 99.99 %");
});

test("small chances keep their order of magnitude", () => {
  expect([0, 2.4e-7, 0.0021, 0.5].map(chance)).toEqual(["0", "2e-7", "0.0021", "0.5"]);
});

test.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1_000, "1 kB"],
  [24_530, "24.5 kB"],
  [999_900, "1 MB"],
  [3.2e9, "3.2 GB"],
  [1.25e12, "1250 GB"],
])("%d bytes are %s", (size, words) => expect(bytes(size)).toBe(words));

test.each([
  [0, "0 mWh"],
  [0.001_23, "1.2 mWh"],
  [0.26, "0.26 Wh"],
  [12.4, "12 Wh"],
  [1_440, "1.4 kWh"],
])("%d watt-hours are %s", (wh, words) => expect(wattHours(wh)).toBe(words));

test("a moment to come has its hour, and its day where that is not today", () => {
  const monday = (hour: number, day = 0) => new Date(2026, 10, 23 + day, hour).getTime();
  const said = [monday(14), monday(24), monday(9, 1), monday(9, 2)].map((then) => clockTime(then, monday(11)));
  expect(said).toEqual(["14:00", "midnight", "09:00 tomorrow", "09:00 on Wednesday"]);
});

test.each([
  [0.18345, "0.183"],
  [0, "0"],
  [12.345, "12.3"],
  [0.000_012, "1.20e-5"],
  [1.5e8, "1.50e+8"],
  [Number.NaN, "NaN"],
])("the figure of %d is %s", (value, words) => expect(figure(value)).toBe(words));
