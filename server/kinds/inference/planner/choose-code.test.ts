import fc from "fast-check";
import { expect, test } from "vitest";
import type { Aim } from "../../../../shared/kinds/inference/aim.ts";
import { quantileOfSome } from "../../../../shared/numbers/quantile.ts";
import { chanceOf, choose, costOf, frontierOf, nearest } from "./choose-code.ts";
import type { CodePrediction } from "./predict-code.ts";

const MACS = 10;
const DRAWS = 10;

/** Any predictions at all: the laws of choosing do not depend on where they come from. */
const predictions = fc.array(
  fc.record({
    finishMs: fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: DRAWS, maxLength: DRAWS }),
    tabMacs: fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: DRAWS, maxLength: DRAWS }),
    trustedRows: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: DRAWS, maxLength: DRAWS }),
  }),
  { minLength: 1, maxLength: 8 },
);

function asPredictions(drawn: readonly Pick<CodePrediction, "finishMs" | "tabMacs" | "trustedRows">[]) {
  return drawn.map((one, queriesPerGroup): CodePrediction => {
    const settings = { scheme: "systematic", stragglers: 0, liars: 0 } as const;
    const rest = { workers: 1, firstMs: one.finishMs, finalBy: "account" as const };
    const bytes = { bytesDown: one.tabMacs, bytesUp: one.tabMacs.map(() => 0) };
    return {
      code: { ...settings, queriesPerGroup: queriesPerGroup + 1, spares: "backups" },
      ...one,
      ...bytes,
      ...rest,
    };
  });
}

const confidence = fc.constantFrom(0.5, 0.7, 0.9);
const withinMs = (finishWithinMs: number, confidence: number): Aim => ({ finishWithinMs, confidence });

test("a tighter time is never cheaper, nor is more confidence", () => {
  fc.assert(
    fc.property(
      predictions,
      fc.integer({ min: 1, max: 1_000 }),
      fc.integer({ min: 0, max: 500 }),
      confidence,
      (drawn, ms, more, sure) => {
        const all = asPredictions(drawn);
        const tight = choose(all, withinMs(ms, sure), MACS);
        const loose = choose(all, withinMs(ms + more, sure), MACS);
        const lessSure = choose(all, withinMs(ms, 0.5), MACS);
        if (tight === null) return;
        expect(costOf(loose!, MACS)).toBeLessThanOrEqual(costOf(tight, MACS));
        expect(costOf(lessSure!, MACS)).toBeLessThanOrEqual(costOf(tight, MACS));
      },
    ),
    { seed: 20_107, numRuns: 500 },
  );
});

test("a larger budget is never slower", () => {
  fc.assert(
    fc.property(
      predictions,
      fc.integer({ min: 1, max: 1_000 }),
      fc.integer({ min: 0, max: 500 }),
      confidence,
      (drawn, macs, more, sure) => {
        const all = asPredictions(drawn);
        const small = choose(all, { budgetMacs: macs, confidence: sure }, MACS);
        const large = choose(all, { budgetMacs: macs + more, confidence: sure }, MACS);
        if (small === null) return;
        expect(quantileOfSome(large!.finishMs, sure)).toBeLessThanOrEqual(quantileOfSome(small.finishMs, sure));
      },
    ),
    { seed: 20_108, numRuns: 500 },
  );
});

test("the stops of the dial cost more from one to the next, and end sooner; nothing that was left out beats one in both", () => {
  fc.assert(
    fc.property(predictions, confidence, (drawn, sure) => {
      const all = asPredictions(drawn);
      const stops = frontierOf(all, MACS, sure);
      const figures = (one: CodePrediction) => [costOf(one, MACS), quantileOfSome(one.finishMs, sure)] as const;
      stops.slice(1).forEach((stop, i) => {
        expect(figures(stop)[0]).toBeGreaterThanOrEqual(figures(stops[i]!)[0]);
        expect(figures(stop)[1]).toBeLessThan(figures(stops[i]!)[1]);
      });
      for (const other of all) {
        const [cost, ms] = figures(other);
        expect(stops.some((stop) => figures(stop)[0] <= cost && figures(stop)[1] <= ms)).toBe(true);
      }
    }),
    { seed: 20_109, numRuns: 300 },
  );
});

test("what a stop says for a confidence can be named, and is kept to by what is chosen", () => {
  fc.assert(
    fc.property(predictions, confidence, (drawn, sure) => {
      const all = asPredictions(drawn);
      for (const stop of frontierOf(all, MACS, sure)) {
        const aim = withinMs(quantileOfSome(stop.finishMs, sure), sure);
        const chosen = choose(all, aim, MACS)!;
        expect(chanceOf(chosen, aim)).toBeGreaterThanOrEqual(sure);
        expect(costOf(chosen, MACS)).toBeLessThanOrEqual(costOf(stop, MACS));
      }
    }),
    { seed: 20_110, numRuns: 300 },
  );
});

test("where nothing meets the aim, the nearest is the one that most often does", () => {
  const all = asPredictions([
    { finishMs: [5, 5, 5, 9], tabMacs: [1, 1, 1, 1], trustedRows: [0, 0, 0, 0] },
    { finishMs: [3, 5, 5, 5], tabMacs: [9, 9, 9, 9], trustedRows: [0, 0, 0, 0] },
  ]);
  const aim = withinMs(4, 0.9);
  expect(choose(all, aim, MACS)).toBeNull();
  expect(nearest(all, aim, MACS)).toBe(all[1]);
});

test("a job that never ends keeps to no budget", () => {
  const [never] = asPredictions([{ finishMs: [Number.POSITIVE_INFINITY], tabMacs: [1], trustedRows: [0] }]);
  expect(chanceOf(never!, { budgetMacs: 100, confidence: 0.9 })).toBe(0);
});
