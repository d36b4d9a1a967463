/** Rows that go out as they are, and that the code answers for good: who has them, what comes after, and what takes them out. */
import { expect, test } from "vitest";
import { RowLedger } from "./ledger.ts";
import { type GroupRule, isMixture, type LedgerClaim, mixtureItem } from "./words.ts";

/** Groups of two rows and a mixture. */
const TWO_AND_ONE: GroupRule = {
  ...{ rows: 2, mixtures: 1, apart: "no", goesOutPlain: true },
  isDecodable: (rowsIn, mixturesIn) => rowsIn + mixturesIn >= 2,
};
const APART: GroupRule = { ...TWO_AND_ONE, mixturesApart: true };

function begun(rule: GroupRule, rowCount = 2, firstRows = 1): RowLedger {
  const sizes = { targetMs: 1_000, firstRows, fairPart: 1, unknownPart: 1 };
  const ledger = new RowLedger({ rowCount, rule, orderKey: null, sizes });
  for (const id of ["ann", "bob", "cid"]) ledger.join({ sessionId: id, volunteerId: id, rowsPerMs: null });
  return ledger;
}
const itemsOf = (claim: LedgerClaim | null) => claim!.items.map(({ item }) => item);

/** Row 0 is ann's, row 1 bob's, the mixture cid's; ann is slow. */
function estimated() {
  const ledger = begun(TWO_AND_ONE);
  const [ann, bob, cid] = ["ann", "bob", "cid"].map((id) => ledger.take(id, 0)!);
  expect([ann, bob, cid].map((claim) => itemsOf(claim!))).toEqual([[0], [1], [mixtureItem(0, 0)]]);
  ledger.answer(bob!.claimId, [1], 10);
  const effects = ledger.answer(cid!.claimId, itemsOf(cid!), 10);
  expect(effects).toContainEqual({ type: "decodable", group: 0, missing: [0] });
  return { ledger, ann: ann!, effects: ledger.estimate([0]) };
}

test("the code answers a row: its tab may leave it out, nobody is asked for it, and it is not final", () => {
  const { ledger, effects } = estimated();
  expect(effects).toMatchObject([{ type: "drop", items: [0] }]);
  expect([ledger.stateOf(0), ledger.authorOf(0), ledger.isDone]).toEqual(["answered", null, true]);
  expect(ledger.take("bob", 20)).toBeNull();
  ledger.certify("all");
  expect(ledger.stateOf(0)).toBe("answered");
});

test("an own answer that comes in time stands instead; one that comes late changes nothing", () => {
  const inTime = estimated();
  expect(inTime.ledger.answer(inTime.ann.claimId, [0], 20)).toMatchObject([
    { type: "accepted", place: 0 },
    { type: "ended" },
  ]);
  expect(inTime.ledger.authorOf(0)).toBe("ann");
  const late = estimated();
  late.ledger.tick(late.ann.dueMs);
  const effects = late.ledger.answer(late.ann.claimId, [0], late.ann.dueMs + 1);
  expect(effects.some(({ type }) => type === "accepted")).toBe(false);
  expect(late.ledger.authorOf(0)).toBeNull();
});

test.each([
  ["a row", [1]],
  ["the mixture", [mixtureItem(0, 0)]],
])("[SC4] when %s is taken out that it was estimated with, the row waits with its next attempt", (_, items) => {
  const { ledger } = estimated();
  expect(ledger.takeOut(items)).toBe(1);
  expect([ledger.stateOf(0), ledger.attemptOf(0), ledger.isDone]).toEqual(["waiting", 1, false]);
  const asked = new Set<number>();
  for (const id of ["bob", "cid", "bob", "cid"]) {
    const claim = ledger.take(id, 20);
    if (claim === null) continue;
    for (const item of itemsOf(claim)) asked.add(item);
    ledger.answer(claim.claimId, itemsOf(claim), 30);
  }
  expect(asked).toContain(0);
  expect(ledger.isDone).toBe(true);
});

test("[RS1] an estimate that was durable is the code's still", () => {
  const ledger = new RowLedger({
    ...{ rowCount: 2, rule: TWO_AND_ONE, orderKey: null },
    answered: [{ place: 0, attempt: 0, author: null, isFinal: false, isByCode: true }],
  });
  expect([ledger.stateOf(0), ledger.authorOf(0), ledger.counts.final]).toEqual(["answered", null, 0]);
});

test("a claim has rows or mixtures where another model computes these", () => {
  const ledger = begun(APART, 40, 8);
  let mixtures = 0;
  for (let turn = 0; turn < 100; turn++) {
    // Ann is at her first claim.
    for (const id of turn === 0 ? ["ann", "bob", "cid"] : ["bob", "cid"]) {
      const claim = ledger.take(id, turn / 100);
      if (claim === null) continue;
      const kinds = new Set(itemsOf(claim).map(isMixture));
      expect(kinds.size).toBe(1);
      if (kinds.has(true)) mixtures += claim.items.length;
      if (id !== "ann") ledger.answer(claim.claimId, itemsOf(claim), turn / 100);
    }
  }
  expect(mixtures).toBeGreaterThan(0);
});

test("rows go out in the order that is given, and one that lacks a place is refused", () => {
  const order = [3, 1, 0, 2];
  const options = { rowCount: 4, rule: TWO_AND_ONE, orderKey: null };
  const ledger = new RowLedger({ ...options, order });
  ledger.join({ sessionId: "ann", volunteerId: "ann", rowsPerMs: 1 });
  ledger.take("ann", 0);
  expect(ledger.placesOf(0)).toEqual([3, 1]);
  expect(() => new RowLedger({ ...options, order: [3, 1, 1, 2] })).toThrow(RangeError);
  expect(() => new RowLedger({ ...options, order: [3, 1, 0] })).toThrow(RangeError);
});
