import fc from "fast-check";
import { expect, test } from "vitest";
import {
  accountKey,
  chargeBlock,
  closeBlock,
  countComputed,
  free,
  leaveUnanswered,
  newAccount,
  openBlock,
} from "./account.ts";
import { blockAsked } from "./testing/block-asked.ts";
import type { Account, Block, BlockAsked } from "./words.ts";

/** What is written down of an account beside it, to compare with. */
interface Booked {
  block: Block;
  /** As text, from its opening. */
  readonly terms: string;
  readonly asked: BlockAsked;
}

const copyOf = <T>(stored: T): T => JSON.parse(JSON.stringify(stored));

class Ledger {
  account: Account;
  readonly booked: Booked[] = [];
  /** Places that count, each once. */
  places = 0;
  routeOne = 0;

  constructor(answerBound: number) {
    this.account = newAccount(answerBound);
  }

  get open(): Booked[] {
    return this.booked.filter(({ block }) => block.state === "open");
  }

  ask(asked: BlockAsked): void {
    const before = this.account;
    const opening = openBlock(this.account, asked);
    this.account = opening.account;
    if ("waits" in opening) {
      expect(opening.account).toEqual(before);
      expect(before.held).toBeGreaterThan(0);
      return;
    }
    if ("refused" in opening) {
      // However often it is asked; what the coordinator computes of it counts.
      expect(openBlock(opening.account, asked).account).toEqual(before);
      if (!asked.isRetry && opening.refused.why !== "cap" && asked.rows < 200) {
        this.account = countComputed(this.account, asked.rows);
        this.places += asked.rows;
      }
      return;
    }
    if (!asked.isRetry) {
      this.places += asked.rows;
      this.routeOne += asked.routeOneShare * asked.rows * before.answerBound;
    }
    if ("block" in opening) {
      this.booked.push({ block: opening.block, terms: JSON.stringify(opening.block.terms), asked });
    }
  }

  end(entry: Booked, end: typeof chargeBlock | typeof closeBlock): void {
    const { account, block } = end(this.account, entry.block);
    this.account = account;
    entry.block = block;
  }

  cancel(entry: Booked, unanswered: number, end: typeof chargeBlock | typeof closeBlock): void {
    this.end(entry, end);
    const rows = entry.asked.isRetry ? 0 : unanswered;
    const before = this.account.places;
    this.account = leaveUnanswered(this.account, entry.block.terms, rows);
    const left = before - this.account.places;
    expect(left).toBeLessThanOrEqual(rows);
    this.places -= left;
    this.routeOne -= left * entry.asked.routeOneShare * this.account.answerBound;
  }

  /** Everything is read again from what is stored. */
  crash(): void {
    this.account = copyOf(this.account);
    for (const entry of this.booked) entry.block = copyOf(entry.block);
  }

  check(): void {
    const { account } = this;
    const reserves = (state: Block["state"]) =>
      this.booked.filter(({ block }) => block.state === state).reduce((sum, { block }) => sum + block.terms.reserve, 0);
    expect(account.places).toBe(this.places);
    expect(account.held).toBe(reserves("open"));
    expect(account.charged).toBe(reserves("charged"));
    expect(account.routeOne).toBeCloseTo(this.routeOne, 6);
    expect(free(account)).toBeGreaterThanOrEqual(-1e-9);
    expect(account.charged + account.held).toBeLessThanOrEqual(account.answerBound * account.places + 1e-9);
    for (const { block, terms } of this.booked) expect(JSON.stringify(block.terms)).toBe(terms);
  }
}

const ROWS = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 200_000 }));
const STEP = fc.record({
  what: fc.constantFrom(
    "open",
    "open",
    "open",
    "charge",
    "close",
    "cancel and charge",
    "cancel and close",
    "crash",
    "retry",
  ),
  which: fc.nat(50),
  rows: ROWS,
  share: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
  routeOneShare: fc.constantFrom(0, 0, 0.5, 0.9),
  hasCrowd: fc.boolean(),
  isOpenJob: fc.boolean(),
  mayWait: fc.boolean(),
  isAlone: fc.boolean(),
  colluderShare: fc.constantFrom(1 / 3, 0.527, 0.8),
  priceMaxRows: fc.constantFrom(null, null, 50),
});

test("in any order of opens, charges, closes, crashes, cancels and retries an account never owes more than eps M, and each place counts once", () => {
  let opened = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(1e-4, 1e-3, 0.01, 0.1, 1),
      fc.array(STEP, { minLength: 5, maxLength: 60, size: "max" }),
      (answerBound, steps) => {
        const ledger = new Ledger(answerBound);
        for (const { what, which, rows, share, isAlone, ...given } of steps) {
          const entry = ledger.open[which % Math.max(1, ledger.open.length)];
          const facts = {
            ...given,
            submitterRows: ledger.places,
            othersOpenOrWait: !isAlone || ledger.open.length > 0,
          };
          if (what === "open") ledger.ask(blockAsked({ ...facts, rows }));
          else if (what === "crash") ledger.crash();
          else if (what === "retry") {
            const failed = ledger.booked.filter(({ block }) => block.state === "charged");
            const { asked } = failed[which % Math.max(1, failed.length)] ?? {};
            if (asked === undefined) continue;
            const again = {
              ...facts,
              rows: Math.max(1, Math.ceil((1 - share) * asked.rows)),
              routeOneShare: asked.routeOneShare,
            };
            ledger.ask(blockAsked({ ...again, isRetry: true }));
          } else if (entry !== undefined) {
            const end = what.includes("charge") ? chargeBlock : closeBlock;
            if (what.startsWith("cancel")) ledger.cancel(entry, Math.floor(share * entry.asked.rows), end);
            else ledger.end(entry, end);
          }
          ledger.check();
        }
        opened += ledger.booked.length;
      },
    ),
    { numRuns: 400 },
  );
  expect(opened).toBeGreaterThan(2_000);
});

test("a block is charged once, and a block that has ended is neither charged nor given back again", () => {
  const opening = openBlock(newAccount(1e-3), blockAsked());
  if (!("block" in opening)) throw new Error("expected a block");
  const charged = chargeBlock(opening.account, opening.block);
  expect(charged.account).toEqual({ ...opening.account, held: 0, charged: opening.block.terms.reserve });
  expect(chargeBlock(charged.account, charged.block)).toEqual(charged);
  expect(closeBlock(charged.account, charged.block)).toEqual(charged);
  const closed = closeBlock(opening.account, opening.block);
  expect(closed.account).toEqual({ ...newAccount(1e-3), places: 1_000 });
  expect(chargeBlock(closed.account, closed.block)).toEqual(closed);
});

test("reserves of open blocks are held together: of forty blocks opened at once the last is within what is left", () => {
  let account = newAccount(1e-3);
  for (let n = 0; n < 40; n++) {
    account = openBlock(account, blockAsked({ rows: 300, othersOpenOrWait: true })).account;
    expect(account.held).toBeLessThanOrEqual(1e-3 * account.places);
  }
  expect(account.places).toBe(12_000);
  expect(account.held).toBeGreaterThan(11.9);
});

test("while others are open a block takes what its own rows brought, or half of what is free", () => {
  const old = { ...newAccount(1e-3), places: 9_000 };
  const reserveOf = (rows: number, othersOpenOrWait: boolean) => {
    const opening = openBlock(old, blockAsked({ rows, othersOpenOrWait }));
    return "block" in opening ? opening.block.terms.reserve : null;
  };
  expect(reserveOf(1_000, false)).toBeCloseTo(10, 6);
  expect(reserveOf(1_000, true)).toBeCloseTo(5, 6);
  expect(reserveOf(11_000, true)).toBeCloseTo(11, 6);
});

test("a script that asks for 50 rows a thousand times has no older account, and rows that were computed for it count once", () => {
  const asked = blockAsked({ rows: 50 });
  let account = newAccount(1e-3);
  for (let n = 0; n < 1_000; n++) account = openBlock(account, asked).account;
  expect(account).toEqual(newAccount(1e-3));
  expect(countComputed(account, 50)).toEqual({ ...account, places: 50 });
  // Those carry what comes later.
  expect("block" in openBlock(countComputed(account, 500), asked)).toBe(true);
});

test("a block that is too dear does not count, and a block that may wait counts once it no longer waits", () => {
  const small = openBlock(newAccount(1e-3), blockAsked({ rows: 48 }));
  expect(small).toMatchObject({ account: { places: 0 }, refused: { why: "price", rowsThatSuffice: 177 } });
  const first = openBlock(newAccount(1e-3), blockAsked({ rows: 200 }));
  const asked = blockAsked({ rows: 48, mayWait: true, othersOpenOrWait: true });
  expect(openBlock(first.account, asked)).toEqual({ account: first.account, waits: true });
  expect(openBlock(first.account, { ...asked, mayWait: false })).toMatchObject({
    account: { places: 200 },
    refused: {},
  });
  if (!("block" in first)) throw new Error("expected a block");
  const later = openBlock(closeBlock(first.account, first.block).account, { ...asked, othersOpenOrWait: false });
  expect(later).toMatchObject({ account: { places: 248 }, block: { state: "open" } });
});

test("the rows that suffice are the least larger block that opens, found by trying each", () => {
  for (const answerBound of [1e-3, 3e-4, 0.01]) {
    for (const rows of [1, 20, 150, 720]) {
      for (const places of [0, 60]) {
        const account = { ...newAccount(answerBound), places };
        const opening = openBlock(account, blockAsked({ rows }));
        if (!("refused" in opening)) continue;
        let least = rows + 1;
        while (!("block" in openBlock(account, blockAsked({ rows: least })))) least++;
        expect([answerBound, rows, opening.refused.rowsThatSuffice]).toEqual([answerBound, rows, least]);
      }
    }
  }
});

test("more rows help no cap, and a retry as a new job alone; nothing is free of an account that findings have emptied", () => {
  const empty = { ...newAccount(1e-3), places: 1_000, charged: 1 };
  expect(openBlock(empty, blockAsked({ isRetry: true }))).toEqual({
    account: empty,
    // As a new job they bring their own.
    refused: { why: "reserve", priceRows: null, rowsThatSuffice: 177 },
  });
  const capped = openBlock(newAccount(1e-3), blockAsked({ priceMaxRows: 400 }));
  expect(capped).toMatchObject({ account: newAccount(1e-3), refused: { why: "cap", rowsThatSuffice: null } });
});

test("what a cancelled job left unanswered leaves M as far as nothing stands on it", () => {
  const opening = openBlock(newAccount(1e-3), blockAsked({ rows: 20_000 }));
  if (!("block" in opening)) throw new Error("expected a block");
  const { terms } = opening.block;
  const second = openBlock(opening.account, blockAsked({ rows: 1_000, othersOpenOrWait: true }));
  const { account } = closeBlock(second.account, opening.block);
  const left = leaveUnanswered(account, terms, 20_000);
  expect(free(left)).toBeGreaterThanOrEqual(0);
  expect(free(left)).toBeLessThan(1.1e-3);
  expect(leaveUnanswered(account, terms, 500).places).toBe(20_500);
});

test("a strict job has an account of its own, and each bound one", () => {
  const keys = [accountKey("ann", 1e-3, null), accountKey("ann", 1e-4, null), accountKey("ann", 1e-3, "job-7")];
  expect(keys).toEqual(["0.001 of ann", "0.0001 of ann", "0.001 of job job-7"]);
  expect(() => newAccount(0)).toThrow("expected a bound above 0 and at most 1, got 0");
  expect(() => openBlock(newAccount(1), blockAsked({ rows: 0.5 }))).toThrow("expected rows from 1 on, got 0.5");
});
