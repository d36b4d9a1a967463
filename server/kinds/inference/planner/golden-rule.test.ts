import { expect, test } from "vitest";
import { goldenRowsOf } from "./golden-rule.ts";

test("[PC6] two golden rows go to whoever is not measured, and to others in one batch of twenty; none while few are known", () => {
  const draws = Array.from({ length: 1_000 }, (_, i) => i / 1_000);
  const sentTo = (isMeasured: boolean, knownRows: number) =>
    draws.filter((draw) => goldenRowsOf({ knownRows, isMeasured, draw }) === 2).length;
  expect(sentTo(false, 8)).toBe(1_000);
  expect(sentTo(true, 8)).toBe(50);
  expect(sentTo(false, 7)).toBe(0);
});
