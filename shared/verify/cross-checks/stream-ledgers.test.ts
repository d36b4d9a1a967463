import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { closedLedgerChecks } from "./ledger.ts";
import {
  catchChance,
  type LedgerOfChain,
  STREAM_CHECK_SHARE,
  streamChainBound,
  streamChainRows,
  streamLedgerRows,
  streamSampleRows,
} from "./stream-ledgers.ts";

const BOUND = 1e-3;
const CAUGHT = catchChance(0, STREAM_CHECK_SHARE, 0.527);

/** Full ledgers of one chain, one after the other. */
function fullLedgers(count: number, bound: number, caught: number): LedgerOfChain[] {
  const chainRows = streamChainRows(bound, caught);
  const ledgers: LedgerOfChain[] = [];
  while (ledgers.length < count) ledgers.push({ rows: streamLedgerRows(ledgers, bound, chainRows), sampledShare: 0 });
  return ledgers;
}

/**
 * The most lies that a coalition has certified in a chain on average, by dynamic programming over those that stand uncertified: it tells them
 * one after the other, as it likes, and sees of each at once whether it was found; a naming ends the chain, and what was certified before
 * stays. When a ledger is certified each lie that stands in it is found in the sample with the ledger's share.
 */
function bestCoalition(ledgers: readonly LedgerOfChain[], caught: number): number {
  const most = Math.ceil(6 / caught);
  let later = 0;
  for (const { sampledShare } of [...ledgers].reverse()) {
    let now = 0;
    for (let lies = most; lies >= 0; lies--) {
      const certified = (1 - sampledShare) ** lies * (lies + later);
      now = Math.max(certified, (1 - caught) * now);
    }
    later = now;
  }
  return later;
}

describe("ledgers of a stream", () => {
  test("a full one is certified by its checks, at any bound and share of colluders, wherever in its chain it is", () => {
    for (const bound of [0.1, 1e-2, 1e-3, 1e-4]) {
      for (const colluders of [1 / 3, 0.527, 0.8]) {
        const caught = catchChance(0.0005, STREAM_CHECK_SHARE, colluders);
        const ledgers = fullLedgers(40, bound, caught);
        ledgers.forEach(({ rows }, place) => {
          expect(streamSampleRows(ledgers.slice(0, place), rows, caught, bound)).toBe(0);
          expect(streamChainBound(ledgers.slice(0, place + 1), caught)).toBeLessThanOrEqual(bound);
        });
      }
    }
  });

  test("each of a chain asks for fewer checks than the one before it, until they are a twentieth of those before them", () => {
    const chainRows = streamChainRows(BOUND, CAUGHT);
    const rows = fullLedgers(60, BOUND, CAUGHT).map((ledger) => ledger.rows);
    const rowsBefore = (place: number) => rows.slice(0, place).reduce((sum, own) => sum + own, 0);
    expect(rows[0]! / chainRows).toBeCloseTo(1.1 / Math.E, 3);
    for (let place = 1; place < 5; place++) expect(rows[place]).toBeLessThan(0.75 * rows[place - 1]!);
    for (let place = 6; place < 60; place++)
      expect(rows[place]).toBe(Math.ceil(Math.max(0.04 * chainRows, 0.05 * rowsBefore(place))));
    // So a stream of a million rows has few.
    expect(rowsBefore(60)).toBeGreaterThan(1_000_000);
    // From a full chain on any number of rows more is certified without a sample.
    const full = fullLedgers(12, BOUND, CAUGHT);
    expect(rowsBefore(12)).toBeGreaterThan(chainRows);
    for (const more of [1, 50, 1_000]) expect(streamSampleRows(full, more, CAUGHT, BOUND)).toBe(0);
  });

  test("one of any size is completed by its sample, and not by a row less", () => {
    for (const before of [[], fullLedgers(1, BOUND, CAUGHT), fullLedgers(3, BOUND, CAUGHT)]) {
      for (const rows of [1, 20, 367, 500, 3_600, 8_000]) {
        const sampled = streamSampleRows(before, rows, CAUGHT, BOUND)!;
        const boundWith = (count: number) =>
          streamChainBound([...before, { rows, sampledShare: count / rows }], CAUGHT);
        expect(sampled).toBeLessThanOrEqual(Math.min(rows, 370));
        expect(boundWith(sampled)).toBeLessThanOrEqual(BOUND);
        if (sampled > 0) expect(boundWith(sampled - 1)).toBeGreaterThan(BOUND);
      }
    }
    // Of few rows all are computed, and then none is wrong.
    expect(streamChainBound([{ rows: 20, sampledShare: 1 }], CAUGHT)).toBe(0);
  });

  test("none costs more rows behind others of its chain than it would by itself", () => {
    const ledger = fc.record({ rows: fc.integer({ min: 1, max: 60_000 }) });
    fc.assert(
      fc.property(fc.array(ledger, { maxLength: 8 }), fc.integer({ min: 1, max: 60_000 }), (before, rows) => {
        const chain: LedgerOfChain[] = [];
        for (const { rows: own } of before) {
          const sampled = streamSampleRows(chain, own, CAUGHT, BOUND)!;
          expect(sampled).toBeLessThanOrEqual(streamSampleRows([], own, CAUGHT, BOUND)!);
          chain.push({ rows: own, sampledShare: sampled / own });
        }
        expect(streamSampleRows(chain, rows, CAUGHT, BOUND)).toBeLessThanOrEqual(
          streamSampleRows([], rows, CAUGHT, BOUND)!,
        );
      }),
      { seed: 14 },
    );
  });

  test("where more than some hundred are missing none are computed", () => {
    expect(streamSampleRows([], 3_600, CAUGHT, 1e-4)).toBeNull();
    // Of few rows all are.
    expect(streamSampleRows([], 300, CAUGHT, 1e-4)).toBe(300);
  });

  test("an anchor and a partner find a lie independently of each other", () => {
    expect(catchChance(0, 0.02, 0.5)).toBeCloseTo(0.01, 12);
    expect(catchChance(0.01, 0, 0.5)).toBe(0.01);
    expect(catchChance(0.01, 0.02, 0.5)).toBeCloseTo(1 - 0.99 * 0.99, 12);
    expect(catchChance(1, 0.02, 0.5)).toBe(1);
  });
});

describe("what a coalition has certified in a chain", () => {
  test("is no more than its bound says, whatever its ledgers are, and comes near to it", () => {
    const share = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.3, noNaN: true }), fc.constant(1));
    const ledger = fc.record({ rows: fc.integer({ min: 20_000, max: 1_000_000 }), sampledShare: share });
    fc.assert(
      fc.property(
        fc.array(ledger, { minLength: 1, maxLength: 30 }),
        fc.double({ min: 0.002, max: 0.05, noNaN: true }),
        (ledgers, caught) => {
          const rows = ledgers.reduce((sum, ledger) => sum + ledger.rows, 0);
          const best = bestCoalition(ledgers, caught);
          const promised = streamChainBound(ledgers, caught) * rows;
          expect(best).toBeLessThanOrEqual(promised * (1 + 1e-9));
          // (1-c)^x is less than e^-cx, and lies are whole.
          const [last] = ledgers.filter(({ sampledShare }) => sampledShare < 1).slice(-1);
          if (last !== undefined && last.sampledShare === 0) expect(best).toBeGreaterThan(0.9 * promised);
        },
      ),
      { seed: 14 },
    );
  });

  test("would be more than the bound if each ledger asked for what its own rows lack, as if it were the first that is certified", () => {
    // Two ledgers, each with half of the checks that one of them needs by itself: together they have those of one.
    const half = { rows: Math.ceil(closedLedgerChecks(BOUND) / CAUGHT / 2), sampledShare: 0 };
    expect(bestCoalition([half, half], CAUGHT)).toBeGreaterThan(1.4 * BOUND * 2 * half.rows);
  });
});

/**
 * The most that a coalition gains of one chain after the other: wrong rows that are certified, less the share eps of the rows that it takes.
 * In each ledger it tells any number of lies, each found with chance c, and may have the ledger's time be over at any number of its rows, or
 * the chain end behind it: then a sample finds each that stands with what is missing.
 * @param rowsIfNamed of the chain, once somebody was named in it, by the rows that it had
 * @param again what it gains of the next chain
 */
function bestGain(rowsIfNamed: (rows: number) => number, again: number): number {
  const chainRows = streamChainRows(BOUND, CAUGHT);
  return from([], 0);

  /** @param taken rows so far */
  function from(before: readonly LedgerOfChain[], taken: number): number {
    // Another chain begins here.
    let best = before.length === 0 ? Number.NEGATIVE_INFINITY : again - BOUND * taken;
    if (before.length >= 3) return best;
    const full = streamLedgerRows(before, BOUND, chainRows);
    for (const part of [0.1, 0.5, 1]) {
      const rows = Math.ceil(full * part);
      const sampled = streamSampleRows(before, rows, CAUGHT, BOUND)!;
      const next = from([...before, { rows, sampledShare: sampled / rows }], taken + rows);
      for (let lies = 0; lies <= Math.min(rows, 400); lies += 8) {
        const unnamed = (1 - CAUGHT) ** lies * (1 - sampled / rows) ** lies;
        const lost = again - BOUND * rowsIfNamed(taken + lies);
        best = Math.max(best, unnamed * (lies + next) + (1 - unnamed) * lost);
      }
    }
    return best;
  }
}

describe("who chooses when a ledger of a stream ends", () => {
  const chainRows = streamChainRows(BOUND, CAUGHT);

  test("gains nothing, however many chains follow each other, as long as one with a naming has to be full", () => {
    let gain = 0;
    for (let chain = 0; chain < 8; chain++) gain = bestGain((rows) => Math.max(rows, chainRows), gain);
    expect(gain).toBeLessThanOrEqual(1e-9);
  });

  test("gains more and more where a naming lets it begin anew at once, or when only a first ledger is full", () => {
    const first = streamLedgerRows([], BOUND, chainRows);
    for (const rowsIfNamed of [(rows: number) => rows, (rows: number) => Math.max(rows, first)]) {
      let gain = 0;
      for (let chain = 0; chain < 8; chain++) gain = bestGain(rowsIfNamed, gain);
      // In lies beyond what the bound allows.
      expect(gain).toBeGreaterThan(1);
    }
  });
});
