import { expect, test } from "vitest";
import { drawnRun } from "./drawn-run.ts";
import { simulate } from "./simulation.ts";
import { WholeLooks } from "./whole-looks.ts";

const TABS = 1_000;
const SEED = 3_000_001;
const TIMEOUT_MS = 300_000;
const VIRTUAL_MS_MAX = 700;

test("everything is looked at after every event of a small crowd, and in a large one for a hundred or so an event", () => {
  const looksIn = (size: number) => {
    const looks = new WholeLooks();
    return Array.from({ length: 1_000 }, () => looks.isDue(size)).filter(Boolean).length;
  };
  expect([1, 18, 128].map(looksIn)).toEqual([1_000, 1_000, 1_000]);
  expect([256, 1_000, 5_000].map(looksIn)).toEqual([500, 125, 25]);
});

test("a thousand tabs with every fault break no rule, through a crash", { timeout: TIMEOUT_MS }, async () => {
  const options = drawnRun(SEED, "safety", TABS);
  expect([options.tabs, options.queryCount]).toEqual([TABS, TABS]);
  let most = 0;
  const report = await simulate({
    ...options,
    crashMsMean: 150,
    virtualMsMax: VIRTUAL_MS_MAX,
    observe: ({ state }) => {
      most = Math.max(most, state.sessions.size);
    },
  });
  expect(report.violations).toEqual([]);
  expect(report.crashes).toBeGreaterThan(0);
  expect(most).toBeGreaterThan(0.7 * TABS);
  expect(report.happenings).toBeGreaterThan(5 * TABS);
});

test("what breaks at a tab that nobody names is found among a thousand all the same", {
  timeout: TIMEOUT_MS,
}, async () => {
  let brokenAtMs: number | null = null;
  let victim = "";
  const report = await simulate({
    ...drawnRun(SEED, "safety", TABS),
    crashMsMean: null,
    virtualMsMax: VIRTUAL_MS_MAX,
    observe: ({ state }, nowMs) => {
      if (brokenAtMs !== null || state.crowd.turns.idle.size < TABS / 10) return;
      victim = [...state.crowd.turns.idle.keys()].at(-1)!;
      state.crowd.turns.idle.delete(victim);
      brokenAtMs = nowMs;
    },
  });
  expect(report.violations).toContain(`[DP1] session ${victim} is wrongly not idle`);
  expect(report.virtualMs - brokenAtMs!).toBeLessThan(50);
});
