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
        weights.set(`v${who}`, weight);
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
  for (let n = 0; n < 40; n++) weights.set(`v${n}`, n < 20 ? 10 : 30);
  const random = simulationRandom(17);
  let ofMany = 0;
  for (let n = 0; n < 4_000; n++) if (Number(weights.tryDraw(random, () => true)?.slice(1)) >= 20) ofMany++;
  expect(ofMany / 4_000).toBeGreaterThan(0.72);
  expect(ofMany / 4_000).toBeLessThan(0.78);
});
