import { expect, test } from "vitest";
import { progressLine } from "./progress-bar.ts";

test("the bar fills with the share that is done, and never beyond its end", () => {
  expect(progressLine("uncoded", 0, 60)).toBe(`uncoded                  [${".".repeat(30)}] 0/60`);
  expect(progressLine("uncoded", 30, 60)).toContain(`[${"#".repeat(15)}${".".repeat(15)}] 30/60`);
  expect(progressLine("uncoded", 61, 60)).toContain(`[${"#".repeat(30)}] 61/60`);
  expect(progressLine("uncoded", 0, 0)).toContain(`[${".".repeat(30)}] 0/0`);
});
