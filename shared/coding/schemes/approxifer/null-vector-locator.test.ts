import { expect, test } from "vitest";
import { normal } from "../../../random/draws.ts";
import { simulationRandom } from "../../../random/simulation-random.ts";
import { makeScheme } from "../../make-scheme.ts";
import { evenAnglePoints } from "../../points.ts";
import { OUTPUT_SIZE, smoothBatches } from "../../testing/smooth-batches.ts";
import { nullVectorLocator } from "./null-vector-locator.ts";
import { publishedLocator } from "./published-locator.ts";

test("an exact rational function with one wrong value gives that value away, also at point 0", () => {
  const points = [0.9, 0.7, 0.4, 0, -0.1, -0.5, -0.8];
  points.forEach((_, wrong) => {
    const results = Float32Array.from(points, (x, r) => 1 / (2 + x) + (r === wrong ? 3 : 0));
    expect(nullVectorLocator({ points, results, outputSize: 1, queryCount: 2, liarCount: 1 })).toEqual([wrong]);
  });
});

test("large values do not matter, and as many rows are named as asked for", () => {
  const points = evenAnglePoints(4, 11).evaluationPoints;
  const batches = smoothBatches(3, points, 4, 0);
  batches[2] = batches[2]!.map((value) => value + 1e30);
  const results = Float32Array.from(batches.flatMap((batch) => [...batch.subarray(0, OUTPUT_SIZE)]));
  const named = nullVectorLocator({ points, results, outputSize: OUTPUT_SIZE, queryCount: 4, liarCount: 2 });
  expect(named).toHaveLength(2);
  expect(named).toContain(2);
  expect(nullVectorLocator({ points, results, outputSize: OUTPUT_SIZE, queryCount: 4, liarCount: 0 })).toEqual([]);
});

test("it finds the liar at point 0, to which the published locator is nearly blind", () => {
  // N = 20 has a worker at 0. Of these seeds 40 and 5 were found.
  const { encodeMatrix } = makeScheme("approxifer", { queryCount: 8, stragglerCount: 3, liarCount: 1 });
  const points = evenAnglePoints(8, 20).evaluationPoints;
  const atZero = points.findIndex((point) => Math.abs(point) < 1e-12);
  const found = { published: 0, nullVector: 0 };
  for (let seed = 0; seed < 60; seed++) {
    const random = simulationRandom(seed);
    // A function that is no polynomial, as models are.
    const features = Float64Array.from({ length: 8 * OUTPUT_SIZE }, () => 2 * normal(random));
    const results = Float32Array.from({ length: 20 * OUTPUT_SIZE }, (_, at) => {
      const [i, c] = [Math.floor(at / OUTPUT_SIZE), at % OUTPUT_SIZE];
      let mixed = 0;
      for (let j = 0; j < 8; j++) mixed += encodeMatrix[i * 8 + j]! * features[j * OUTPUT_SIZE + c]!;
      return 5 * Math.tanh(mixed);
    });
    for (let c = 0; c < OUTPUT_SIZE; c++) results[atZero * OUTPUT_SIZE + c]! += 10 * normal(random);
    const input = { points, results, outputSize: OUTPUT_SIZE, queryCount: 8, liarCount: 1 };
    if (publishedLocator(input)[0] === atZero) found.published++;
    if (nullVectorLocator(input)[0] === atZero) found.nullVector++;
  }
  console.log(`of 60 liars at point 0: published ${found.published}, null vector ${found.nullVector}`);
  expect(found.nullVector).toBeGreaterThanOrEqual(32);
  expect(found.published).toBeLessThanOrEqual(15);
});
