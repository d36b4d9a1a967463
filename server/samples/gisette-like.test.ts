import { beforeAll, expect, test } from "vitest";
import { type GisetteLike, gisetteLike } from "./gisette-like.ts";

const OPTIONS = { seed: 2003, trainPerDigit: 300, validationPerDigit: 50, columns: 2_000 };
let set: GisetteLike;
beforeAll(async () => {
  set = await gisetteLike(OPTIONS);
});

test("as many patterns and features as asked for, balanced, half of the features probes", () => {
  expect([set.train.rows, set.validation.rows, set.test.rows]).toEqual([600, 100, 982 + 1009]);
  expect(set.train.values).toHaveLength(600 * 2_000);
  expect(set.train.labels.reduce((sum, label) => sum + label, 0)).toBe(0);
  expect(new Set(set.test.labels)).toEqual(new Set([-1, 1]));
  expect(set.pixelColumns + set.pairColumns).toBe(1_000);
  // 438 at the full size.
  expect(set.pixelColumns).toBeGreaterThan(400);
  expect(set.pixelColumns).toBeLessThan(470);
});

test("values lie in 0..999, and about a quarter of them are not zero", () => {
  const { values } = set.train;
  expect(values.reduce((most, value) => Math.max(most, value), 0)).toBe(999);
  const density = values.reduce((count, value) => count + (value > 0 ? 1 : 0), 0) / values.length;
  expect(density).toBeGreaterThan(0.2);
  expect(density).toBeLessThan(0.35);
});

/** Columns with the same values in another order: a real feature and its probe. */
function twins(): number[][] {
  const { values, rows } = set.train;
  const groups = new Map<string, number[]>();
  for (let c = 0; c < set.columns; c++) {
    const column = Array.from({ length: rows }, (_, r) => values[r * set.columns + c]!);
    const key = column.sort((a, b) => a - b).join();
    groups.set(key, [...(groups.get(key) ?? []), c]);
  }
  return [...groups.values()];
}

/** Correlation with the label; 1/sqrt(600) = 0.04 by chance. */
function correlation(column: number): number {
  const { values, labels, rows } = set.train;
  let [sum, square, product] = [0, 0, 0];
  for (let r = 0; r < rows; r++) {
    const value = values[r * set.columns + column]!;
    sum += value;
    square += value * value;
    product += value * labels[r]!;
  }
  return Math.abs(product / rows) / Math.sqrt(square / rows - (sum / rows) ** 2);
}

test("each feature has a probe with the same values in another order, which tells nothing of the label", () => {
  const groups = twins();
  expect(groups.every(({ length }) => length % 2 === 0)).toBe(true);
  const pairs = groups.filter(({ length }) => length === 2).map(([a, b]) => [correlation(a!), correlation(b!)]);
  const telling = pairs.filter((pair) => Math.max(...pair) > 0.14);
  expect(telling.length).toBeGreaterThan(250);
  // By chance 0.14 is passed once in 2,000 columns.
  expect(telling.filter((pair) => Math.min(...pair) > 0.14).length).toBeLessThan(4);
});

test("the same seed gives the same set, another seed another; what cannot be drawn is refused", async () => {
  const again = await gisetteLike(OPTIONS);
  expect(Buffer.compare(Buffer.from(again.train.values.buffer), Buffer.from(set.train.values.buffer))).toBe(0);
  const other = await gisetteLike({ ...OPTIONS, seed: 2 });
  expect(Buffer.compare(Buffer.from(other.train.values.buffer), Buffer.from(set.train.values.buffer))).not.toBe(0);
  await expect(gisetteLike({ ...OPTIONS, trainPerDigit: 6_000 })).rejects.toThrow(RangeError);
  await expect(gisetteLike({ ...OPTIONS, columns: 100 })).rejects.toThrow(/even number of columns/);
});
