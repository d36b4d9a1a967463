import { describe, expect, test } from "vitest";
import { normal, simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { planRounding, roundingNotes } from "./rounding.ts";
import { type FeatureSource, factsOfWholeNumbers, surveyFeatures } from "./survey.ts";

const random = simulationRandom(47_001);
/** Columns of normal numbers, each of a size of its own. */
function tableOf(rows: number, columns: number): FeatureSource {
  const values = Float64Array.from({ length: rows * columns }, (_, i) => normal(random) * 10 ** ((i % columns) - 2));
  return { values, rows, columns, inputScale: 1 };
}

test("real-valued features have 22 bits at least in two limbs, and more where the field has room for them", () => {
  const small = planRounding(surveyFeatures(tableOf(100, 4)), null);
  expect(small).toMatchObject({ featureLimbs: 2, vectorBits: 22 });
  expect(small.featureBits).toBeGreaterThan(22);
  expect(small.featureBits).toBe(2 * small.limbBits);
  const large = planRounding(surveyFeatures(tableOf(20_000, 6)), null);
  expect(large).toMatchObject({ featureLimbs: 2 });
  expect(large.featureBits).toBeGreaterThanOrEqual(22);
  expect(large.backward.limbs * large.backward.chunks).toBeGreaterThan(small.backward.limbs * small.backward.chunks);
});

test("finer steps than asked for cost no further part", () => {
  const facts = surveyFeatures(tableOf(300, 5));
  const [free, least] = [planRounding(facts, null), planRounding(facts, 22)];
  expect(free.featureBits).toBeGreaterThan(least.featureBits);
  expect([free.forward, free.backward]).toEqual([least.forward, least.backward]);
});

test("whole numbers are one limb, whatever is asked for; 12 bits are one, 24 two, 30 three", () => {
  expect(planRounding(factsOfWholeNumbers(6_000, 784, 255), null)).toMatchObject({ featureLimbs: 1, vectorBits: 22 });
  expect(planRounding(factsOfWholeNumbers(6_000, 784, 255), 30)).toMatchObject({ featureLimbs: 1 });
  const facts = surveyFeatures(tableOf(50, 3));
  expect([10, 12, 13, 24, 25, 30].map((bits) => planRounding(facts, bits).featureLimbs)).toEqual([1, 1, 2, 2, 3, 3]);
  expect(planRounding(facts, 10)).toMatchObject({ featureBits: 10, vectorBits: 10 });
});

describe("an outlier", () => {
  const table = tableOf(100_000, 3);
  const spoilt = Float64Array.from(table.values).with(17 * 3 + 1, 50_000);
  const withOutlier = surveyFeatures({ ...table, values: spoilt });

  test("that eats the precision is named with its place, and what it leaves", () => {
    const notes = roundingNotes(planRounding(withOutlier, null), withOutlier);
    expect(notes.at(-1)).toMatch(
      /^Column 1: 50000 in row 17 is \d+ times the typical entry \(0\.0\d+\), which keeps \d of 2\d bits\. Clip it/,
    );
    const usual = surveyFeatures(table);
    expect(roundingNotes(planRounding(usual, null), usual).filter((note) => note.startsWith("Column"))).toEqual([]);
  });

  test("is given at most 16 times the steps, so that the rest keeps four bits that it had not", () => {
    const { outliers } = withOutlier;
    expect(outliers[0]).toMatchObject({ column: 1, row: 17, value: 50_000 });
    const { typical, bitsLost } = outliers[0]!;
    expect(2 ** bitsLost * typical).toBeCloseTo(50_000 / 16, 6);
  });
});

test("notes say what is exact, what is rounded, and what that costs", () => {
  const whole = factsOfWholeNumbers(100, 10, 255);
  expect(roundingNotes(planRounding(whole, null), whole)).toEqual([
    "The features are whole numbers up to 4095, taken as they are.",
    expect.stringMatching(
      /22 bits\. This takes no more data than numbers that need no parts, and 2 times the multiplications;/,
    ),
  ]);
  const mixed = tableOf(40, 2);
  const facts = surveyFeatures({ ...mixed, values: mixed.values.map((value, i) => (i % 2 === 0 ? 1 : value)) });
  expect(roundingNotes(planRounding(facts, 22), facts)[1]).toMatch(
    /This takes 2 times the data and \d+ times the multiplications of numbers that need no parts;/,
  );
  expect(roundingNotes(planRounding(facts, 22), facts)[0]).toMatch(
    /^Each column of features is rounded to steps of 2\^-22 .*; 1 of 2 columns are whole numbers up to 4095/,
  );
});
