import { expect, test } from "vitest";
import { LatestQuantile } from "./latest-quantile.ts";

test("the median of the latest five values, looked at after every third one", () => {
  const latest = new LatestQuantile(0.5, 5, 3);
  expect([latest.count, latest.value]).toEqual([0, null]);
  const seen = [9, 8, 7, 6, 5, 4, 3, 2, 1].map((value) => {
    latest.add(value);
    return latest.value;
  });
  expect(seen).toEqual([9, 9, 9, 7, 7, 7, 5, 5, 5]);
  expect(latest.count).toBe(5);
});
