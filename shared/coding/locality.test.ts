import fc from "fast-check";
import { expect, test } from "vitest";
import { normal } from "../random/draws.ts";
import { simulationRandom } from "../random/simulation-random.ts";
import { CodingError } from "./coding-error.ts";
import { groupsInOrder, localityOrder, selectSmallest } from "./locality.ts";
import { randomRows } from "./testing/codes.ts";

const isPermutation = (order: Uint32Array): boolean => [...order].sort((a, b) => a - b).every((q, at) => q === at);

test("the order is a permutation for any n, D and K, also where queries repeat, and the same for the same seed", () => {
  const sizes = fc.record({
    queryCount: fc.integer({ min: 1, max: 90 }),
    inputSize: fc.integer({ min: 1, max: 50 }),
    groupSize: fc.integer({ min: 1, max: 12 }),
    distinct: fc.integer({ min: 1, max: 90 }),
    seed: fc.integer(),
  });
  fc.assert(
    fc.property(sizes, ({ queryCount, inputSize, groupSize, distinct, seed }) => {
      const rows = randomRows(seed, Math.min(distinct, queryCount), inputSize);
      const queries = Float32Array.from({ length: queryCount * inputSize }, (_, at) => rows[at % rows.length]!);
      const order = () => localityOrder(queries, queryCount, inputSize, groupSize, simulationRandom(seed));
      expect(order().length).toBe(queryCount);
      expect(isPermutation(order())).toBe(true);
      expect(order()).toEqual(order());
    }),
    { seed: 20_004, numRuns: 150 },
  );
});

test("well separated clusters of size K become the groups", () => {
  const [clusterCount, groupSize, inputSize] = [16, 4, 40];
  const random = simulationRandom(3);
  const centres = randomRows(4, clusterCount, inputSize);
  const queryCount = clusterCount * groupSize;
  const queries = new Float32Array(queryCount * inputSize);
  for (let q = 0; q < queryCount; q++) {
    for (let d = 0; d < inputSize; d++) {
      queries[q * inputSize + d] = centres[(q % clusterCount) * inputSize + d]! + 0.01 * normal(random);
    }
  }
  const { members } = groupsInOrder(localityOrder(queries, queryCount, inputSize, groupSize, random), groupSize);
  for (let g = 0; g < clusterCount; g++) {
    const clusters = [...members.subarray(g * groupSize, (g + 1) * groupSize)].map((q) => q % clusterCount);
    expect(new Set(clusters).size).toBe(1);
  }
});

test("points on a line come out sorted along it within each group, and groups follow each other", () => {
  const queries = Float32Array.from({ length: 61 }, (_, q) => ((q * 23) % 61) / 61);
  const order = localityOrder(queries, 61, 1, 4, simulationRandom(5));
  const along = [...order].map((q) => queries[q]!);
  const ascending = along.at(-1)! > along[0]! ? along : along.map((value) => -value);
  const sorted = [...ascending].sort((a, b) => a - b);
  // Each part picks the sign of its own direction, so a group may run either way, but its members are consecutive.
  for (let g = 0; g < 15; g++) {
    const group = ascending.slice(4 * g, 4 * g + 4);
    const steps = group.slice(1).map((value, at) => Math.sign(value - group[at]!));
    expect(Math.abs(steps.reduce((a, b) => a + b, 0))).toBe(3);
  }
  expect(sorted).toHaveLength(61);
});

test("neighbours of the order are nearer than neighbours by chance; bytes do as well as floats", () => {
  const [queryCount, inputSize] = [2000, 64];
  // Three hidden dimensions, as images have few.
  const hidden = randomRows(6, queryCount, 3);
  const mixing = randomRows(7, 3, inputSize);
  const queries = Uint8Array.from({ length: queryCount * inputSize }, (_, at) => {
    const [q, d] = [Math.floor(at / inputSize), at % inputSize];
    let value = 128;
    for (let h = 0; h < 3; h++) value += 10 * hidden[q * 3 + h]! * mixing[h * inputSize + d]!;
    return Math.max(0, Math.min(255, value));
  });
  const distance = (order: ArrayLike<number>): number => {
    let sum = 0;
    for (let at = 1; at < queryCount; at++) {
      let squares = 0;
      for (let d = 0; d < inputSize; d++) {
        squares += (queries[order[at]! * inputSize + d]! - queries[order[at - 1]! * inputSize + d]!) ** 2;
      }
      sum += Math.sqrt(squares);
    }
    return sum / queryCount;
  };
  const byChance = distance(Uint32Array.from({ length: queryCount }, (_, q) => q));
  for (const typed of [queries, Float32Array.from(queries)]) {
    expect(distance(localityOrder(typed, queryCount, inputSize, 8, simulationRandom(8)))).toBeLessThan(0.4 * byChance);
  }
});

test("selectSmallest puts the smallest keys first, ties and all", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 60 }), fc.nat(), (keys, some) => {
      const count = some % (keys.length + 1);
      const items = Uint32Array.from(keys, (_, at) => at);
      selectSmallest(items, Float64Array.from(keys), count, simulationRandom(some));
      expect(isPermutation(items)).toBe(true);
      const first = [...items.subarray(0, count)].map((item) => keys[item]!).sort((a, b) => a - b);
      expect(first).toEqual([...keys].sort((a, b) => a - b).slice(0, count));
    }),
    { seed: 20_005, numRuns: 500 },
  );
});

test("the last group is filled up with its own last query, and padding starts where the order ends", () => {
  const { groupCount, members } = groupsInOrder(Uint32Array.of(3, 1, 4, 0, 2), 3);
  expect(groupCount).toBe(2);
  expect([...members]).toEqual([3, 1, 4, 0, 2, 2]);
  expect([...groupsInOrder(Uint32Array.of(1, 0), 2).members]).toEqual([1, 0]);
  expect(() => groupsInOrder(new Uint32Array(0), 3)).toThrow(CodingError);
});

test("sizes that do not fit are refused", () => {
  const random = simulationRandom(1);
  expect(() => localityOrder(new Float32Array(11), 3, 4, 2, random)).toThrow(CodingError);
  expect(() => localityOrder(new Float32Array(0), 0, 4, 2, random)).toThrow(CodingError);
  expect(() => localityOrder(new Float32Array(12), 3, 4, 0, random)).toThrow(CodingError);
});
