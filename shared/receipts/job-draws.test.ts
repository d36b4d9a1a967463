import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesOfHex } from "./bytes.ts";
import { commitmentTo, drawBatchRows } from "./job-draws.ts";

const PLACE = { roundIndex: 3, workerIndex: 1, volunteerId: "5b9c0d9be0b9e1d7" };
const SECRET = Uint8Array.from({ length: 32 }, (_, i) => i);

test("a draw is a part of every larger one, and all of it is every row once", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.integer({ min: 1, max: 300 }), (secret, rows) => {
      const all = drawBatchRows(secret, PLACE, rows, rows);
      expect([...all].sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, row) => row));
      for (const count of [0, 1, rows >> 1]) {
        expect(drawBatchRows(secret, PLACE, rows, count)).toEqual(all.slice(0, count));
      }
    }),
    { seed: 15_007, numRuns: 100 },
  );
});

test("rows are drawn alike often: 20 rows, 2 of them, 4,000 batches", () => {
  const counts = new Array<number>(20).fill(0);
  for (let roundIndex = 0; roundIndex < 4_000; roundIndex++) {
    for (const row of drawBatchRows(SECRET, { ...PLACE, roundIndex }, 20, 2)) counts[row]!++;
  }
  const chi = counts.reduce((sum, count) => sum + (count - 400) ** 2 / 400, 0);
  // 19 degrees of freedom: 99.99 % lie below 50.8.
  expect(chi).toBeLessThan(50.8);
});

test("another secret, round, worker index or volunteer is another draw", () => {
  const draw = (secret: Uint8Array, place: typeof PLACE) => drawBatchRows(secret, place, 1_000, 6).join();
  const draws = [
    draw(SECRET, PLACE),
    draw(SECRET.with(31, 0), PLACE),
    draw(SECRET, { ...PLACE, roundIndex: 4 }),
    draw(SECRET, { ...PLACE, workerIndex: 2 }),
    draw(SECRET, { ...PLACE, volunteerId: "5b9c0d9be0b9e1d8" }),
  ];
  expect(new Set(draws).size).toBe(draws.length);
});

test("more rows than there are, or fewer than none, are refused", () => {
  for (const count of [-1, 1.5, 11, Number.NaN])
    expect(() => drawBatchRows(SECRET, PLACE, 10, count)).toThrow(RangeError);
});

/** Written by vectors/draws.py, from docs/receipts.md alone. */
test("draws and commitments are those of the reference", async () => {
  const { default: vectors } = await import("./vectors/draws.json");
  expect(vectors.length).toBeGreaterThan(10);
  for (const { secret, nonce, queries, commitment, place, rows, drawn } of vectors) {
    expect(commitmentTo(bytesOfHex(secret), nonce, queries)).toBe(commitment);
    expect(drawBatchRows(bytesOfHex(secret), place, rows, drawn.length)).toEqual(drawn);
  }
});
