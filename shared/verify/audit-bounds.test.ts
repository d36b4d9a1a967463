import { describe, expect, test } from "vitest";
import { simulationRandom } from "../random/simulation-random.ts";
import { answerBound, auditsNeeded, escapeProbability, freshBound, recordBound } from "./audit-bounds.ts";
import { drawRows } from "./draw-rows.ts";

function choose(from: number, count: number): number {
  let ways = count > from ? 0 : 1;
  for (let step = 0; step < count && ways > 0; step++) ways = (ways * (from - step)) / (step + 1);
  return ways;
}

describe("one batch", () => {
  test("the chance to escape is C(G-b, c) / C(G, c), for every b and c up to G = 14", () => {
    let caseCount = 0;
    for (let batchRows = 1; batchRows <= 14; batchRows++) {
      for (let badRows = 0; badRows <= batchRows; badRows++) {
        for (let auditedRows = 0; auditedRows <= batchRows; auditedRows++) {
          const expected = choose(batchRows - badRows, auditedRows) / choose(batchRows, auditedRows);
          expect(escapeProbability(batchRows, badRows, auditedRows)).toBeCloseTo(expected, 12);
          caseCount++;
        }
      }
    }
    expect(caseCount).toBe(Array.from({ length: 14 }, (_, g) => (g + 2) ** 2).reduce((a, b) => a + b, 0));
  });

  test("a liar escapes as often as the formula says, and no share gets more through than the bound", () => {
    const random = simulationRandom(11);
    const [batchRows, auditedRows, trialCount] = [20, 2, 4000];
    const bound = freshBound(batchRows, auditedRows);
    for (const badRows of [1, 2, 5, 7, 10, 18, 19]) {
      let escapedCount = 0;
      for (let trial = 0; trial < trialCount; trial++) {
        // Bad rows are the first ones: the audited ones are drawn uniformly, so their place does not matter.
        if (drawRows(random, batchRows, auditedRows).every((row) => row >= badRows)) escapedCount++;
      }
      const chance = escapeProbability(batchRows, badRows, auditedRows);
      const spread = Math.sqrt((chance * (1 - chance)) / trialCount);
      expect(Math.abs(escapedCount / trialCount - chance)).toBeLessThan(4 * spread + 1e-9);
      expect((badRows / batchRows) * (escapedCount / trialCount)).toBeLessThan(
        bound + (4 * spread * badRows) / batchRows,
      );
    }
  });

  test("the fresh bound is about .25 at one audited row and .10 at three, 1 without, 0 where all are audited", () => {
    expect(freshBound(1000, 1)).toBeCloseTo(0.25, 2);
    expect(freshBound(1000, 3)).toBeCloseTo(27 / 256, 2);
    expect(freshBound(10, 0)).toBe(1);
    expect(freshBound(10, 10)).toBe(0);
    expect(freshBound(1, 1)).toBe(0);
  });

  test("more audits never make a bound worse", () => {
    for (let auditedRows = 1; auditedRows <= 40; auditedRows++) {
      expect(freshBound(40, auditedRows)).toBeLessThanOrEqual(freshBound(40, auditedRows - 1));
    }
  });
});

describe("a record", () => {
  test("over all rates of lying, the chance of a wrong row after k passes stays within the bound", () => {
    let caseCount = 0;
    for (const liarShare of [0.01, 0.1, 0.2, 0.5, 0.8]) {
      for (const passed of [0, 1, 2, 5, 20, 100, 1000]) {
        const bound = recordBound(passed, liarShare);
        for (let rate = 0.0005; rate <= 1; rate += 0.0005) {
          const survivors = liarShare * (1 - rate) ** passed;
          expect((rate * survivors) / (1 - liarShare + survivors)).toBeLessThanOrEqual(bound + 1e-12);
          caseCount++;
        }
      }
    }
    expect(caseCount).toBeGreaterThan(69_000);
  });

  test("simulated crowds with blacklisting deliver no more wrong rows than the bound, and near the worst rate almost as many", () => {
    const random = simulationRandom(12);
    const [liarShare, passed, crowd] = [0.2, 10, 40_000];
    const bound = recordBound(passed, liarShare);
    const shareWrong = (rate: number): number => {
      let [survivorCount, wrongCount] = [0, 0];
      for (let v = 0; v < crowd; v++) {
        const isLiar = random.uniform() < liarShare;
        let isCaught = false;
        for (let audit = 0; audit < passed && !isCaught; audit++) isCaught = isLiar && random.uniform() < rate;
        if (isCaught) continue;
        survivorCount++;
        if (isLiar && random.uniform() < rate) wrongCount++;
      }
      return wrongCount / survivorCount;
    };
    for (const rate of [0.02, 0.05, 1 / 11, 0.2, 0.5, 1]) expect(shareWrong(rate)).toBeLessThan(bound + 0.002);
    expect(shareWrong(1 / 11)).toBeGreaterThan(0.75 * bound);
  });

  test("no record means the share of liars, and a record never makes it worse", () => {
    expect(recordBound(0, 0.1)).toBe(0.1);
    expect(recordBound(1, 0.9)).toBe(0.9);
    expect(recordBound(5, 1)).toBe(1);
    expect(recordBound(5, 0)).toBe(0);
    expect(recordBound(92, 0.2)).toBeCloseTo(1e-3, 4);
  });

  test("auditsNeeded is the smallest number that is enough", () => {
    for (const liarShare of [0, 0.05, 0.1, 0.2, 0.5, 0.9]) {
      for (const bound of [0.3, 0.1, 1e-2, 1e-3, 1e-6]) {
        const needed = auditsNeeded(bound, liarShare);
        expect(recordBound(needed, liarShare)).toBeLessThanOrEqual(bound);
        if (needed > 0) expect(recordBound(needed - 1, liarShare)).toBeGreaterThan(bound);
      }
    }
    expect(auditsNeeded(1e-3, 0.1)).toBe(41);
    expect(auditsNeeded(1e-3, 0.2)).toBe(92);
    expect(auditsNeeded(1e-3, 1)).toBe(Number.POSITIVE_INFINITY);
    expect(() => auditsNeeded(0, 0.1)).toThrow(RangeError);
  });
});

test("an answer carries the better of its two bounds", () => {
  const facts = { batchRows: 10, auditedRows: 1, liarShare: 0.1, hasSecondOpinion: false };
  expect(answerBound({ ...facts, auditsPassed: 0 })).toBe(0.1 * freshBound(10, 1));
  expect(answerBound({ ...facts, auditsPassed: 100 })).toBe(recordBound(100, 0.1));
  expect(answerBound({ ...facts, auditedRows: 10, auditsPassed: 0 })).toBe(0);
});

test("where a second opinion agreed, two liars are needed: among a fifth of liars who all know each other too", () => {
  const liarShare = 0.2;
  const facts = { batchRows: 10, auditedRows: 3, auditsPassed: 0, liarShare };
  const bound = answerBound({ ...facts, hasSecondOpinion: true });
  expect(bound).toBeCloseTo(liarShare * answerBound({ ...facts, hasSecondOpinion: false }), 15);
  const random = simulationRandom(5);
  let [wrong, rows] = [0, 0];
  const badRows = 2; // the worst number, against 3 audits of 10
  for (let batch = 0; batch < 200_000; batch++) {
    // It lies where its friend will vouch for it; otherwise the two differ, and an audit finds out.
    const lies = random.uniform() < liarShare && random.uniform() < liarShare;
    if (lies && drawRows(random, 10, 3).some((row) => row < badRows)) continue;
    rows += 10;
    if (lies) wrong += badRows;
  }
  expect(wrong / rows).toBeLessThan(1.1 * bound);
  expect(wrong / rows).toBeGreaterThan(0.8 * bound);
});

test("numbers out of range are refused, and the error says which, and what was expected", () => {
  expect(() => escapeProbability(0, 0, 0)).toThrow("expected batchRows to be a whole number in 1..");
  expect(() => escapeProbability(10, 11, 1)).toThrow("expected badRows to be a whole number in 0..10, got 11");
  expect(() => escapeProbability(10, -1, 1)).toThrow("expected badRows");
  expect(() => escapeProbability(10, 0.5, 1)).toThrow("expected badRows");
  expect(() => escapeProbability(10, 1, 11)).toThrow("expected auditedRows to be a whole number in 0..10, got 11");
  expect(() => escapeProbability(10, 1, -1)).toThrow("expected auditedRows");
  expect(() => recordBound(-1, 0.1)).toThrow("expected auditsPassed");
  expect(() => recordBound(1, 1.1)).toThrow("expected a share in 0..1, got 1.1");
  expect(() => recordBound(1, -0.1)).toThrow("expected a share in 0..1, got -0.1");
  expect(() => auditsNeeded(0, 0.1)).toThrow("expected a bound above 0, got 0");
  expect(() => auditsNeeded(-1e-3, 0.1)).toThrow("expected a bound above 0, got -0.001");
  expect(() => auditsNeeded(Number.NaN, 0.1)).toThrow("expected a bound above 0");
  expect(() => auditsNeeded(1e-3, 1.1)).toThrow("expected a share in 0..1");
  expect(() => auditsNeeded(1e-3, -0.1)).toThrow("expected a share in 0..1");
});

test("a share of liars within the bound needs no audit, not even where the bound is one and all are liars", () => {
  expect(auditsNeeded(0.1, 0.1)).toBe(0);
  expect(auditsNeeded(1, 1)).toBe(0);
  expect(auditsNeeded(0.0999, 0.1)).toBeGreaterThan(0);
});

test("a bound that a record reaches exactly is reached", () => {
  for (const liarShare of [0.1, 0.3, 0.5]) {
    for (let passed = 1; passed <= 200; passed++) {
      if (recordBound(passed, liarShare) === liarShare) continue; // so short a record says nothing
      expect(auditsNeeded(recordBound(passed, liarShare), liarShare)).toBe(passed);
    }
  }
});

test("[VF9] where nothing is said of a second opinion there was none", () => {
  const facts = { batchRows: 10, auditedRows: 3, auditsPassed: 5, liarShare: 0.2 };
  expect(answerBound(facts)).toBe(answerBound({ ...facts, hasSecondOpinion: false }));
  expect(answerBound(facts)).toBeGreaterThan(answerBound({ ...facts, hasSecondOpinion: true }));
});
