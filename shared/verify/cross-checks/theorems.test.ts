/** What the formulas promise, tried against the best that a coalition can do. */
import { expect, test } from "vitest";
import { acceptanceConstant } from "./acceptance.ts";
import { blockBound, recordBoundAdaptive } from "./volunteer-bounds.ts";

/**
 * The most lies that stand on average in what is accepted with up to j namings, each lie an identity of its own and found with chance
 * c: by dynamic programming over the lies that stand, the coalition stopping where it likes.
 */
function bestCoalition(j: number, c: number): number {
  const most = Math.ceil(40 / c);
  let fewer = new Float64Array(most + 1);
  for (let left = 0; left <= j; left++) {
    const value = new Float64Array(most + 1);
    value[most] = most;
    for (let standing = most - 1; standing >= 0; standing--) {
      const goOn = (1 - c) * value[standing + 1]! + c * fewer[standing]!;
      value[standing] = Math.max(standing, goOn);
    }
    fewer = value;
  }
  return c * fewer[0]!;
}

test("V_j is what the best coalition reaches, within 1 %, and is not exceeded but by the size of a step", () => {
  for (let j = 0; j <= 6; j++) {
    const best = bestCoalition(j, 0.002);
    expect(Math.abs(best / acceptanceConstant(j) - 1)).toBeLessThan(0.01);
  }
});

test("a liar of any rate gets no more through in a job than route 1 says, on average", () => {
  const [rows, c] = [1_000, 0.092];
  // One in five lies: what stands, over the rows of all.
  for (let lies = 1; lies <= rows; lies++) {
    const through = (0.2 * (lies * (1 - c) ** lies)) / rows;
    expect(through).toBeLessThanOrEqual(0.8 * blockBound(0.2, c * rows));
  }
});

test("one that waits over ended jobs gets no more through than route 3 says", () => {
  const c = 0.0267;
  for (const waited of [0, 100, 1_000, 10_000]) {
    // One lie a job until it is found, after so many right rows: (1-c)/c lies stand.
    const share = (1 - c) / c / (waited + 1 / c);
    expect(0.2 * share).toBeLessThanOrEqual(0.8 * (0.2 / (0.8 * (1 + c * waited))) + 1e-12);
    expect(recordBoundAdaptive(0.2, c, waited)).toBe(Math.min(0.2, 0.2 / (0.8 * (1 + c * waited))));
  }
});
