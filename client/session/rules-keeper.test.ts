import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  TAB_ASLEEP_MS_MIN,
  TAB_COOLING_MS,
  TAB_PRESSURE_LASTS_MS,
  TAB_QUIET_MS,
  TAB_RULES_MS,
} from "../../shared/protocol/limits.ts";
import type { Decision } from "./may-work.ts";
import { createRulesKeeper, type DeviceState, type RulesKeeper, type RulesKeeperOptions } from "./rules-keeper.ts";
import { DEFAULT_SETTINGS } from "./volunteer-settings.ts";

/** A Monday, ten to midnight. */
const EVENING = new Date(2026, 10, 23, 23, 50);
const MINUTE_MS = 60_000;
const SAMPLE_MS = 2_000;
const MAINS: DeviceState = { power: "mains", user: "unknown", savesData: false, isCellular: false };

let decisions: Decision[];
let pausesOver: number;
let sleeps: number;
let keeper: RulesKeeper;

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(EVENING);
  decisions = [];
  pausesOver = 0;
  sleeps = 0;
});
afterEach(() => {
  keeper.stop();
  vi.useRealTimers();
});

function keep(options: Partial<RulesKeeperOptions> = {}): RulesKeeper {
  keeper = createRulesKeeper({
    settings: DEFAULT_SETTINGS,
    device: MAINS,
    pause: null,
    dataBytesToday: 0,
    nowMs: Date.now,
    onDecision: (decision) => decisions.push(decision),
    onPauseOver: () => pausesOver++,
    onSlept: () => sleeps++,
    ...options,
  });
  return keeper;
}

const reasons = () => decisions.map(({ because }) => because?.kind ?? "none");

test("a decision is told at the start and at each change, and never twice", () => {
  keep();
  keeper.device({ ...MAINS, power: "battery" });
  keeper.device({ ...MAINS, power: "battery", user: "active" });
  keeper.device({ ...MAINS, user: "active" });
  expect(reasons()).toEqual(["none", "battery", "none"]);
});

test("a pause for a while ends to the minute, and says that it has", () => {
  keep();
  keeper.pause({ untilMs: Date.now() + 3 * MINUTE_MS + 1_234 });
  vi.advanceTimersByTime(3 * MINUTE_MS + 1_233);
  expect(reasons()).toEqual(["none", "paused"]);
  vi.advanceTimersByTime(1);
  expect(reasons()).toEqual(["none", "paused", "none"]);
  expect(pausesOver).toBe(1);
});

test("the schedule opens on the hour", () => {
  const days = Array.from({ length: 7 }, () => ({ from: 0, to: 7 }));
  keep({ settings: { ...DEFAULT_SETTINGS, schedule: { isOn: true, days } } });
  vi.advanceTimersByTime(10 * MINUTE_MS - 1);
  expect(reasons()).toEqual(["schedule"]);
  vi.advanceTimersByTime(1);
  expect(reasons()).toEqual(["schedule", "none"]);
});

test("a data cap counts what the day had before the start, and is free again at midnight", () => {
  keep({ settings: { ...DEFAULT_SETTINGS, dataCapMbPerDay: 1 }, dataBytesToday: 600_000 });
  keeper.traffic(399_999);
  expect(reasons()).toEqual(["none"]);
  keeper.traffic(400_000);
  expect(reasons()).toEqual(["none", "data-cap"]);
  vi.advanceTimersByTime(10 * MINUTE_MS);
  expect(reasons()).toEqual(["none", "data-cap", "none"]);
});

test("pressure halves the intensity, and quiet gives it back", () => {
  keep();
  keeper.pressure("serious");
  keeper.pressure("nominal");
  expect(decisions.map(({ intensity }) => intensity)).toEqual([0.6, 0.3]);
  vi.advanceTimersByTime(TAB_COOLING_MS);
  keeper.pressure("nominal");
  expect(decisions.map(({ intensity }) => intensity)).toEqual([0.6, 0.3, 0.6]);
});

test("a look waits for the tab's own quiet, and what is told then is its finding", () => {
  keep();
  keeper.pressure("nominal");
  vi.advanceTimersByTime(MINUTE_MS);
  keeper.computing(true);
  keeper.pressure("critical");
  vi.advanceTimersByTime(TAB_PRESSURE_LASTS_MS);
  keeper.pressure("critical");
  expect(reasons()).toEqual(["none", "none", "pressure-look"]);
  vi.advanceTimersByTime(TAB_QUIET_MS + TAB_RULES_MS);
  expect(keeper.decision.because?.kind).toBe("pressure-look");
  keeper.computing(false);
  vi.advanceTimersByTime(SAMPLE_MS);
  keeper.pressure("fair");
  expect(keeper.decision).toMatchObject({ because: null, eased: { share: 0.5, loadOf: "own" } });
});

test("timers that come much too late are a computer that slept", () => {
  keep();
  vi.advanceTimersByTime(10 * TAB_RULES_MS);
  expect(sleeps).toBe(0);
  vi.setSystemTime(Date.now() + TAB_ASLEEP_MS_MIN);
  vi.advanceTimersByTime(TAB_RULES_MS);
  expect(sleeps).toBe(1);
});
