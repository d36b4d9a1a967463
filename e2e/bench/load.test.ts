import { expect, test } from "vitest";
import { run } from "./load.ts";

/** Of 100 second copies. */
const SPARED_MAX = 2;

/**
 * Nothing is computed less than once. Where no liar is to be outvoted the first of two copies is the answer: the second is spared if the first
 * one's answer is there before a tab begins it, which at this load is rare.
 */
const leastRowsOf = (scheme: string): number => (scheme.startsWith("replication") ? 2 - SPARED_MAX / 100 : 1);

test("every query of a small stream is answered by every scheme, none sooner than a batch takes, and what is checked is checked", async () => {
  const { rows, notes } = await run({ seed: 1, progress: () => {}, queries: 240, seeds: 2, loads: [0.3] });
  expect(rows).toHaveLength(2 * 4);
  for (const row of rows) {
    expect(row).toMatchObject({ seeds: 2, kept: 2 });
    // Compared with itself, of the same seed.
    if (row.scheme === "uncoded, unchecked") expect([row.gapShare, row.gapShareHalfWidth]).toEqual([1, 0]);
    expect(row.gapHalfWidth as number).toBeGreaterThan(0);
    const [p50, p99, p999] = [row.p50 as number, row.p99 as number, row.p999 as number];
    expect(p50).toBeGreaterThan(15);
    expect(p50).toBeLessThanOrEqual(p99);
    expect(p99).toBeLessThanOrEqual(p999);
    expect(row.accuracy as number).toBeGreaterThan(0.9);
    const isChecked = String(row.scheme).startsWith("systematic");
    expect((row.audits as number) > 0).toBe(isChecked);
    expect(row.tabRows as number).toBeGreaterThanOrEqual(leastRowsOf(String(row.scheme)));
  }
  expect(notes.at(-1)).toMatch(/^Capacity, .* \d+, \d+ queries a second with faults: none; /);
});
