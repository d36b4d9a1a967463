import fc from "fast-check";
import { expect, test } from "vitest";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { homeOf, type PlacedCell, partAt } from "./homes.ts";

const GROUPS = 1_500;
const random = simulationRandom(12);
const POINTS = Array.from({ length: GROUPS }, () => random.integer(2 ** 32));
const cells = (...shares: number[]): PlacedCell[] => shares.map((share, n) => ({ name: `cell-${n}`, share }));
const countAt = (name: string, all: readonly PlacedCell[]) =>
  POINTS.filter((point) => homeOf(point, all) === name).length / GROUPS;

test("[CE8] each coordinator is home to groups by its share; where nobody asks for any all are alike", () => {
  for (const all of [cells(1, 1, 1), cells(5, 1, 0, 2), cells(0, 0, 0, 0), cells(0, 3)])
    for (const { name } of all) {
      const part = partAt(name, all);
      expect(Math.abs(countAt(name, all) - part)).toBeLessThan(4 * Math.sqrt((part * (1 - part)) / GROUPS) + 1e-9);
    }
  expect(partAt("gone", cells(1, 1))).toBe(0);
});

test("[CE8] a fifth of the groups is a fifth at each, but for the chance of the draw", () => {
  const all = cells(1, 1, 1, 1);
  for (const { name } of all) {
    const here = POINTS.map((point, n) => [homeOf(point, all), n % 5 === 0] as const).filter(([home]) => home === name);
    const part = here.filter(([, isParty]) => isParty).length / here.length;
    expect(part).toBeGreaterThan(0.15);
    expect(part).toBeLessThan(0.25);
  }
});

test("[CE8] where one share changes, or a coordinator comes or goes, nobody moves between the others", () => {
  const shares = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(shares, fc.nat(5), fc.integer({ min: 0, max: 9 }), (before, which, share) => {
      const at = which % before.length;
      const others = before.filter((_, n) => n !== at);
      // Where all are 0 they are alike.
      fc.pre(others.some((one) => one > 0));
      const [old, changed] = [cells(...before), cells(...before.with(at, share))];
      const without = old.filter((_, n) => n !== at);
      for (const point of POINTS.slice(0, 30)) {
        const [home, later, left] = [homeOf(point, old), homeOf(point, changed), homeOf(point, without)];
        if (home !== later) expect([home, later]).toContain(`cell-${at}`);
        if (home !== later) expect(later === `cell-${at}`).toBe(share > before[at]!);
        if (home !== `cell-${at}`) expect(left).toBe(home);
      }
    }),
    { seed: 29_111, numRuns: 100 },
  );
});

test("[CE8] a home is told by names and shares alone, in whichever order they are told", () => {
  const all = cells(1, 4, 2);
  for (const point of POINTS.slice(0, 100)) expect(homeOf(point, [...all].reverse())).toBe(homeOf(point, all));
});
