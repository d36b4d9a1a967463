import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { atMostEvery } from "./at-most-every.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("the first value passes at once, of those that follow in an interval only the last", () => {
  const passed: number[] = [];
  const pass = atMostEvery<number>(100, (value) => passed.push(value));
  for (const value of [1, 2, 3]) pass(value);
  expect(passed).toEqual([1]);
  vi.advanceTimersByTime(100);
  expect(passed).toEqual([1, 3]);
  vi.advanceTimersByTime(1_000);
  expect(passed).toEqual([1, 3]);
  pass(4);
  expect(passed).toEqual([1, 3, 4]);
});
