import { expect, test } from "vitest";
import { MODULUS } from "../field/modulus.ts";
import { simulationRandom } from "../random/simulation-random.ts";
import { LagrangeCode } from "./lagrange-code.ts";

const SMALL = 11;

/** Numbers in base SMALL with `digits` digits, as digit lists. */
function* words(digits: number): Generator<number[]> {
  for (let value = 0; value < SMALL ** digits; value++) {
    yield Array.from({ length: digits }, (_, place) => Math.floor(value / SMALL ** place) % SMALL);
  }
}

test("any T = 2 shards together are uniform whatever the data: every data, every mask, every pair, mod 11", () => {
  // Data points 1..4, evaluation points 5..10: all that the field has.
  const code = new LagrangeCode({ blockCount: 2, maskCount: 2, workerCount: 6, degree: 1, modulus: SMALL });
  const rows = Array.from({ length: 6 }, (_, i) => code.encodeRow(i));
  const shard = (i: number, data: number[], masks: number[]) =>
    [...data, ...masks].reduce((sum, value, j) => sum + value * rows[i]![j]!, 0) % SMALL;
  let [distributionCount, encodingCount] = [0, 0];
  for (const data of words(2)) {
    const seen = Array.from({ length: 36 }, () => new Uint32Array(SMALL * SMALL));
    for (const masks of words(2)) {
      const shards = rows.map((_, i) => shard(i, data, masks));
      if (encodingCount++ % 997 === 0) {
        const blocks = [...data, ...masks].map((value) => Uint32Array.of(value));
        expect(shards).toEqual(rows.map((_, i) => code.encode(i, blocks)[0]));
      }
      for (let a = 0; a < 6; a++) {
        for (let b = a + 1; b < 6; b++) seen[a * 6 + b]![shards[a]! * SMALL + shards[b]!]! += 1;
      }
    }
    for (let a = 0; a < 6; a++) {
      for (let b = a + 1; b < 6; b++, distributionCount++) {
        // Each of the 121 pairs of values, exactly once.
        expect(seen[a * 6 + b]!.every((count) => count === 1)).toBe(true);
      }
    }
  }
  expect(encodingCount).toBe(SMALL ** 4);
  expect(distributionCount).toBe(SMALL ** 2 * 15);
});

test("T + 1 shards do tell of the data, so the enumeration above could have failed", () => {
  const code = new LagrangeCode({ blockCount: 1, maskCount: 1, workerCount: 3, degree: 1, modulus: SMALL });
  const pairsOf = (data: number) =>
    Array.from({ length: SMALL }, (_, mask) =>
      [0, 1].map((i) => code.encode(i, [Uint32Array.of(data), Uint32Array.of(mask)])[0]).join(),
    );
  expect(pairsOf(3).some((pair) => pairsOf(4).includes(pair))).toBe(false);
});

/** Pearson's statistic of counts that should be equal. */
function chiSquare(counts: Uint32Array): number {
  const expected = counts.reduce((a, b) => a + b, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

test("mod q, two shards of plain data are uniform, jointly and together with the data's parity", () => {
  const code = new LagrangeCode({ blockCount: 3, maskCount: 2, workerCount: 12, degree: 1, modulus: MODULUS });
  const random = simulationRandom(30_070);
  const cell = (value: number) => Math.floor((value / MODULUS) * 8);
  for (const [a, b] of [
    [0, 1],
    [3, 11],
    [10, 5],
  ] as const) {
    const joint = new Uint32Array(64);
    const withData = new Uint32Array(16);
    // Data that are as far from uniform as can be: all zero or all one.
    for (let draw = 0; draw < 6_400; draw++) {
      const bit = draw % 2;
      const data = [0, 1, 2].map(() => Uint32Array.of(bit));
      const blocks = [...data, ...code.drawMasks(1, random)];
      const [left, right] = [code.encode(a, blocks)[0]!, code.encode(b, blocks)[0]!];
      joint[cell(left) * 8 + cell(right)]! += 1;
      withData[cell(left) * 2 + bit]! += 1;
    }
    // 63 and 15 degrees of freedom: 99.99 % lie below 111 and 44.3.
    expect(chiSquare(joint)).toBeLessThan(111);
    expect(chiSquare(withData)).toBeLessThan(44.3);
  }
});

test("masks are fresh for every encoding", () => {
  const code = new LagrangeCode({ blockCount: 3, maskCount: 2, workerCount: 12, degree: 1, modulus: MODULUS });
  const random = simulationRandom(30_071);
  const masks = [...code.drawMasks(50, random), ...code.drawMasks(50, random)].flatMap((mask) => [...mask]);
  expect(masks).toHaveLength(200);
  expect(new Set(masks).size).toBe(200);
});
