import { describe, expect, test } from "vitest";
import { attemptBound } from "./acceptance.ts";
import { closedLedgerBound, ledgerBound, ledgerOf, ledgerTerms, WINDOWS_PER_LEDGER } from "./ledger.ts";

const C = 0.02;

/**
 * The most lies that are ever certified on average, in units of 1/c: each lie is an identity of its own and found with chance c by the end
 * of its window; by dynamic programming over namings and over lies that stand uncertified, the coalition going on as it likes.
 * @param budget c B eps: kappa of the full ledger, times the bound
 */
function bestCoalition(budget: number, windows: number, early: typeof ledgerBound, end: typeof ledgerBound): number {
  const [standingMost, namedMost] = [Math.ceil(8 / C), Math.ceil(budget) + 2];
  const isCertified = (window: number, named: number) => early(named, window / windows) <= budget;
  let later: Float64Array[] = Array.from({ length: namedMost + 2 }, (_, named) =>
    Float64Array.from({ length: standingMost + 1 }, (_s, standing) => (end(named, 1) <= budget ? standing : 0)),
  );
  for (let window = windows; window >= 1; window--) {
    const now: Float64Array[] = later.map(() => new Float64Array(standingMost + 1));
    for (let named = namedMost + 1; named >= 0; named--) {
      for (let standing = standingMost; standing >= 0; standing--) {
        const closed = isCertified(window, named) ? standing + later[named]![0]! : later[named]![standing]!;
        const canLie = standing < standingMost && named <= namedMost;
        const lied = canLie ? (1 - C) * now[named]![standing + 1]! + C * now[named + 1]![standing]! : 0;
        now[named]![standing] = Math.max(closed, lied);
      }
    }
    later = now;
  }
  return C * later[0]![0]!;
}

// As the rules have them, of kappa = 1 for the full ledger: bound <= budget is (D + 1) / share <= budget, uncapped.
const uncapped = (spare: number) => (named: number, share: number) => (named + spare) / share;
const [early, end] = [uncapped(1), uncapped(1 / Math.E)];

describe("certificates while a job runs", () => {
  test("no coalition gets more certified than the ledger promises, whatever its budget, and it comes near", () => {
    for (const budget of [0.4, 0.9, 1, 1.2, 1.38, 1.9, 2.5, 3, 3.4]) {
      const best = bestCoalition(budget, 8, early, end);
      expect(best).toBeLessThanOrEqual(budget);
      expect(best).toBeGreaterThan(0.3 * budget);
    }
  });

  test("with V_D at a full ledger, as at the end of what was certified never before, it would be too much", () => {
    const atEnd = (named: number, share: number) => attemptBound(named, share, 1);
    expect(attemptBound(1, 10, 1)).toBeLessThan(closedLedgerBound(1, 10));
    // V_1 = 1.104: a lie before the first naming is certified, and one after it stands.
    const budget = 1.11;
    const withV = (named: number, share: number) => (atEnd(named, 1e3 * share) * 1e3) / 1;
    expect(bestCoalition(budget, 50, early, withV)).toBeGreaterThan(budget);
    expect(bestCoalition(budget, 50, early, end)).toBeLessThanOrEqual(budget);
  });

  test("a ledger that began anew with each naming would promise too little: a lie in a hundred, instead of one in a thousand", () => {
    // Three times as many lies as one naming stands for, told at once: they pass now and then, and who fails tries again at once.
    const [c, rows, bound] = [0.02, 50_000, 1e-3];
    const lies = 3 / c;
    const passes = (1 - c) ** lies;
    const rowsPerFailure = 200;
    const rowsPerPass = rows + rowsPerFailure * (1 / passes - 1);
    expect(lies / rowsPerPass).toBeGreaterThan(2 * bound);
  });
});

test("a job is cut into ledgers that certify themselves from a third on, and small ones into none", () => {
  expect(ledgerTerms(20_000, 5e-4, 0.0189)).toEqual({ ledgers: 1, windowRows: 800 });
  const large = ledgerTerms(1_000_000, 5e-4, 0.0189);
  expect(large.ledgers).toBe(3);
  expect(ledgerBound(0, (0.0189 * 1_000_000) / 3 / 3)).toBeLessThanOrEqual(5e-4);
  expect(ledgerOf(WINDOWS_PER_LEDGER, large)).toBe(1);
  expect(ledgerOf(100 * WINDOWS_PER_LEDGER, large)).toBe(2);
});
