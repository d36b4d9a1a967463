/**
 * A machine whose processor this tab shares with others, told of as browsers do: changes alone every two seconds, what has not changed again
 * every ten. Its coordinator works for the tab's own rows, so what that takes goes with the tab's work.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  TAB_CALM_MS,
  TAB_COOLING_MS,
  TAB_OTHERS_LOAD_MS,
  TAB_PRESSURE_ASK_MS,
  TAB_PRESSURE_LASTS_MS,
  TAB_PRESSURE_STALE_MS,
  TAB_QUIET_MS,
  TAB_QUIET_WAIT_MS_MAX,
} from "../../shared/protocol/limits.ts";
import { type Ease, type Easing, easingAfter, noEasing, PACE_OF, type PressureState } from "./pressure.ts";

const TICK_MS = 1_000;
const SAMPLE_MS = 2_000;
const MINUTE_MS = 60_000;
/** A look of the rules, a sample, and what is told again. */
const SLACK_MS = 2 * SAMPLE_MS + TAB_PRESSURE_ASK_MS;

interface Machine {
  /** Share of all cores that the tab's threads take while they compute. */
  readonly own: number;
  /** The tab's duty cycle at full ease. */
  readonly intensity: number;
  /** What the coordinator takes here for each share of work. */
  readonly alongside?: number;
  /** Share of all cores that other programs take then. */
  others(atMs: number): number;
  /** How long a batch in hand goes on after a hold. */
  readonly batchMs?: number;
  readonly isHidden?: (atMs: number) => boolean;
}

interface Seen {
  readonly atMs: number;
  readonly ease: Ease;
  readonly loadOf: Easing["loadOf"];
}

function stateOf(used: number): PressureState {
  if (used >= 0.9) return "critical";
  return used >= 0.75 ? "serious" : used >= 0.6 ? "fair" : "nominal";
}

function run(machine: Machine, untilMs: number): Seen[] {
  const { own, intensity, alongside = 0, others, batchMs = 0, isHidden = () => false } = machine;
  let easing = noEasing(0);
  let told: PressureState | null = null;
  let toldAtMs = 0;
  let heldAtMs: number | null = null;
  const seen: Seen[] = [];
  for (let atMs = TICK_MS; atMs <= untilMs; atMs += TICK_MS) {
    const isHeld = easing.ease === "held" || easing.ease === "looking";
    heldAtMs = isHeld ? (heldAtMs ?? atMs) : null;
    const computes = heldAtMs === null || atMs - heldAtMs < batchMs;
    const share = computes ? own * (isHeld ? 1 : intensity * PACE_OF[easing.ease]) : 0;
    const state = stateOf(Math.min(1, share * (1 + alongside) + others(atMs)));
    const isTold =
      !isHidden(atMs) && atMs % SAMPLE_MS === 0 && (state !== told || atMs - toldAtMs >= TAB_PRESSURE_ASK_MS);
    easing = easingAfter(easing, isTold ? state : null, computes, atMs);
    if (isTold) [told, toldAtMs] = [state, atMs];
    seen.push({ atMs, ease: easing.ease, loadOf: easing.loadOf });
  }
  return seen;
}

const first = (seen: readonly Seen[], ease: Ease) => seen.find((one) => one.ease === ease)?.atMs ?? null;
const share = (seen: readonly Seen[], ...eases: Ease[]) =>
  seen.filter(({ ease }) => eases.includes(ease)).length / seen.length;
const idle = () => 0.05;

const machines = fc.record({
  own: fc.double({ min: 0.1, max: 1, noNaN: true }),
  intensity: fc.double({ min: 0.1, max: 1, noNaN: true }),
  alongside: fc.double({ min: 0, max: 3, noNaN: true }),
  batchMs: fc.integer({ min: 0, max: 20_000 }),
});

test("load of its own, and of the coordinator that works for it, never pauses a tab", () => {
  fc.assert(
    fc.property(machines, fc.double({ min: 0, max: 0.5, noNaN: true }), (machine, background) => {
      const seen = run({ ...machine, others: () => background }, 60 * MINUTE_MS);
      expect(first(seen, "held")).toBeNull();
      // Looks are short, and few.
      expect(share(seen, "looking")).toBeLessThan(0.06);
    }),
    { numRuns: 60 },
  );
});

test("an idle machine is not looked at, and a tab of the default intensity on half of the cores works in full", () => {
  const seen = run({ own: 0.5, intensity: 0.6, others: idle }, 60 * MINUTE_MS);
  expect(share(seen, "full")).toBe(1);
});

test("who starts on a machine that is busy already works gently, and is never paused for that", () => {
  fc.assert(
    fc.property(machines, (machine) => {
      const seen = run({ ...machine, others: () => 0.95 }, 60 * MINUTE_MS);
      expect(first(seen, "held")).toBeNull();
      expect(first(seen, "looking")).toBeNull();
      expect(first(seen, "gentle")).toBeLessThanOrEqual(TAB_PRESSURE_LASTS_MS + SLACK_MS);
      expect(seen.at(-1)).toMatchObject({ ease: "gentle", loadOf: "others" });
    }),
    { numRuns: 30 },
  );
});

test("other programs' load that begins later halves at once, is looked into, and pauses after minutes alone", () => {
  fc.assert(
    fc.property(machines, (machine) => {
      const beginsMs = 5 * MINUTE_MS;
      const quiet = { ...machine, own: 0.2, alongside: 0 };
      const seen = run({ ...quiet, others: (atMs) => (atMs < beginsMs ? 0 : 0.95) }, 30 * MINUTE_MS);
      const after = (ease: Ease) => (first(seen, ease) ?? Number.POSITIVE_INFINITY) - beginsMs;
      const lookMs = machine.batchMs + TAB_QUIET_MS + SLACK_MS;
      expect(after("eased")).toBeLessThanOrEqual(SLACK_MS);
      expect(after("gentle")).toBeLessThanOrEqual(TAB_PRESSURE_LASTS_MS + lookMs + SLACK_MS);
      expect(after("held")).toBeGreaterThan(TAB_OTHERS_LOAD_MS);
      expect(after("held")).toBeLessThanOrEqual(TAB_OTHERS_LOAD_MS + lookMs + SLACK_MS);
      expect(seen.at(-1)).toMatchObject({ ease: "held", loadOf: "others" });
    }),
    { numRuns: 30 },
  );
});

test("load of some minutes at most, as of pictures that are read for a job, never pauses", () => {
  const busyMs = TAB_OTHERS_LOAD_MS - MINUTE_MS;
  const seen = run(
    { own: 0.5, intensity: 0.6, others: (atMs) => (atMs % (2 * busyMs) > busyMs ? 1 : 0) },
    60 * MINUTE_MS,
  );
  expect(first(seen, "held")).toBeNull();
  expect(first(seen, "gentle")).not.toBeNull();
});

test("when other programs are done the tab goes on gently, then half, then in full, each after its quiet time", () => {
  const [beginsMs, endsMs] = [MINUTE_MS, 20 * MINUTE_MS];
  const isBusy = (atMs: number) => atMs >= beginsMs && atMs < endsMs;
  const seen = run({ own: 0.5, intensity: 0.6, others: (atMs) => (isBusy(atMs) ? 1 : 0) }, 40 * MINUTE_MS);
  const back = seen.filter(({ atMs }) => atMs >= endsMs);
  expect(back[0]!.ease).toBe("held");
  const [gentle, eased, full] = (["gentle", "eased", "full"] as const).map((ease) => first(back, ease)! - endsMs);
  expect(gentle).toBeGreaterThanOrEqual(TAB_CALM_MS - TICK_MS);
  expect(gentle).toBeLessThanOrEqual(TAB_CALM_MS + SLACK_MS);
  expect(eased! - gentle!).toBe(TAB_COOLING_MS);
  expect(full! - eased!).toBe(TAB_COOLING_MS);
  expect(back.at(-1)).toMatchObject({ ease: "full", loadOf: null });
});

test("load that was found to be the tab's own keeps it at half, and does not go up and down", () => {
  const seen = run({ own: 1, intensity: 1, alongside: 0, others: idle }, 9 * MINUTE_MS);
  const changes = seen.filter(({ ease }, i) => i > 0 && ease !== seen[i - 1]!.ease);
  expect(changes.length).toBeLessThanOrEqual(4);
  expect(seen.at(-1)).toMatchObject({ ease: "eased", loadOf: "own" });
});

test("a look that cannot be made, because a batch does not end, changes nothing", () => {
  const machine = { own: 0.2, intensity: 1, others: (atMs: number) => (atMs < MINUTE_MS ? 0 : 1) };
  const seen = run({ ...machine, batchMs: 2 * TAB_QUIET_WAIT_MS_MAX }, 10 * MINUTE_MS);
  expect(first(seen, "looking")).not.toBeNull();
  expect(seen.some(({ ease }) => ease === "gentle" || ease === "held")).toBe(false);
});

test("a page that is out of sight, and so not told of anything, takes no further step, and goes on in the end", () => {
  const hidesMs = 20 * MINUTE_MS;
  const seen = run(
    { own: 0.2, intensity: 1, others: (atMs) => (atMs < MINUTE_MS ? 0 : 1), isHidden: (atMs) => atMs > hidesMs },
    60 * MINUTE_MS,
  );
  expect(seen.find(({ atMs }) => atMs === hidesMs)!.ease).toBe("held");
  const hidden = seen.filter(
    ({ atMs }) => atMs > hidesMs + TAB_PRESSURE_STALE_MS + TAB_CALM_MS + 2 * TAB_COOLING_MS + SLACK_MS,
  );
  expect(share(hidden, "full")).toBe(1);
});
