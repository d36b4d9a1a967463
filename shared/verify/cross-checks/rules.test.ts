/** Rates, certificates, routes and finality. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ATTEMPT_WEIGHT, acceptanceConstant, attemptBound, jobChecks, SAMPLE_NAMINGS } from "./acceptance.ts";
import { anchorShareOfJob, baseCheckShare, duplicateShare } from "./check-rates.ts";
import { isFinalAnswer, statedBound } from "./finality.ts";
import { queuedInBatch } from "./hidden-duplicates.ts";
import { pairAgrees } from "./pair-agreement.ts";
import { ANCHOR_SHARE, CHECK_SHARE } from "./parameters.ts";
import { highestCheckShare, mustRaise } from "./raise-checks.ts";
import { planSample } from "./samples.ts";
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

  test("a volunteer's queue fills at most a fifth of its batch", () => {
    expect([queuedInBatch(3, 40), queuedInBatch(100, 40), queuedInBatch(1, 1), queuedInBatch(0, 40)]).toEqual([
      3, 8, 1, 0,
    ]);
  });

  const crowd = {
    rows: 100_000,
    answered: 20_000,
    volunteers: 100,
    volunteersBound: 9e-4,
    jobBound: 1e-4,
    baseShare: 0.04,
    liarShare: 0.2,
    colluderShare: 1 / 3,
    checksSeen: 900,
    checksAtLatestNaming: 850,
  };

  test("checks are raised after a naming, in the middle of a job, where that can reach the bound of a volunteer", () => {
    // The room of a sample at a tenth of the bound would be all of the budget.
    expect(mustRaise({ ...crowd, jobBound: 1e-3 })).toBe(true);
    const never = [
      { checksAtLatestNaming: null },
      { checksAtLatestNaming: 10 },
      { answered: 5_000 },
      { answered: 70_000 },
    ];
    for (const facts of [...never, { volunteers: 10_000 }, { volunteersBound: 0 }]) {
      expect([facts, mustRaise({ ...crowd, jobBound: 1e-3, ...facts })]).toEqual([facts, false]);
    }
  });

  test("the highest share leaves room for one sample, and never falls below what the job began with", () => {
    fc.assert(
      fc.property(rowsOfJob, beta, fc.double({ min: 1e-4, max: 1e-2, noNaN: true }), (rows, share, jobBound) => {
        const facts = { ...crowd, rows, colluderShare: share, jobBound };
        const most = highestCheckShare(facts);
        expect(most).toBeGreaterThanOrEqual(facts.baseShare);
        expect(most).toBeLessThanOrEqual(CHECK_SHARE.most);
      }),
      { seed: 14_014, numRuns: 300 },
    );
    expect(highestCheckShare({ ...crowd, rows: 1_000, jobBound: 0 })).toBe(CHECK_SHARE.most);
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

  test("a sample says what was asked where it is passed with the namings that it tolerates, and not with one more", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 }), rowsOfJob, beta, (attempt, rows, share) => {
        const facts = { attempt, bound: 5e-4, colluderShare: share, standingRows: rows, jobRows: rows };
        const sample = planSample({ ...facts, duplicatesLeft: 0.1 * rows });
        if (sample === null) return;
        const { tolerated, checks, trustedRows, duplicateRows } = sample;
        expect(attemptBound(tolerated, checks, ATTEMPT_WEIGHT.sample)).toBeLessThanOrEqual(5e-4);
        expect(attemptBound(tolerated + 1, checks, ATTEMPT_WEIGHT.sample)).toBeGreaterThan(5e-4);
        expect(trustedRows + (1 - share) * duplicateRows).toBeGreaterThanOrEqual(checks);
        expect(duplicateRows).toBeLessThanOrEqual(0.1 * rows);
        expect(trustedRows).toBeLessThanOrEqual(0.001 * rows);
      }),
      { seed: 14_015, numRuns: 300 },
    );
  });

  test("there are three samples, and none where the budget has no room for the least", () => {
    const facts = { bound: 5e-4, colluderShare: 1 / 3, standingRows: 1e6, jobRows: 1e6, duplicatesLeft: 2e5 };
    expect([0, 1, 2, 3].map((attempt) => planSample({ ...facts, attempt })?.tolerated)).toEqual([0, 2, 6, undefined]);
    expect(planSample({ ...facts, attempt: 2, duplicatesLeft: 30_000 })?.tolerated).toBeLessThan(6);
    expect(planSample({ ...facts, attempt: 0, duplicatesLeft: 1_000 })).toBeNull();
    expect(planSample({ ...facts, attempt: 0, standingRows: 5_000 })).toBeNull();
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

  const facts = {
    bounds: { volunteer: 4e-4, job: 1e-4, record: 2e-6, service: 1 },
    shares: { volunteers: 0.81, job: 0.09, records: 0.1 },
    hasQuietJob: true,
    agreements: 0,
    colluderShare: 1 / 3,
  };

  test("each route is divided by its part; what leans on ended jobs says so, and is not for jobs with a naming", () => {
    expect(statedBound(facts)).toEqual({ bound: expect.closeTo(2e-5, 9), isAveragedOverService: true });
    expect(statedBound({ ...facts, hasQuietJob: false })).toEqual({
      bound: expect.closeTo(4e-4 / 0.81, 9),
      isAveragedOverService: false,
    });
    const strict = { volunteers: 0.9, job: 0.1, records: 0 };
    expect(statedBound({ ...facts, shares: strict }).isAveragedOverService).toBe(false);
    expect(statedBound({ ...facts, agreements: 1 }).bound).toBeCloseTo(2e-5 / 3, 9);
  });

  test("an answer is final within the bound, and not before its own coin is answered", () => {
    expect(isFinalAnswer(1e-3, 1e-3, true)).toBe(true);
    expect(isFinalAnswer(1e-3, 1e-3, false)).toBe(false);
    expect(isFinalAnswer(1.1e-3, 1e-3, true)).toBe(false);
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
