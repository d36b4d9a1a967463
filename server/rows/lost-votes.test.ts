/** Volunteers that outvote each other have one vote of a group each: who lost a member of it before it was answered may have another one. */
import { expect, test } from "vitest";
import { RowLedger } from "./ledger.ts";
import type { GroupRule, LedgerClaim, RestoredRow } from "./words.ts";

/** Rows of which three volunteers say something each. */
const ALL_OF_THREE: GroupRule = {
  ...{ rows: 1, mixtures: 3, apart: "votes", goesOutPlain: false },
  isDecodable: (_rowsIn, mixturesIn) => mixturesIn >= 3,
};

function begun(rowCount: number, ids: readonly string[], answered: readonly RestoredRow[] = []): RowLedger {
  const sizes = { targetMs: 1_000, firstRows: 8, fairPart: 1, unknownPart: 1 };
  const ledger = new RowLedger({ rowCount, rule: ALL_OF_THREE, orderKey: null, sizes, answered });
  for (const id of ids) ledger.join({ sessionId: id, volunteerId: id, rowsPerMs: 0.01 });
  return ledger;
}

const itemsOf = (claim: LedgerClaim | null) => claim!.items.map(({ item }) => item);

test("of three that are here two give their claims back: what they lost they may have, each the other's or its own", () => {
  const ledger = begun(1, ["ann", "bob", "cid"]);
  const ann = ledger.take("ann", 0)!;
  const bob = ledger.take("bob", 0)!;
  const cid = ledger.take("cid", 0)!;
  ledger.answer(cid.claimId, itemsOf(cid), 10);
  ledger.release(ann.claimId, 10);
  ledger.release(bob.claimId, 10);
  expect(ledger.take("cid", 20), "it has voted on all").toBeNull();
  for (const id of ["ann", "bob"]) {
    const claim = ledger.take(id, 30);
    expect(itemsOf(claim)).toHaveLength(1);
    ledger.answer(claim!.claimId, itemsOf(claim), 40);
  }
  expect(ledger.isDone).toBe(true);
});

test("an answer that counted is the only one of its volunteer, though it be taken out", () => {
  const ledger = begun(1, ["ann", "bob", "cid"]);
  for (const id of ["ann", "bob", "cid"]) {
    const claim = ledger.take(id, 0);
    ledger.answer(claim!.claimId, itemsOf(claim), 10);
    if (id === "ann") ledger.takeOut(itemsOf(claim));
  }
  expect(ledger.isDone).toBe(false);
  for (const id of ["ann", "bob", "cid"]) expect(ledger.take(id, 20)).toBeNull();
  ledger.join({ sessionId: "dan", volunteerId: "dan", rowsPerMs: 0.01 });
  const claim = ledger.take("dan", 30);
  ledger.answer(claim!.claimId, itemsOf(claim), 40);
  expect(ledger.isDone).toBe(true);
});

test("after a restart a row whose volunteer is named is voted on anew, and all that are durable beside it stay", () => {
  const answered = [0, 1].map((place) => ({ place, attempt: 0, author: place === 0 ? "liar" : "ann", isFinal: false }));
  const ledger = begun(2, ["liar", "ann", "bob", "cid"], answered);
  expect(ledger.isDone).toBe(true);
  expect(ledger.name("liar", 0)).toMatchObject([{ type: "takenOut", places: [0], mixtures: [] }]);
  expect([ledger.isDone, ledger.stateOf(0), ledger.stateOf(1)]).toEqual([false, "waiting", "answered"]);
  for (const id of ["ann", "bob", "cid"]) {
    const claim = ledger.take(id, 20);
    expect(itemsOf(claim)).toHaveLength(1);
    ledger.answer(claim!.claimId, itemsOf(claim), 30);
  }
  expect([ledger.isDone, ledger.counts.fresh, ledger.counts.again]).toEqual([true, 0, 0]);
});
