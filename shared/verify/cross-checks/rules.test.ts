/** Rates, certificates and routes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ATTEMPT_WEIGHT, acceptanceConstant, attemptBound, jobChecks, SAMPLE_NAMINGS } from "./acceptance.ts";
import { anchorShareOfJob, baseCheckShare, duplicateShare } from "./check-rates.ts";
import { pairAgrees } from "./pair-agreement.ts";
import { ANCHOR_SHARE, CHECK_SHARE } from "./parameters.ts";
import { splitBound } from "./split-bound.ts";

const rowsOfJob = fc.integer({ min: 100, max: 10_000_000 });
const beta = fc.double({ min: 1 / 3, max: 0.6, noNaN: true });

describe("rates", () => {
  test("every share of checks lies within its limits, and no record enters it", () => {
    fc.assert(
      fc.property(rowsOfJob, beta, fc.double({ min: 1e-5, max: 1e-2, noNaN: true }), (rows, share, bound) => {
        for (const rate of [baseCheckShare(rows, bound, share), duplicateShare(rows / 100, 92, share)]) {
          expect(rate).toBeGreaterThanOrEqual(CHECK_SHARE.base);
          expect(rate).toBeLessThanOrEqual(CHECK_SHARE.most);
        }
      }),
      { seed: 14_012, numRuns: 300 },
    );
    expect(duplicateShare(0, 92, 0.3)).toBe(CHECK_SHARE.most);
  });

  test("anchors: a twentieth at first, then as the square root of the answers, never below two in ten thousand", () => {
    expect(anchorShareOfJob(0, 10_000)).toBeCloseTo(0.01, 12);
    expect(anchorShareOfJob(0, 100_000)).toBeCloseTo(0.00316, 5);
    expect(anchorShareOfJob(0, 4)).toBe(ANCHOR_SHARE.most);
    expect(anchorShareOfJob(1e9, 1e6)).toBe(ANCHOR_SHARE.least);
  });

  test("where the base share is not at its limit a clean job is certified as a whole, with a third to spare", () => {
    fc.assert(
      fc.property(rowsOfJob, beta, (rows, share) => {
        const h = baseCheckShare(rows, 5e-4, share);
        const stated = attemptBound(0, jobChecks(0, h, share, rows), ATTEMPT_WEIGHT.job);
        if (h < CHECK_SHARE.most) expect(stated).toBeLessThanOrEqual(5e-4 / 1.3 + 1e-12);
      }),
      { seed: 14_013, numRuns: 300 },
    );
  });
});

describe("certificates", () => {
  test("the whole job's attempt and the three samples promise the bound once, together", () => {
    expect(1 / ATTEMPT_WEIGHT.job + SAMPLE_NAMINGS.length / ATTEMPT_WEIGHT.sample).toBe(1);
  });

  test("every naming counts, whoever it was: with one more the job states more", () => {
    for (let named = 0; named < 40; named++) {
      expect(acceptanceConstant(named + 1)).toBeGreaterThan(acceptanceConstant(named));
    }
  });

  test("the lowest share of checks decides, and not the mean", () => {
    expect(jobChecks(0, 0.04, 0.5, 1_000)).toBe(20);
    expect(attemptBound(0, jobChecks(0, 0.04, 0.5, 1e6), 2)).toBeGreaterThan(
      attemptBound(0, jobChecks(0, 0.06, 0.5, 1e6), 2),
    );
  });
});

describe("routes", () => {
  const job = { bound: 1e-3, colluderShare: 0.527, rowsSinceAlarm: 0 };

  test("the parts of the routes are one bound, whatever the job; a strict one gives nothing to what leans on others", () => {
    fc.assert(
      fc.property(rowsOfJob, fc.boolean(), fc.boolean(), beta, (rows, wasSomebodyNamed, isStrict, share) => {
        const {
          volunteers,
          job: whole,
          records,
        } = splitBound({ ...job, rows, wasSomebodyNamed, isStrict, colluderShare: share });
        expect(volunteers + whole + records).toBeCloseTo(1, 12);
        for (const part of [volunteers, whole, records]) expect(part).toBeGreaterThanOrEqual(0);
        expect(records === 0).toBe(isStrict);
      }),
      { seed: 14_016, numRuns: 200 },
    );
  });

  test("a quiet service halves it, a small job gives all to the certificate, after namings volunteers have nine tenths", () => {
    const split = (rows: number, wasSomebodyNamed: boolean) =>
      splitBound({ ...job, rows, wasSomebodyNamed, isStrict: true }).volunteers;
    expect([split(100_000, false), split(10_000, false), split(100_000, true), split(10_000, true)]).toEqual([
      0.5, 0, 0.9, 0.9,
    ]);
  });
});

describe("do two rows agree", () => {
  test("both ways round alike, and two honest ones within a quarter of the tolerance of the model always", () => {
    const row = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 3, maxLength: 3 });
    const error = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(row, error, error, (model, one, other) => {
        const rms = Math.sqrt(model.reduce((sum, value) => sum + value * value, 0) / model.length);
        const said = (by: number) => model.map((value) => value + (by * 1e-3 * rms) / 4.1);
        expect(pairAgrees(said(one), said(other), 1e-3, 1e-3)).toBe(true);
        expect(pairAgrees(said(one), model, 1e-3, 5e-2)).toBe(pairAgrees(model, said(one), 5e-2, 1e-3));
      }),
      { seed: 14_017, numRuns: 500 },
    );
  });

  test("outputs of a row that holds several are compared each on its own scale", () => {
    const parts = [
      { size: 2, scaleFloor: 0 },
      { size: 1, scaleFloor: 2 },
    ];
    expect(pairAgrees([1e6, 1e6, 0.5], [1e6, 1e6, 0.5005], 1e-3, 1e-3, parts)).toBe(true);
    expect(pairAgrees([1e6, 1e6, 0.5], [1e6, 1e6, 0.502], 1e-3, 1e-3, parts)).toBe(false);
    expect(() => pairAgrees([1, 2], [1, 2], 1e-3, 1e-3, parts)).toThrow(/parts of 2 numbers/);
    expect(() => pairAgrees([], [], 1e-3, 1e-3)).toThrow(/one length/);
    expect(() => pairAgrees([1], [1, 2], 1e-3, 1e-3)).toThrow(/one length/);
  });
});
