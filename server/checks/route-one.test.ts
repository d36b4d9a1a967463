import fc from "fast-check";
import { expect, test } from "vitest";
import { coalitionShare, leastTrusted, ownRows, routeOneShare } from "./route-one.ts";

/** Most wrong rows, as a share, that a volunteer gets through on average if t of its n rows are recomputed: b/n C(n-b, t) / C(n, t), each b. */
function shareByHand(rows: number, trusted: number): number {
  let worst = 0;
  for (let bad = 1; bad <= rows; bad++) {
    let missed = 1;
    for (let drawn = 0; drawn < trusted; drawn++) missed *= Math.max(0, rows - bad - drawn) / (rows - drawn);
    worst = Math.max(worst, (bad / rows) * missed);
  }
  return worst;
}

test("the least number of trusted rows is the first that is within the bound, and ownRows adds those of all volunteers", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(120), { maxLength: 6 }),
      fc.constantFrom(1 / 3, 0.5),
      fc.constantFrom(1.1e-3, 0.0113, 0.117),
      (volunteers, f, bound) => {
        const firstWithin = (rows: number, most: number): number => {
          let trusted = 0;
          while ((f / (1 - f)) * shareByHand(rows, trusted) > most) trusted++;
          return trusted;
        };
        for (const rows of volunteers) expect(leastTrusted(rows, f, bound)).toBe(firstWithin(rows, bound));
        const sum = volunteers.reduce((total, rows) => total + firstWithin(rows, 0.9 * bound), 0);
        expect(ownRows(volunteers, f, bound)).toBe(sum);
      },
    ),
    { numRuns: 40 },
  );
});

test("route 1's part of eps is settled by three cases", () => {
  const table = [
    // had a finding, free, ownRows of 1,000 -> part
    [true, 0, 500, 0.9],
    [true, 100, 500, 0.9],
    [true, 100, 501, 0],
    [false, 19, 500, 0.5],
    [false, 18.9, 500, 0],
    [false, 100, 501, 0],
  ] as const;
  for (const [hadFinding, free, own, part] of table) {
    expect(routeOneShare({ rows: 1_000, ownRows: own, free, hadFinding })).toBe(part);
  }
});

test("f is never below beta", () => {
  expect([coalitionShare(0.2, 1 / 3), coalitionShare(0.6, 1 / 3)]).toEqual([1 / 3, 0.6]);
});
