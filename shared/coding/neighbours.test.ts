import fc from "fast-check";
import { expect, test } from "vitest";
import { simulationRandom } from "../random/simulation-random.ts";
import { CodingError } from "./coding-error.ts";
import { localityOrderOf } from "./locality.ts";
import { type NeighbourInput, neighbourEstimates } from "./neighbours.ts";
import { randomRows } from "./testing/codes.ts";

const [WIDTH, OUTPUT_SIZE] = [11, 3];

/** All distances, sorted. */
function obvious({ features, width, isAnswered, answers, outputSize, lost, neighbourCount }: NeighbourInput) {
  return [...lost].map((query) => {
    const byDistance = [...isAnswered.keys()]
      .filter((other) => other !== query && isAnswered[other] === 1)
      .map((other) => {
        let distance = 0;
        for (let c = 0; c < width; c++) distance += (features[query * width + c]! - features[other * width + c]!) ** 2;
        return { other, distance };
      })
      .sort((a, b) => a.distance - b.distance || a.other - b.other);
    const used = byDistance.slice(0, neighbourCount);
    const mean = Array.from({ length: outputSize }, (_, c) =>
      used.reduce((sum, { other }) => sum + answers[other * outputSize + c]! / used.length, 0),
    );
    return { mean, nearest: byDistance[0]?.distance ?? Number.POSITIVE_INFINITY };
  });
}

function someInput(seed: number, count: number, neighbourCount: number, answeredEvery: number): NeighbourInput {
  // Few different values, so that equal distances occur.
  const features = randomRows(seed, count, WIDTH).map((value) => Math.round(value));
  return {
    features,
    width: WIDTH,
    isAnswered: Uint8Array.from({ length: count }, (_, q) => (q % answeredEvery === 0 ? 1 : 0)),
    answers: randomRows(seed + 1, count, OUTPUT_SIZE),
    outputSize: OUTPUT_SIZE,
    lost: Uint32Array.from({ length: count }, (_, q) => q),
    neighbourCount,
  };
}

test("estimates are the means over the nearest answered queries, as sorting all distances finds them", () => {
  fc.assert(
    fc.property(
      fc.nat(1e6),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 5 }),
      (seed, count, neighbourCount, answeredEvery) => {
        const input = someInput(seed, count, neighbourCount, answeredEvery);
        const { outputs, nearestSquared } = neighbourEstimates(input);
        obvious(input).forEach(({ mean, nearest }, place) => {
          expect(nearestSquared[place]).toBe(nearest);
          mean.forEach((value, c) => {
            expect(outputs[place * OUTPUT_SIZE + c]).toBeCloseTo(value, 5);
          });
        });
      },
    ),
    { seed: 20_106, numRuns: 150 },
  );
});

test("among many that are ordered by likeness nearly all nearest ones are found, and the estimate is nearly the same", () => {
  const [count, width, neighbourCount] = [4_000, 3, 5];
  const raw = randomRows(9, count, width);
  const order = localityOrderOf(raw, width, count, 8, simulationRandom(10));
  const features = Float32Array.from({ length: raw.length }, (_, at) => {
    return raw[order[Math.floor(at / width)]! * width + (at % width)]!;
  });
  // What is said is where the query lies.
  const common = { features, width, answers: features, outputSize: width, neighbourCount };
  const isAnswered = Uint8Array.from({ length: count }, (_, q) => (q % 5 === 0 ? 0 : 1));
  const lost = Uint32Array.from(isAnswered.keys()).filter((q) => isAnswered[q] === 0);
  const input = { ...common, isAnswered, lost };
  const { outputs, nearestSquared } = neighbourEstimates(input);
  const all = obvious(input);
  const found = all.filter(({ nearest }, place) => nearestSquared[place] === nearest).length;
  expect(found / lost.length).toBeGreaterThan(0.95);
  const same = all.filter(({ mean }, place) => {
    return mean.every((value, c) => Math.abs(value - outputs[place * width + c]!) < 1e-5);
  }).length;
  expect(same / lost.length).toBeGreaterThan(0.9);
});

test("what a query itself or an unanswered one says is never used", () => {
  const input = someInput(5, 40, 4, 3);
  const before = neighbourEstimates({ ...input, lost: Uint32Array.of(3, 7) });
  const answers = input.answers.slice();
  for (let q = 0; q < 40; q++) if (q % 3 !== 0 || q === 3) answers.fill(1e6, q * OUTPUT_SIZE, (q + 1) * OUTPUT_SIZE);
  const after = neighbourEstimates({ ...input, answers, lost: Uint32Array.of(3) });
  expect(after.outputs).toEqual(before.outputs.subarray(0, OUTPUT_SIZE));
});

test("queries of one column are estimated as if the whole column had been lost", () => {
  const input = someInput(8, 40, 3, 1);
  const columns = Uint8Array.from({ length: 40 }, (_, q) => (q < 24 ? 1 + (q % 4) : 0));
  const together = neighbourEstimates({ ...input, columns });
  for (let column = 1; column <= 4; column++) {
    const lost = Uint32Array.from(columns.keys()).filter((q) => columns[q] === column);
    const isAnswered = input.isAnswered.map((flag, q) => (columns[q] === column ? 0 : flag));
    const alone = neighbourEstimates({ ...input, isAnswered, lost });
    lost.forEach((query, place) => {
      const [from, to] = [query * OUTPUT_SIZE, (query + 1) * OUTPUT_SIZE];
      expect(together.outputs.subarray(from, to)).toEqual(
        alone.outputs.subarray(place * OUTPUT_SIZE, (place + 1) * OUTPUT_SIZE),
      );
    });
  }
  expect(() => neighbourEstimates({ ...input, columns: columns.subarray(1) })).toThrow(/40 columns, got 39/);
});

test("where nothing is answered the estimate is zero and the nearest is infinitely far", () => {
  const input = { ...someInput(6, 5, 2, 1), isAnswered: new Uint8Array(5) };
  const { outputs, nearestSquared } = neighbourEstimates(input);
  expect(outputs.every((value) => value === 0)).toBe(true);
  expect(nearestSquared.every((distance) => distance === Number.POSITIVE_INFINITY)).toBe(true);
});

test("lengths that do not fit are refused", () => {
  const input = someInput(7, 10, 2, 2);
  for (const bad of [
    { features: input.features.subarray(1) },
    { answers: input.answers.subarray(1) },
    { neighbourCount: 0 },
    { neighbourCount: 1.5 },
    { lost: Uint32Array.of(10) },
  ]) {
    expect(() => neighbourEstimates({ ...input, ...bad })).toThrow(CodingError);
  }
});
