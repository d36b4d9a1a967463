/** On few images: that the parts fit together, and that what must be equal is. */
import { beforeAll, expect, test } from "vitest";
import { run } from "./ablation.ts";
import { meanInterval } from "./mean-interval.ts";
import type { Measurement } from "./measurement.ts";

const LIMIT = 173; // not a multiple of any K: the last group is padded
let table: Measurement;
beforeAll(async () => {
  const few = { datasets: ["mnist"], limit: LIMIT, queryCounts: [8], stragglerCounts: [2] };
  table = await run({ seeds: [3, 4], progress: () => {}, ...few });
}, 120_000);

const rowsWith = (wanted: object) =>
  table.rows.filter((row) => Object.entries(wanted).every(([key, value]) => row[key] === value));

test("has every code with every grouping and every estimator", () => {
  // 2 models, 2 groupings; 4 codes with 3 estimators, 3 without a code.
  expect(table.rows).toHaveLength(2 * 2 * (4 * 3 + 3));
  for (const row of table.rows) {
    for (const share of [row.overall, row.degraded] as number[]) expect(share >= 0 && share <= 1).toBe(true);
    expect(row.seeds).toBe(2);
  }
});

test("neighbours say the same beside every code that has own answers, and beside none", () => {
  for (const groups of ["random", "alike"]) {
    const setting = { model: "mnist-mlp", queryCount: 8, stragglers: 2, groups, estimator: "neighbours" };
    const [none] = rowsWith({ ...setting, code: "none" });
    expect(rowsWith({ ...setting, code: "systematic" })[0]!.overall).toBe(none!.overall);
    expect(rowsWith({ ...setting, code: "berrut-systematic" })[0]!.overall).toBe(none!.overall);
  }
});

test("of one code the best of both is one of both, seed by seed, so it lies between them", () => {
  for (const best of rowsWith({ estimator: "best of both" })) {
    const { model, queryCount, stragglers, code, groups } = best;
    const common = { model, queryCount, stragglers, code, groups };
    const [decoder, neighbours] = ["decoder", "neighbours"].map(
      (estimator) => rowsWith({ ...common, estimator })[0]!.overall as number,
    );
    expect(best.overall as number).toBeGreaterThanOrEqual(Math.min(decoder!, neighbours!) - 0.1);
    expect(best.overall as number).toBeLessThanOrEqual(Math.max(decoder!, neighbours!) + 0.1);
  }
});

test("the interval of a mean is Student's", () => {
  const { mean, halfWidth } = meanInterval([1, 2, 3]);
  expect(mean).toBe(2);
  // 4.302653 is the .975 quantile of two degrees of freedom.
  expect(halfWidth).toBeCloseTo(4.302653 / Math.sqrt(3), 5);
  expect(meanInterval([5])).toEqual({ mean: 5, halfWidth: null });
  expect(meanInterval([])).toEqual({ mean: null, halfWidth: null });
});
