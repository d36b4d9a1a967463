/** [CK14] The block of an open job: windows with terms of their own under one reserve, what they cost, and what a coalition gets of them. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { chargeBlock, closeBlock, free, newAccount } from "./account.ts";
import { type OpenWindowAsked, openWindow, openWindowRows, stricterTerms, takeWindowBack } from "./open-blocks.ts";
import type { Account, Block } from "./words.ts";

const ASKED: Omit<OpenWindowAsked, "newRows" | "submitterRows"> = {
  ...{ rowsAgain: 0, hasCrowd: true, colluderShare: 1 / 3, othersOpenOrWait: false, priceMaxRows: null },
};

function opened(account: Account, before: Block | null, newRows: number, asked: Partial<OpenWindowAsked> = {}) {
  const window = openWindow(account, before, { ...ASKED, newRows, submitterRows: account.places, ...asked });
  if ("refused" in window) throw new Error(`expected a window, got ${window.refused.why}`);
  return window;
}

test("whatever is opened, charged and taken back in whichever order, the account never holds more than it earned, and each reserve pays for its c", () => {
  const STEP = fc.record({ rows: fc.integer({ min: 1, max: 5_000 }), what: fc.integer({ min: 0, max: 9 }) });
  fc.assert(
    fc.property(fc.array(STEP, { minLength: 1, maxLength: 60 }), fc.boolean(), (steps, hasCrowd) => {
      let account = newAccount(1e-3);
      let block: Block | null = null;
      for (const { rows, what } of steps) {
        const asked = { ...ASKED, hasCrowd, newRows: rows, submitterRows: account.places };
        const window = openWindow(account, block, asked);
        if ("refused" in window) {
          expect(free({ ...account, places: account.places + rows, held: 0 })).toBeLessThan(1e-6);
          continue;
        }
        const { checkShare, reserve } = window.block.terms;
        expect(reserve).toBeGreaterThanOrEqual((1 - checkShare) / checkShare - 1e-6);
        if (block !== null) expect(reserve).toBeGreaterThanOrEqual(block.terms.reserve);
        if (what === 0) {
          expect(takeWindowBack(window.account, block, window.block, rows)).toEqual(account);
          continue;
        }
        ({ account, block } = window);
        expect(free(account)).toBeGreaterThanOrEqual(-1e-9);
        if (what === 1) account = chargeBlock(account, block).account;
        if (what === 2) account = closeBlock(account, block).account;
        if (what <= 2) block = null;
      }
    }),
    { numRuns: 300 },
  );
});

test("of a new submitter's first 100,000 rows the coordinator computes 4 %, of those after them .4 %, with 2 % of duplicates", () => {
  let account = newAccount(1e-3);
  let block: Block | null = null;
  const [trusted, rowsIn, duplicates] = [
    [0, 0],
    [0, 0],
    [0, 0],
  ];
  for (let rows = 1; account.places < 300_000; ) {
    ({ account, block } = opened(account, block, rows));
    rows = openWindowRows(account.places);
    const { anchorShare, firstAnchorShare, firstRows, sampleShare, duplicateShare } = block!.terms;
    const part = account.places <= 100_000 ? 0 : 1;
    const anchors = anchorShare * rows + (firstAnchorShare - anchorShare) * Math.min(rows, firstRows);
    trusted[part]! += anchors + Math.ceil(sampleShare * (rows - anchors));
    duplicates[part]! += duplicateShare * rows;
    rowsIn[part]! += rows;
  }
  expect(trusted[0]! / rowsIn[0]!).toBeLessThan(0.042);
  expect(trusted[1]! / rowsIn[1]!).toBeLessThan(0.004);
  expect(duplicates[1]! / rowsIn[1]!).toBeLessThan(0.02);
});

/**
 * The most that a coalition expects of a block whose windows have these shares, exactly: it knows each coin at once, tells up to `most` lies in each window, in
 * the window after one whose sample is still out too, and stops when it likes.
 */
function worth(windows: readonly { c: number; c0: number; reserve: number }[], most: number): number {
  const known = new Map<string, number>();
  const value = (at: number, pending: number, told: number): number => {
    const key = `${at} ${pending} ${told}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const { c0, reserve } = windows[at]!;
    const sampleMisses = (window: number, lies: number) => {
      const one = windows[window]!;
      return ((1 - one.c) / (1 - one.c0)) ** lies;
    };
    const choices: number[] = [];
    if (told < most) choices.push((1 - c0) * value(at, pending, told + 1) - c0 * reserve);
    if (pending > 0) {
      const misses = sampleMisses(at - 1, pending);
      choices.push(misses * (pending + value(at, 0, told)) - (1 - misses) * reserve);
    } else if (at + 1 < windows.length) choices.push(value(at + 1, told, 0));
    else {
      const misses = sampleMisses(at, told);
      choices.push(misses * told - (1 - misses) * reserve);
    }
    const best = Math.max(...choices);
    known.set(key, best);
    return best;
  };
  return value(0, 0, 0);
}

test("no coalition gains by windows whose reserve is raised while samples of those before are out; with reserves that are not it does", () => {
  const shares = [0.9, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02];
  const windowsOf = (reserveOf: (c: number) => number) =>
    shares.map((c) => ({ c, c0: Math.min(c, 0.014), reserve: reserveOf(c) }));
  for (let last = 1; last <= shares.length; last++)
    expect(worth(windowsOf((c) => (1 - c) / c).slice(0, last), 40)).toBeLessThanOrEqual(1e-9);
  const [first] = windowsOf((c) => (1 - c) / c);
  expect(
    worth(
      windowsOf(() => first!.reserve),
      40,
    ),
  ).toBeGreaterThan(1);
});

test("of two terms the stricter ones count, and a window is an eighth of what was asked for, within limits", () => {
  const { block } = opened(newAccount(1e-3), null, 1_000);
  const stricter = { ...block.terms, checkShare: 0.9 };
  expect([stricterTerms(block.terms, stricter), stricterTerms(stricter, block.terms)]).toEqual([stricter, stricter]);
  expect([openWindowRows(0), openWindowRows(8_000), openWindowRows(1e6)]).toEqual([64, 1_000, 4_096]);
});

test("a cap of its submitter refuses a window, and nothing is booked", () => {
  const account = newAccount(1e-3);
  const asked = { ...ASKED, newRows: 1_000, submitterRows: 0, priceMaxRows: 3 };
  expect(openWindow(account, null, asked)).toMatchObject({ refused: { why: "cap" } });
});
