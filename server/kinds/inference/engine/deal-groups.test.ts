import fc from "fast-check";
import { expect, test } from "vitest";
import { simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { dealGroups } from "./deal-groups.ts";

test("[CC4] dealt groups are the same groups, whole, the short one last", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 9 }), fc.integer(), (count, size, seed) => {
      const order = Uint32Array.from({ length: count }, (_, place) => 1_000 + place);
      const dealt = dealGroups(order, size, simulationRandom(seed));
      const groupsOf = (of: Uint32Array) =>
        Array.from({ length: Math.ceil(count / size) }, (_, g) => of.slice(g * size, (g + 1) * size).join(" "));
      expect(groupsOf(dealt).toSorted()).toEqual(groupsOf(order).toSorted());
      if (count % size !== 0) expect(groupsOf(dealt).at(-1)).toBe(groupsOf(order).at(-1));
    }),
    { seed: 20_271 },
  );
});

test("[CC4] a group is dealt to any place", () => {
  const order = Uint32Array.from({ length: 40 }, (_, place) => place);
  const places = new Set<number>();
  for (let seed = 0; seed < 200; seed++) places.add(dealGroups(order, 4, simulationRandom(seed)).indexOf(0));
  expect(places.size).toBe(10);
});
