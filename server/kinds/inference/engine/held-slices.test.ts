/** Rows that come before a batch's answer, and what of a batch they are. SPEC.md SL rules. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { joinFloats } from "../../../../shared/numbers/join-floats.ts";
import { simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { cutLayout, drawLayout, putBack } from "./golden-rows.ts";
import { behindSlices, holdSlice, type RowsSoFar, type SlicedRound } from "./held-slices.ts";

/** Of each of ten rows, two duplicates and a golden row: its number, in the order in which they were sent. */
function sentRound(seed: number, [rows, duplicates, golden] = [10, 2, 1]) {
  const numbers = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
  const layout = drawLayout(rows!, numbers(100, duplicates!), numbers(200, golden!), simulationRandom(seed));
  const round: SlicedRound = {
    layouts: new Map([[7, layout]]),
    slices: new Map<number, RowsSoFar>(),
  };
  const queries = [...numbers(0, rows!), ...layout.duplicates, ...layout.golden];
  return { round, layout, sent: Float32Array.from(layout.order, (row) => queries[row]!) };
}

const from = (first: number) => ({ assignmentId: 7, first, signed: null });

test("[SL1] each slice is held that follows those before it, and no other", () => {
  const { round, sent } = sentRound(1);
  expect(holdSlice(round, from(3), sent.slice(3, 6), 1)).toBeNull();
  expect(holdSlice(round, from(0), sent.slice(0, 3), 1)).toMatchObject({ rows: 3 });
  expect(holdSlice(round, from(0), sent.slice(0, 3), 1)).toBeNull();
  expect(holdSlice(round, from(2), sent.slice(2, 5), 1)).toBeNull();
  expect(holdSlice(round, from(3), sent.slice(3, 8), 1)).toMatchObject({ rows: 8 });
  expect(holdSlice(round, from(8), new Float32Array(6), 1)).toBeNull();
  expect(holdSlice(round, { ...from(0), assignmentId: 8 }, sent, 1)).toBeNull();
  expect(joinFloats(round.slices.get(7)!.outputs)).toEqual(sent.slice(0, 8));
});

test("[PR106] [SL1] an answer behind slices has the rows that they have not, and no others", () => {
  const { round, sent } = sentRound(2);
  const all = { rowCount: sent.length, width: 1 };
  expect(behindSlices(round, 7, sent.slice(8), all)).toBe(
    "expected 13 rows, or the 13 that were not handed over, got 5",
  );
  holdSlice(round, from(0), sent.slice(0, 3), 1);
  holdSlice(round, from(3), sent.slice(3, 8), 1);
  expect(behindSlices(round, 7, sent.slice(8), all)).toEqual(sent);
  for (const first of [3, 7, 9]) {
    const said = `expected 13 rows, or the 5 that were not handed over, got ${13 - first}`;
    expect(behindSlices(round, 7, sent.slice(first), all)).toBe(said);
  }
  // Of another batch.
  expect(behindSlices(round, 8, sent.slice(8), all)).toMatch(/got 5$/);
});

test("[SL1] [SL3] of the first rows that were sent each is told for what it is, and is put in its place", () => {
  const sizes = fc.tuple(
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 0, max: 8 }),
    fc.integer({ min: 0, max: 3 }),
  );
  fc.assert(
    fc.property(fc.integer(), sizes, fc.double({ min: 0, max: 1, noNaN: true }), (seed, [rows, ...added], share) => {
      const { round, layout, sent } = sentRound(seed, [rows, ...added]);
      const places = Math.max(1, Math.floor(share * sent.length));
      const held = holdSlice(round, from(0), sent.slice(0, places), 1)!;
      const { cut, done, others } = cutLayout(layout, places, rows);
      expect([...done, ...others].sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, row) => row));
      expect(held).toMatchObject({ rows: places, ownRows: done.length });
      expect(held.duplicates.map((place) => layout.duplicates[place])).toEqual([...cut.duplicates]);
      const back = putBack(cut, sent.slice(0, places), 1);
      expect([...back.outputs]).toEqual(done);
      expect([...back.duplicates]).toEqual([...cut.duplicates]);
      expect([...back.golden]).toEqual([...cut.golden]);
    }),
  );
});
