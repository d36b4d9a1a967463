import fc from "fast-check";
import { expect, test } from "vitest";
import { simulationRandom } from "../random/simulation-random.ts";
import { ORDERED_ROWS_MAX, SecretOrder } from "./secret-order.ts";

const keyOf = (seed: number) => {
  const random = simulationRandom(seed);
  return Uint8Array.from({ length: 32 }, () => random.integer(256));
};

function mustBeBijection(size: number, key: Uint8Array): void {
  const order = new SecretOrder(size, key);
  const isSeen = new Uint8Array(size);
  let isInverse = true;
  for (let position = 0; position < size; position++) {
    const place = order.placeAt(position);
    isSeen[place]!++;
    isInverse &&= order.positionOf(place) === position;
  }
  expect(isSeen.every((times) => times === 1)).toBe(true);
  expect(isInverse).toBe(true);
}

test("each row has one position and each position one row, for every size up to 300 and some large ones", () => {
  for (let size = 1; size <= 300; size++) mustBeBijection(size, keyOf(size));
  for (const size of [4_096, 65_535, 65_537, 262_145]) mustBeBijection(size, keyOf(size));
});

test("positions of jobs too large to walk through come back, seed 20362", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_000_000, max: 5_000_000 }), fc.nat(), fc.nat(), (size, seed, position) => {
      const order = new SecretOrder(size, keyOf(seed));
      expect(order.positionOf(order.placeAt(position % size))).toBe(position % size);
    }),
    { seed: 20_362, numRuns: 4 },
  );
});

test("over keys every order of four rows is as likely as any other, and what comes first of seven rows too", () => {
  const orders = new Map<string, number>();
  const firsts = new Array<number>(7).fill(0);
  for (let seed = 0; seed < 960; seed++) {
    const order = new SecretOrder(4, keyOf(seed));
    const text = [0, 1, 2, 3].map((position) => order.placeAt(position)).join();
    orders.set(text, (orders.get(text) ?? 0) + 1);
    firsts[new SecretOrder(7, keyOf(seed)).placeAt(0)]!++;
  }
  const chiSquare = (counts: readonly number[], cells: number) =>
    counts.reduce((sum, count) => sum + (count - 960 / cells) ** 2 / (960 / cells), 0);
  expect(orders.size).toBe(24);
  // 99.99 % lie below: 23 and 6 degrees of freedom.
  expect(chiSquare([...orders.values()], 24)).toBeLessThan(56);
  expect(chiSquare(firsts, 7)).toBeLessThan(27.9);
});

test("the same key gives the same order, another key another; rows that follow each other do not lie beside each other", () => {
  const [one, same, other] = [keyOf(1), keyOf(1), keyOf(2)].map((key) => new SecretOrder(10_000, key));
  const places = Array.from({ length: 2_000 }, (_, position) => one!.placeAt(position));
  expect(places.map((_, position) => same!.placeAt(position))).toEqual(places);
  expect(places.filter((place, position) => other!.placeAt(position) === place).length).toBeLessThan(8);
  expect(places.filter((place, at) => at > 0 && Math.abs(place - places[at - 1]!) === 1).length).toBeLessThan(8);
});

test("sizes that are none are refused", () => {
  for (const size of [0, -1, 1.5, ORDERED_ROWS_MAX + 1, Number.NaN])
    expect(() => new SecretOrder(size, keyOf(1))).toThrow(RangeError);
});
