import { expect, test } from "vitest";
import { TAB_COOLING_MS, TAB_PRESSURE_STALE_MS } from "../../shared/protocol/limits.ts";
import { afterPressure, afterSilence, type Easing, NO_EASING, type PressureState } from "./pressure.ts";

/** @returns the ease after each of these, told at these times */
function eases(...told: readonly [PressureState, number][]): string[] {
  let easing: Easing = NO_EASING;
  return told.map(([state, atMs]) => {
    easing = afterPressure(easing, state, atMs);
    return easing.ease;
  });
}

test("serious pressure halves at once, critical holds at once, fair changes nothing", () => {
  expect(eases(["nominal", 0], ["fair", 1], ["serious", 2], ["critical", 3])).toEqual([
    "full",
    "full",
    "eased",
    "held",
  ]);
});

test("ease is given back one step at a time, each after a quiet time", () => {
  const quiet = TAB_COOLING_MS;
  expect(
    eases(
      ["critical", 0],
      ["nominal", 1],
      ["nominal", quiet - 1],
      ["nominal", quiet],
      ["nominal", 2 * quiet - 1],
      ["nominal", 2 * quiet],
    ),
  ).toEqual(["held", "held", "held", "eased", "eased", "full"]);
});

test("pressure that comes back begins the quiet time anew", () => {
  const quiet = TAB_COOLING_MS;
  expect(
    eases(["serious", 0], ["nominal", quiet - 2], ["serious", quiet - 1], ["nominal", quiet + 5], ["fair", 2 * quiet]),
  ).toEqual(["eased", "eased", "eased", "eased", "full"]);
});

test("a browser that falls silent does not hold work back for ever", () => {
  const held = afterPressure(NO_EASING, "critical", 0);
  expect(afterSilence(held, TAB_PRESSURE_STALE_MS - 1).ease).toBe("held");
  const eased = afterSilence(held, TAB_PRESSURE_STALE_MS);
  expect(eased.ease).toBe("eased");
  expect(afterSilence(eased, TAB_PRESSURE_STALE_MS + TAB_COOLING_MS).ease).toBe("full");
});
