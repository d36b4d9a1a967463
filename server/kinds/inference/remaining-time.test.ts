import { describe, expect, test } from "vitest";
import { remainingOf } from "./remaining-time.ts";

describe("remainingOf", () => {
  test("is unknown before there is a rate, and where nothing is left", () => {
    expect(remainingOf([], 10, 1_000)).toBeNull();
    expect(remainingOf([100, 200], 10, 1_000)).toBeNull();
    expect(remainingOf([100, 200, 300], 0, 1_000)).toBeNull();
  });

  test("is the rounds that are left at the rate of the latest", () => {
    expect(remainingOf([100, 200, 300], 10, 300)).toBe(1_000);
    const slow = Array.from({ length: 20 }, (_, i) => i * 1_000);
    const fast = Array.from({ length: 12 }, (_, i) => 19_010 + i * 10);
    expect(remainingOf([...slow, ...fast], 100, 19_120)).toBe(1_000);
  });

  test("grows while nothing is finished", () => {
    expect(remainingOf([100, 200, 300], 2, 300)).toBe(200);
    expect(remainingOf([100, 200, 300], 2, 5_100)).toBe(5_000);
  });
});
