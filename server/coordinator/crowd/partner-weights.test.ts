import fc from "fast-check";
import { expect, test } from "vitest";
import { simulationRandom } from "../../../shared/random/simulation-random.ts";
import { PartnerWeights } from "./partner-weights.ts";

const CHANGES = fc.array(fc.tuple(fc.nat(30), fc.nat(50)), { maxLength: 200 });

test("weights are what they were last set to, and only who has one and is allowed is drawn", () => {
  fc.assert(
    fc.property(CHANGES, fc.nat(), (changes, seed) => {
      const [weights, expected] = [new PartnerWeights(), new Map<string, number>()];
      for (const [who, weight] of changes) {
        weights.set(`v${who}`, `address ${who % 7}`, weight);
        expected.set(`v${who}`, weight);
      }
      for (const [volunteerId, weight] of expected) expect(weights.weightOf(volunteerId)).toBe(weight);
      expect(weights.size).toBe([...expected.values()].filter((weight) => weight > 0).length);
      for (const least of [1, 2, 30, 51]) {
        const many = [...expected.values()].filter((weight) => weight >= least).length;
        expect(weights.countFrom(least)).toBe(many);
      }
      const random = simulationRandom(seed);
      const isAllowed = (volunteerId: string) => Number(volunteerId.slice(1)) % 2 === 0;
      for (let n = 0; n < 5; n++) {
        const drawn = weights.tryDraw(random, isAllowed);
        if (drawn !== null) expect([isAllowed(drawn), (expected.get(drawn) ?? 0) > 0]).toEqual([true, true]);
      }
    }),
  );
});

test("[CC5] whoever did more rows is drawn no more often", () => {
  const weights = new PartnerWeights();
  for (let n = 0; n < 40; n++) weights.set(`v${n}`, `address ${n}`, n < 20 ? 2 : 101);
  const random = simulationRandom(17);
  let ofMany = 0;
  for (let n = 0; n < 4_000; n++) if (Number(weights.tryDraw(random, () => true)?.slice(1)) >= 20) ofMany++;
  expect(ofMany / 4_000).toBeGreaterThan(0.47);
  expect(ofMany / 4_000).toBeLessThan(0.53);
});

test("[CC5] most have a record where two in three volunteers have one, at two in three addresses: keys behind one address are no crowd", () => {
  const weights = new PartnerWeights();
  const join = (who: string, address: string, rows: number) => weights.set(who, address, rows + 1);
  for (let n = 0; n < 30; n++) join(`home ${n}`, `home ${n}`, 40);
  for (let n = 0; n < 100; n++) join(`key ${n}`, `address ${n % 10}`, 100);
  expect(weights.haveMost(101)).toBe(false);
  expect(weights.haveMost(41)).toBe(true);
  // 27 of 40 addresses, and of volunteers 117 of 130.
  for (let n = 0; n < 17; n++) join(`home ${n}`, `home ${n}`, 100);
  expect(weights.haveMost(101)).toBe(true);
  // The last at an address with a record leaves, so that 26 are left, and comes back without one.
  join("home 0", "home 0", 0);
  expect(weights.haveMost(101)).toBe(false);
  expect(new PartnerWeights().haveMost(1)).toBe(false);
});

test("[CC5] keys behind a few addresses are drawn as often as a few volunteers, however many there are", () => {
  const weights = new PartnerWeights();
  for (let n = 0; n < 100; n++) weights.set(`home ${n}`, `home ${n}`, 201);
  for (let n = 0; n < 900; n++) weights.set(`key ${n}`, `address ${n % 3}`, 101);
  const random = simulationRandom(18);
  let ofKeys = 0;
  for (let n = 0; n < 4_000; n++) {
    const drawn = weights.tryDraw(random, () => true);
    if (drawn?.startsWith("key") === true) ofKeys++;
  }
  // Three of 103.
  expect(ofKeys / 4_000).toBeGreaterThan(0.02);
  expect(ofKeys / 4_000).toBeLessThan(0.04);
});

test("[CC5] whoever leaves a group, or comes back from another address, counts there no more", () => {
  const weights = new PartnerWeights();
  for (let n = 0; n < 40; n++) weights.set(`home ${n}`, `home ${n}`, 10);
  for (let n = 0; n < 40; n++) weights.set(`key ${n}`, "address", 10);
  for (let n = 0; n < 39; n++) weights.set(`key ${n}`, n % 2 === 0 ? null : `elsewhere ${n}`, 10);
  const random = simulationRandom(19);
  let ofLast = 0;
  for (let n = 0; n < 6_000; n++) if (weights.tryDraw(random, () => true) === "key 39") ofLast++;
  // One of sixty that are all alike.
  expect(ofLast / 6_000).toBeGreaterThan(0.01);
  expect(ofLast / 6_000).toBeLessThan(0.024);
});

test("[CC5] keys without a row behind a fifth of the addresses hold rows back, are drawn no more often, and cost whoever works beside them its chance", () => {
  const weights = new PartnerWeights();
  for (let n = 0; n < 80; n++) weights.set(`home ${n}`, `home ${n}`, 101);
  for (let n = 0; n < 20; n++) weights.set(`works ${n}`, `address ${n}`, 101);
  expect(weights.haveMost(101)).toBe(true);
  for (let n = 0; n < 200; n++) weights.set(`idle ${n}`, `address ${n % 20}`, 1);
  expect(weights.haveMost(101)).toBe(false);
  const random = simulationRandom(19);
  const shareOfHomes = (isAllowed: (volunteerId: string) => boolean) => {
    const drawn = Array.from({ length: 4_000 }, () => weights.tryDraw(random, isAllowed));
    return drawn.filter((one) => one?.startsWith("home")).length / drawn.length;
  };
  expect(shareOfHomes(() => true)).toBeGreaterThan(0.77);
  expect(shareOfHomes((one) => weights.weightOf(one) === 101)).toBeGreaterThan(0.95);
});
