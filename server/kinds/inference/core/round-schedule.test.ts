import fc from "fast-check";
import { expect, test } from "vitest";
import { firstPlaceOf, groupsInRound, ownRowsIn } from "./inference-plan.ts";
import { fixedSchedule, restoredWindows, StreamSchedule, type StreamWindow } from "./round-schedule.ts";
import { roundSizesOf } from "./round-size.ts";

const code = {
  queriesPerGroup: 8,
  stragglers: 1,
  liars: 1,
  groupsPerRound: 10,
  roundsInFlight: 4,
  spares: "auto",
} as const;
const jobOf = (scheme: "systematic" | "approxifer" | "uncoded", queryCount = 0) => ({
  submission: { ...code, scheme, task: "classification" as const, completion: "exact" as const },
  queryCount,
  outputScale: null,
  codes: [],
});

test("rounds of a job that is all there cover its queries once, in their order", () => {
  fc.assert(
    fc.property(fc.integer({ min: 8, max: 700 }), (queryCount) => {
      const schedule = fixedSchedule(jobOf("systematic", queryCount));
      const rows = Array.from({ length: schedule.roundCount }, (_, i) => ownRowsIn(schedule.planOf(i), i));
      expect(rows.reduce((sum, n) => sum + n, 0)).toBe(queryCount);
      expect(Math.min(...rows)).toBeGreaterThan(0);
    }),
    { numRuns: 100 },
  );
});

test("[DP12] rounds of several sizes cover the queries once, in their order, the largest first, and end with whole ones of the largest", () => {
  const speed = fc.integer({ min: 1, max: 400 });
  const setting = fc.record({
    queryCount: fc.integer({ min: 8, max: 6_000 }),
    speeds: fc.array(speed, { maxLength: 9 }),
  });
  let sized = 0;
  fc.assert(
    fc.property(setting, fc.constantFrom(20, 40, 160), ({ queryCount, speeds }, largest) => {
      const crowd = { macsPerMs: 1, volunteers: speeds.length, measured: speeds.map((one) => one / 100) };
      const roundSizes = roundSizesOf({ queryCount, queriesPerGroup: 8, macsPerQuery: 10 }, largest, crowd);
      if (roundSizes === null) return;
      sized++;
      const schedule = fixedSchedule({ ...jobOf("systematic", queryCount), roundSizes });
      const rounds = Array.from({ length: schedule.roundCount }, (_, i) => schedule.planOf(i));
      let place = 0;
      rounds.forEach((plan, i) => {
        expect(firstPlaceOf(plan, i)).toBe(place);
        place += ownRowsIn(plan, i);
        if (i > 0) expect(plan.groupsPerRound).toBeLessThanOrEqual(rounds[i - 1]!.groupsPerRound);
      });
      expect(place).toBe(queryCount);
      expect(schedule.inForce).toMatchObject({ groupsPerRound: roundSizes[0]!.groupsPerRound });
      expect(schedule.parts.map(({ firstRound }) => firstRound)).toEqual(roundSizes.map(({ fromRound }) => fromRound));
      expect(schedule.parts.at(-1)!.endRound).toBe(schedule.roundCount);
      for (const { firstPlace } of roundSizes) expect(firstPlace % (largest * 8)).toBe(0);
    }),
    { numRuns: 200 },
  );
  expect(sized).toBeGreaterThan(50);
});

test("[SM4] the groups of a window are as large as K lets them be, as equal as can be, and hold its queries and no others", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 12 }), (sizes) => {
      const schedule = new StreamSchedule(jobOf("systematic"));
      for (const size of sizes) schedule.close({ firstPlace: schedule.endPlace, endPlace: schedule.endPlace + size });
      expect(schedule.roundCount).toBe(sizes.length);
      sizes.forEach((size, roundIndex) => {
        const plan = schedule.planOf(roundIndex);
        const { queryCount } = plan.scheme;
        expect(queryCount).toBeLessThanOrEqual(8);
        expect(ownRowsIn(plan, roundIndex)).toBe(size);
        expect(groupsInRound(plan, roundIndex)).toBe(Math.ceil(size / 8));
        expect(groupsInRound(plan, roundIndex) * queryCount - size).toBeLessThan(queryCount);
      });
    }),
    { numRuns: 100 },
  );
  const one = new StreamSchedule(jobOf("systematic"));
  one.close({ firstPlace: 0, endPlace: 1 });
  expect(one.planOf(0).scheme).toMatchObject({ queryCount: 1, workerCount: 3 });
});

test("[SM4] the papers' mixtures keep their K: the last group of a window is filled up", () => {
  const schedule = new StreamSchedule(jobOf("approxifer"));
  schedule.close({ firstPlace: 0, endPlace: 11 });
  expect(schedule.planOf(0).scheme.queryCount).toBe(8);
  expect([groupsInRound(schedule.planOf(0), 0), ownRowsIn(schedule.planOf(0), 0)]).toEqual([2, 11]);
});

test("a window begins where the one before it ends", () => {
  const schedule = new StreamSchedule(jobOf("uncoded"));
  schedule.close({ firstPlace: 0, endPlace: 3 });
  expect(() => schedule.close({ firstPlace: 4, endPlace: 6 })).toThrow("from place 3 on, got 4");
  expect(() => schedule.close({ firstPlace: 3, endPlace: 3 })).toThrow(RangeError);
  expect(() => schedule.planOf(1)).toThrow("round 1 has no window");
});

test("[SM6] after a restart durable windows are what they were, those between them are no larger than any, and nothing is left out", () => {
  const sizes = fc.array(fc.record({ size: fc.integer({ min: 1, max: 80 }), isDurable: fc.boolean() }), {
    maxLength: 14,
  });
  let cases = 0;
  fc.assert(
    fc.property(sizes, (drawn) => {
      cases++;
      const windows: StreamWindow[] = [];
      for (const { size } of drawn) {
        const firstPlace = windows.at(-1)?.endPlace ?? 0;
        windows.push({ firstPlace, endPlace: firstPlace + size });
      }
      const durable = windows.flatMap((window, roundIndex) =>
        drawn[roundIndex]!.isDurable ? [{ roundIndex, ...window }] : [],
      );
      const restored = restoredWindows(durable);
      expect(restored).toHaveLength(durable.length === 0 ? 0 : durable.at(-1)!.roundIndex + 1);
      const sizeMax = Math.max(0, ...drawn.map(({ size }) => size));
      restored.forEach(({ firstPlace, endPlace }, i) => {
        expect(firstPlace).toBe(restored[i - 1]?.endPlace ?? 0);
        expect(endPlace - firstPlace).toBeGreaterThan(0);
        expect(endPlace - firstPlace).toBeLessThanOrEqual(sizeMax);
      });
      for (const { roundIndex, ...window } of durable) expect(restored[roundIndex]).toEqual(window);
    }),
    { numRuns: 200 },
  );
  expect(cases).toBe(200);
});
