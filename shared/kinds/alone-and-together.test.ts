import { expect, test } from "vitest";
import type { Alone } from "../protocol/estimate-api.ts";
import {
  ALONE_MS_WORTH_LEAST,
  allTogether,
  aloneAndTogether,
  codedTogether,
  type Together,
} from "./alone-and-together.ts";

const alone = (lowMs: number, highMs = lowMs, more: Partial<Alone> = {}): Alone => ({
  lowMs,
  highMs,
  how: "this computer",
  ...more,
});
const crowd = (p50: number, p90: number | null = p50): Together => ({
  finishMs: { p50, p90 },
  tabsReady: 4,
  redundancy: 1,
});
const NOBODY: Together = { finishMs: null, tabsReady: 0, redundancy: 1.5 };

test("both times stand beside each other, with a verdict", () => {
  expect(aloneAndTogether(alone(780_000, 840_000), crowd(120_000, 180_000))).toEqual({
    aloneMs: { low: 780_000, high: 840_000 },
    crowdMs: { p50: 120_000, p90: 180_000 },
    verdict: "worth it",
    words:
      "Alone 13 min to 14 min (this computer), with the crowd about 2 min, nine in ten within 3 min. The crowd is about 6.5 times as fast: worth it.",
  });
});

test("a job of seconds is not worth it, however fast the crowd, and with no tab at all", () => {
  for (const together of [crowd(1), crowd(60_000), NOBODY]) {
    const { verdict, words } = aloneAndTogether(alone(1_000), together);
    expect(verdict).toBe("not worth it");
    expect(words).toContain("This computer alone needs 1.0 s: not worth it.");
  }
  expect(aloneAndTogether(alone(ALONE_MS_WORTH_LEAST), crowd(1)).verdict).toBe("not worth it");
  expect(aloneAndTogether(alone(ALONE_MS_WORTH_LEAST + 1), crowd(1)).verdict).toBe("worth it");
});

test("a crowd that mostly takes longer is not worth it, one that may take longer neither gains nor loses surely", () => {
  expect(aloneAndTogether(alone(20_000, 30_000), crowd(30_000, 40_000)).verdict).toBe("not worth it");
  for (const together of [crowd(10_000, 20_000), crowd(10_000, null), crowd(25_000, 26_000)]) {
    expect(aloneAndTogether(alone(20_000, 30_000), together).verdict).toBe("about the same");
  }
  expect(aloneAndTogether(alone(20_001, 30_000), crowd(10_000, 20_000)).verdict).toBe("worth it");
});

test("with no tab it says what eight tabs would bring at best, spare work in it, where one core was measured", () => {
  const { verdict, words, crowdMs } = aloneAndTogether(alone(400_000, 400_000, { oneCoreMs: 800_000 }), NOBODY);
  expect([verdict, crowdMs]).toEqual(["no tabs", null]);
  expect(words).toMatch(
    /with the crowd unknown, for no tab is ready now\. 8 tabs, each as fast as one core of this computer, would take 2 min 30 s at best\.$/,
  );
  expect(aloneAndTogether(alone(400_000), NOBODY).words).toMatch(/for no tab is ready now\.$/);
});

test("what was not measured is said, and there is no verdict", () => {
  const { aloneMs, verdict, words } = aloneAndTogether("--no-trial", crowd(3_000, 5_000));
  expect([aloneMs, verdict]).toEqual([null, "unknown"]);
  expect(words).toBe("Alone not measured (--no-trial), with the crowd about 3.0 s, nine in ten within 5.0 s.");
});

test("jobs that share the crowd take as long as all of them one after the other; of one that is not known nothing is", () => {
  expect(allTogether([crowd(1_000, 2_000), crowd(10_000, 20_000)]).finishMs).toEqual({ p50: 11_000, p90: 22_000 });
  expect(allTogether([crowd(1_000, 2_000), crowd(10_000, null)]).finishMs).toEqual({ p50: 11_000, p90: null });
  expect(allTogether([crowd(1_000), NOBODY])).toMatchObject({ finishMs: null, tabsReady: 0, redundancy: 1.5 });
});

test("of coded runs the least time is known: three times as long alone is worth it", () => {
  const estimate = { finishMs: 10_000, volunteersReady: 4, redundancy: 1.75 };
  const together = codedTogether(estimate as Parameters<typeof codedTogether>[0]);
  expect(aloneAndTogether(alone(30_000), together).verdict).toBe("about the same");
  const { verdict, words } = aloneAndTogether(alone(40_000), together);
  expect(verdict).toBe("worth it");
  expect(words).toContain("with the crowd at least 10 s (its multiplications; transfers come on top)");
  expect(words).toContain("up to 4 times as fast");
  const unknown = codedTogether({ ...estimate, finishMs: null } as Parameters<typeof codedTogether>[0]);
  expect(aloneAndTogether(alone(40_000), unknown).words).toMatch(
    /with the crowd unknown \(too few tabs were measured\)\.$/,
  );
});
