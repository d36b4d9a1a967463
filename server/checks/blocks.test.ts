import fc from "fast-check";
import { expect, test } from "vitest";
import { closeBlock, newAccount, openBlock } from "./account.ts";
import { blockAt, blockSizes, leastBlockRows, windowRows, windowsOf } from "./blocks.ts";
import { blockAsked } from "./testing/block-asked.ts";
import type { Account } from "./words.ts";

test("the blocks of a job are its rows, cut evenly, none below the least; each row lies in one of them", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3_000_000 }), fc.constantFrom(1e-4, 1e-3, 0.01, 0.1), (rows, answerBound) => {
      const sizes = blockSizes(rows, answerBound);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(rows);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      if (sizes.length > 1) expect(Math.min(...sizes)).toBeGreaterThanOrEqual(leastBlockRows(answerBound));
      expect(Math.max(...sizes)).toBeLessThan(2 * leastBlockRows(answerBound) + 1);
      let start = 0;
      for (const [block, size] of sizes.entries()) {
        expect([blockAt(sizes, start), blockAt(sizes, start + size - 1)]).toEqual([block, block]);
        start += size;
      }
      expect(() => blockAt(sizes, rows)).toThrow("expected a position below");
    }),
  );
});

test("no piece of a long job needs a sample, however many of them are open at once", () => {
  let account: Account = newAccount(1e-3);
  for (const rows of blockSizes(1_000_000, 1e-3)) {
    const opening = openBlock(account, blockAsked({ rows, hasCrowd: true, othersOpenOrWait: true }));
    account = opening.account;
    expect(opening).toMatchObject({ block: { terms: { sampleShare: 0, duplicateShare: expect.any(Number) } } });
  }
  expect(account.held).toBeLessThanOrEqual(1_000);
});

test("a job is cut only where each piece carries itself: in pieces it costs a young account at most what it does in one", () => {
  const priceInPieces = (rows: number, pieces: number): number => {
    let [account, price]: [Account, number] = [newAccount(1e-3), 0];
    for (let piece = 0; piece < pieces; piece++) {
      const size = rows / pieces;
      const opening = openBlock(account, blockAsked({ rows: size, submitterRows: piece * size }));
      if (!("block" in opening)) throw new Error("expected a block");
      price += opening.block.terms.priceRows;
      account = closeBlock(opening.account, opening.block).account;
    }
    return price;
  };
  expect(priceInPieces(16_000, 8)).toBeGreaterThan(2 * priceInPieces(16_000, 1));
  expect(priceInPieces(196_000, 4)).toBeCloseTo(priceInPieces(196_000, 1), 0);
});

test("a block that its coins carry has windows, one that needs a sample has none", () => {
  expect(windowRows({ rows: 50_000, sampleShare: 0 })).toBe(12_500);
  expect(windowRows({ rows: 5_000, sampleShare: 0 })).toBe(1_250);
  expect(windowRows({ rows: 50_000, sampleShare: 0.01 })).toBeNull();
  expect(windowRows({ rows: 1_000, sampleShare: 0 })).toBeNull();
  const sizes = [50_000, 2_500, 1_000].map((rows) => windowsOf({ rows, sampleShare: 0 }));
  expect([...sizes, windowsOf({ rows: 50_000, sampleShare: 0.01 })]).toEqual([4, 3, 1, 1]);
});
