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

test("whoever did three times the rows is drawn about three times as often", () => {
  const weights = new PartnerWeights();
  for (let n = 0; n < 40; n++) weights.set(`v${n}`, `address ${n}`, n < 20 ? 10 : 30);
  const random = simulationRandom(17);
  let ofMany = 0;
  for (let n = 0; n < 4_000; n++) if (Number(weights.tryDraw(random, () => true)?.slice(1)) >= 20) ofMany++;
  expect(ofMany / 4_000).toBeGreaterThan(0.72);
  expect(ofMany / 4_000).toBeLessThan(0.78);
});

test("[CC5] keys behind a few addresses are drawn less than a third of the time, however many there are", () => {
  const weights = new PartnerWeights();
  for (let n = 0; n < 100; n++) weights.set(`home ${n}`, `home ${n}`, 201);
  for (let n = 0; n < 900; n++) weights.set(`key ${n}`, `address ${n % 3}`, 101);
  const random = simulationRandom(18);
  let ofKeys = 0;
  for (let n = 0; n < 4_000; n++) {
    const drawn = weights.tryDraw(random, () => true);
    if (drawn?.startsWith("key") === true) ofKeys++;
  }
  // 3 c of 100 homes and these, c = (100 + 3 c) / 10 heads, each of about half of the weight.
  expect(ofKeys / 4_000).toBeGreaterThan(0.13);
  expect(ofKeys / 4_000).toBeLessThan(0.23);
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
