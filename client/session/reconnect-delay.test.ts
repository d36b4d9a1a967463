import { expect, test } from "vitest";
import { TAB_RECONNECT_MS_MAX, TAB_RECONNECT_MS_MIN } from "../../shared/protocol/limits.ts";
import { reconnectDelayMs } from "./reconnect-delay.ts";

test("waits double up to the cap and never pass it", () => {
  expect([0, 1, 2, 3].map((attempt) => reconnectDelayMs(attempt, 1))).toEqual(
    [1, 2, 4, 8].map((factor) => factor * TAB_RECONNECT_MS_MIN),
  );
  for (const attempt of [10, 1_000, 100_000]) expect(reconnectDelayMs(attempt, 1)).toBe(TAB_RECONNECT_MS_MAX);
});

test("half of each wait is spread at random", () => {
  expect(reconnectDelayMs(0, 0)).toBe(TAB_RECONNECT_MS_MIN / 2);
  expect(reconnectDelayMs(20, 0)).toBe(TAB_RECONNECT_MS_MAX / 2);
});
