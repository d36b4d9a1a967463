import { expect, test } from "vitest";
import { ZOO, zooName } from "./zoo-models.ts";
import { zooRows } from "./zoo-rows.ts";

test("every model of the zoo has a name of its own within its package, and every package a version", () => {
  for (const { name, models } of ZOO) {
    expect(name).toMatch(/^(@[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+$/);
    const names = models.map(zooName);
    expect(new Set(names).size, names.join()).toBe(models.length);
  }
});

test("rows of pictures are pictures in either layout, others are random; the same seed gives the same", async () => {
  const last = await zooRows([24, 40, 3], 2, 7);
  const first = await zooRows([3, 24, 40], 2, 7);
  expect(last.length).toBe(2 * 24 * 40 * 3);
  // The pixel in the middle, red to blue.
  const at = 12 * 40 + 20;
  expect([0, 1, 2].map((c) => first[c * 24 * 40 + at])).toEqual([0, 1, 2].map((c) => last[at * 3 + c]));
  expect(new Set(last).size).toBeGreaterThan(20);
  expect(Math.max(...last)).toBeLessThanOrEqual(1);
  expect(Math.min(...last)).toBeGreaterThanOrEqual(-1);
  expect(await zooRows([16, 96], 3, 7)).toEqual(await zooRows([16, 96], 3, 7));
  expect(await zooRows([16, 96], 3, 7)).not.toEqual(await zooRows([16, 96], 3, 8));
});
