import { describe, expect, test } from "vitest";
import { closedLedgerChecks } from "./ledger.ts";
import { STREAM_CHECK_SHARE, streamLedgerBound, streamLedgerRows, streamSampleRows } from "./stream-ledgers.ts";

const BOUND = 1e-3;
const PER_ROW = STREAM_CHECK_SHARE * (1 - 0.527);

describe("ledgers of a stream", () => {
  test("a full one is certified by its duplicates, at any bound and share of colluders", () => {
    for (const bound of [0.1, 1e-2, 1e-3, 1e-4]) {
      for (const colluders of [1 / 3, 0.527, 0.8]) {
        const checksPerRow = STREAM_CHECK_SHARE * (1 - colluders);
        const rows = streamLedgerRows(bound, checksPerRow);
        expect(streamSampleRows({ rows, checksPerRow, sampled: 0 }, bound)).toBe(0);
        expect(streamLedgerBound({ rows, checksPerRow, sampled: 0 })).toBeLessThanOrEqual(bound);
      }
    }
  });

  test("one of any size is completed by its sample, and not by a row less", () => {
    for (const rows of [1, 20, 367, 500, 3_600, 36_000]) {
      const facts = { rows, checksPerRow: PER_ROW, sampled: 0 };
      const sampled = streamSampleRows(facts, BOUND)!;
      expect(sampled).toBeLessThanOrEqual(Math.min(rows, 368));
      expect(streamLedgerBound({ ...facts, sampled })).toBeLessThanOrEqual(BOUND);
      expect(streamLedgerBound({ ...facts, sampled: sampled - 1 })).toBeGreaterThan(BOUND);
    }
    // Of few rows all are computed, and then none is wrong.
    expect(streamLedgerBound({ rows: 20, checksPerRow: PER_ROW, sampled: 20 })).toBe(0);
  });

  test("where more than some hundred are missing none are computed", () => {
    expect(streamSampleRows({ rows: 3_600, checksPerRow: PER_ROW, sampled: 0 }, 1e-4)).toBeNull();
    // Of few rows all are.
    expect(streamSampleRows({ rows: 300, checksPerRow: PER_ROW, sampled: 0 }, 1e-4)).toBe(300);
  });
});

/**
 * The most that a coalition gains of a ledger: wrong rows that are certified, less the share eps of the rows that it takes. It tells lies one
 * after the other, each found with chance c, and may end the ledger at any number of rows up to the full one, by having its time be over;
 * then a sample finds each that stands with what is missing. Rows are counted in units of K / N of the full ledger.
 * @param ends whether its time ends it though somebody was named: else it has to be full
 * @param again what it gains of the next ledger, which begins when this one ends
 */
function bestGain(ends: boolean, again = 0): number {
  const full = streamLedgerRows(BOUND, PER_ROW);
  const needed = closedLedgerChecks(BOUND);
  let best = Number.NEGATIVE_INFINITY;
  for (let lies = 0; lies <= 400; lies += 4) {
    const unnamed = (1 - PER_ROW) ** lies;
    // Named: nothing of it is certified.
    const lost = ends ? again : again - BOUND * full;
    let certified = Number.NEGATIVE_INFINITY;
    for (let part = 1; part <= 20; part++) {
      const rows = Math.max(lies, (full * part) / 20);
      const missing = Math.max(0, needed - PER_ROW * rows);
      const stands = (1 - Math.min(1, missing / rows)) ** lies;
      certified = Math.max(certified, stands * lies - BOUND * rows + again);
    }
    best = Math.max(best, unnamed * certified + (1 - unnamed) * lost);
  }
  return best;
}

describe("who chooses when a ledger of a stream ends", () => {
  test("gains nothing, however many follow each other, as long as one with a naming has to be full", () => {
    let gain = 0;
    for (let ledger = 0; ledger < 20; ledger++) gain = bestGain(false, gain);
    expect(gain).toBeLessThanOrEqual(1e-9);
  });

  test("gains more and more where a naming lets it begin anew at once", () => {
    let gain = 0;
    for (let ledger = 0; ledger < 20; ledger++) gain = bestGain(true, gain);
    // Lies beyond what the bound allows, in rows of a ledger.
    expect(gain / (BOUND * streamLedgerRows(BOUND, PER_ROW))).toBeGreaterThan(1);
  });
});
