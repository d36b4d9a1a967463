import { expect, test } from "vitest";
import { TAB_INTENSITY_MIN, TAB_REST_MS_MAX } from "../../shared/protocol/limits.ts";
import { restMsAfter } from "./rest.ts";

test("work is the intensity's share of work and rest", () => {
  for (const intensity of [TAB_INTENSITY_MIN, 0.25, 0.6, 0.95, 1]) {
    const workMs = 120;
    expect(workMs / (workMs + restMsAfter(workMs, intensity))).toBeCloseTo(intensity, 12);
  }
});

test("nobody rests for ever", () => expect(restMsAfter(1e9, 0.1)).toBe(TAB_REST_MS_MAX));
