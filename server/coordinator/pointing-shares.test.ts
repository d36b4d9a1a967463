import fc from "fast-check";
import { expect, test } from "vitest";
import type { CellLoad } from "../store/store.ts";
import { tabsToPoint } from "./pointing-shares.ts";

const cell = (name: string, jobs: number, tabs: number): CellLoad => ({ name, jobs, tabs });
const movesOf = (own: CellLoad, ...others: CellLoad[]) => [...tabsToPoint(own, others)];

test("[CE8] whoever has nothing to do gives all its tabs, to each as much as it lacks", () => {
  expect(movesOf(cell("a", 0, 12), cell("b", 1, 0))).toEqual([["b", 12]]);
  expect(movesOf(cell("a", 0, 12), cell("b", 2, 0), cell("c", 1, 0))).toEqual([
    ["b", 8],
    ["c", 4],
  ]);
});

test("[CE8] nobody is pointed where nobody has anything to do, nor for the sake of a few", () => {
  expect(movesOf(cell("a", 0, 12), cell("b", 0, 0))).toEqual([]);
  expect(movesOf(cell("a", 1, 12), cell("b", 1, 8))).toEqual([]);
  expect(movesOf(cell("a", 1, 14), cell("b", 1, 6))).toEqual([["b", 4]]);
  expect(movesOf(cell("a", 1, 2), cell("b", 1, 0))).toEqual([]);
});

const service = fc.array(fc.record({ jobs: fc.nat(5), tabs: fc.nat(10_000) }), { minLength: 2, maxLength: 6 });

test("[CE8] of cells that see the same numbers nobody gives more than it has above its share, or gets more than it lacks and one for each giver", () => {
  fc.assert(
    fc.property(service, (loads) => {
      const cells = loads.map(({ jobs, tabs }, n) => cell(`c${n}`, jobs, tabs));
      const jobs = cells.reduce((sum, one) => sum + one.jobs, 0);
      const tabs = cells.reduce((sum, one) => sum + one.tabs, 0);
      const got = new Map<string, number>();
      for (const own of cells) {
        const moves = tabsToPoint(
          own,
          cells.filter((other) => other !== own),
        );
        const share = jobs === 0 ? 0 : (tabs * own.jobs) / jobs;
        const given = [...moves.values()].reduce((sum, count) => sum + count, 0);
        expect(given).toBeLessThanOrEqual(jobs === 0 ? 0 : Math.max(0, Math.floor(own.tabs - share)));
        for (const [name, count] of moves) got.set(name, (got.get(name) ?? 0) + count);
      }
      for (const own of cells) {
        const share = jobs === 0 ? 0 : (tabs * own.jobs) / jobs;
        expect(got.get(own.name) ?? 0).toBeLessThanOrEqual(Math.max(0, share - own.tabs) + cells.length);
      }
    }),
  );
});

test("[CE8] tabs come to rest: after a few looks nobody is pointed any more", () => {
  fc.assert(
    fc.property(service, (loads) => {
      let cells = loads.map(({ jobs, tabs }, n) => cell(`c${n}`, jobs, tabs));
      const look = () => {
        const before = cells;
        const change = new Map<string, number>();
        for (const own of before) {
          for (const [name, count] of tabsToPoint(
            own,
            before.filter((other) => other !== own),
          )) {
            change.set(own.name, (change.get(own.name) ?? 0) - count);
            change.set(name, (change.get(name) ?? 0) + count);
          }
        }
        cells = before.map((one) => ({ ...one, tabs: one.tabs + (change.get(one.name) ?? 0) }));
        return change.size;
      };
      for (let n = 0; n < 4; n++) look();
      expect(look()).toBe(0);
    }),
  );
});
