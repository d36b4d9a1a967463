/** The rules of SPEC.md for the ledger of rows, one by one, each in a story of few tabs. Their laws in any order: server/rows/ledger-laws.test.ts. */
import { expect, test } from "vitest";
import { RowLedger } from "../../../server/rows/ledger.ts";
import { RULES } from "../../../server/rows/testing/rules.ts";
import { type LedgerClaim, type LedgerEffect, type LedgerOptions, UNCODED } from "../../../server/rows/words.ts";

/** Ten rows a second. */
const PACE = 0.01;

function ledgerOf(rowCount: number, tabs: readonly string[], options: Partial<LedgerOptions> = {}): RowLedger {
  const ledger = new RowLedger({ rowCount, rule: UNCODED, orderKey: null, ...options });
  for (const name of tabs) ledger.join({ sessionId: name, volunteerId: name, rowsPerMs: PACE });
  return ledger;
}

function take(ledger: RowLedger, sessionId: string, nowMs = 0): LedgerClaim {
  const claim = ledger.take(sessionId, nowMs);
  if (claim === null) throw new Error(`expected a claim for ${sessionId}, got none`);
  return claim;
}

const itemsOf = ({ items }: LedgerClaim): number[] => items.map(({ item }) => item);
const reasonsOf = ({ items }: LedgerClaim): string[] => [...new Set(items.map(({ reason }) => reason))];
const typesOf = (effects: readonly LedgerEffect[]): string[] => effects.map(({ type }) => type);

/** Takes and answers everything that the tab is given. */
function finish(ledger: RowLedger, sessionId: string, nowMs: number): void {
  for (let claim = ledger.take(sessionId, nowMs); claim !== null; claim = ledger.take(sessionId, nowMs)) {
    ledger.answer(claim.claimId, itemsOf(claim), nowMs);
  }
}

test("[RW1] a row that has no answer waits, or is at somebody: whoever leaves, one tab ends the job", () => {
  const ledger = ledgerOf(40, ["a", "b", "c"]);
  const left = take(ledger, "a");
  const released = take(ledger, "b");
  ledger.leave("a", 10);
  ledger.release(released.claimId, 20);
  for (const place of [...itemsOf(left), ...itemsOf(released)]) expect(ledger.stateOf(place)).toBe("waiting");
  finish(ledger, "c", 30);
  expect(ledger.isDone).toBe(true);
  expect(ledger.counts).toMatchObject({ fresh: 0, again: 0, answered: 40 });
});

test("[RW2] a claim takes three seconds, at most half of a fair share, a quarter of that where nothing is known of the tab", () => {
  const ledger = ledgerOf(10_000, ["a", "b"]);
  ledger.join({ sessionId: "new", volunteerId: "new", rowsPerMs: null });
  expect(take(ledger, "a").items.length).toBe(30);
  expect(take(ledger, "new").items.length).toBe(7);
  expect(take(ledgerOf(40, ["a", "b"]), "a").items.length).toBe(10);
});

test("[DP7] two claims a tab, the second begins when the first has ended, and nothing is taken ahead of one that is late", () => {
  const ledger = ledgerOf(1_000, ["a", "b"]);
  const [first, second] = [take(ledger, "a"), take(ledger, "a")];
  expect(ledger.take("a", 0)).toBeNull();
  expect(ledger.claimOf(second.claimId)?.begunMs).toBeNull();
  ledger.answer(first.claimId, itemsOf(first), 3_000);
  expect(ledger.claimOf(second.claimId)?.begunMs).toBe(3_000);
  const nowMs = ledger.nextDueMs!;
  expect(typesOf(ledger.tick(nowMs))).toContain("late");
  expect(ledger.take("a", nowMs)).toBeNull();
});

test("[RW4] parts come in any order and number, each item counts once, and the claim ends with the last one", () => {
  const ledger = ledgerOf(1_000, ["a"]);
  const claim = take(ledger, "a");
  const items = itemsOf(claim).reverse();
  const parts = [items.slice(0, 5), items.slice(3, 9), items];
  const told = parts.map((part) => ledger.answer(claim.claimId, part, 100));
  const accepted = told.flat().filter(({ type }) => type === "accepted");
  expect(accepted.length).toBe(items.length);
  expect(told.map((effects) => typesOf(effects).includes("ended"))).toEqual([false, false, true]);
  expect(ledger.answer(claim.claimId, items, 200)).toEqual([]);
});

test("[RW5] rows of a claim that is late wait again, and its holder may still be first", () => {
  const ledger = ledgerOf(10, ["a", "b"]);
  const claim = take(ledger, "a");
  const nowMs = ledger.nextDueMs!;
  ledger.tick(nowMs);
  expect(ledger.counts.again).toBe(claim.items.length);
  const effects = ledger.answer(claim.claimId, itemsOf(claim), nowMs + 1);
  expect(effects.filter(({ type }) => type === "accepted").length).toBe(claim.items.length);
  finish(ledger, "b", nowMs + 2);
  expect(ledger.isDone).toBe(true);
});

test("[RW6] ten times over a claim is void and its volunteer rests; so does who gives back more than it answers", () => {
  const silent = ledgerOf(100, ["a"]);
  take(silent, "a");
  const told: LedgerEffect[] = [];
  for (let due = silent.nextDueMs; due !== null; due = silent.nextDueMs) told.push(...silent.tick(due));
  expect(told.filter(({ type }) => type === "void").length).toBe(1);
  expect(told).toContainEqual({ type: "rest", volunteerId: "a", why: "silent" });
  const fishing = ledgerOf(1_000, ["a"]);
  const effects = Array.from({ length: 5 }, () => fishing.release(take(fishing, "a").claimId, 0)).flat();
  expect(effects).toContainEqual({ type: "rest", volunteerId: "a", why: "gaveBack" });
});

test("[RW7] when nothing waits an idle tab takes from the end of the claim that ends last, and its holder may leave these out", () => {
  const ledger = ledgerOf(60, ["a", "b"], { sizes: { fairPart: 10 } });
  const claim = take(ledger, "a");
  const rest = take(ledger, "a");
  expect(claim.items.length + rest.items.length).toBe(60);
  const beside = take(ledger, "b", 100);
  expect(reasonsOf(beside)).toEqual(["beside"]);
  expect(itemsOf(beside)).toEqual(itemsOf(rest).reverse().slice(0, beside.items.length));
  const effects = ledger.answer(beside.claimId, itemsOf(beside), 200);
  const dropped = effects.flatMap((effect) => (effect.type === "drop" ? effect.items : []));
  expect(itemsOf(beside)).toEqual(expect.arrayContaining([...new Set(dropped)]));
  expect(dropped).toContain(59);
});

test("[RW8] what is taken out waits with its next attempt, and an answer for an earlier one changes no row", () => {
  const ledger = ledgerOf(4, ["a", "b"], { sizes: { fairPart: 10 } });
  const claim = take(ledger, "a");
  ledger.answer(claim.claimId, [0, 1], 10);
  expect(ledger.takeOut([0, 2])).toBe(1);
  expect([ledger.stateOf(0), ledger.attemptOf(0), ledger.attemptOf(1)]).toEqual(["waiting", 1, 0]);
  const other = take(ledger, "b", 20);
  expect(other.items[0]).toMatchObject({ item: 0, attempt: 1, reason: "again" });
  ledger.name("b", 30);
  expect([ledger.stateOf(0), ledger.attemptOf(0)]).toEqual(["waiting", 1]);
});

test("[RW9] nobody is asked twice for a row while somebody else is there; a check is never for an earlier holder, whatever tab it comes from", () => {
  const ledger = ledgerOf(6, ["a", "b"], { sizes: { fairPart: 10 } });
  ledger.join({ sessionId: "a2", volunteerId: "a", rowsPerMs: PACE });
  const claim = take(ledger, "a");
  ledger.answer(claim.claimId, itemsOf(claim), 10);
  expect(ledger.check(0, "a", 10)).toBe(false);
  ledger.takeOut([0]);
  expect(ledger.take("a2", 20)).toBeNull();
  const again = take(ledger, "b", 20);
  ledger.answer(again.claimId, itemsOf(again), 30);
  expect(ledger.check(0, "a", 30)).toBe(false);
  expect(ledger.check(1, "b", 30)).toBe(true);
  ledger.takeOut([2]);
  ledger.leave("b", 40);
  expect(itemsOf(take(ledger, "a", 50))).toEqual([2]);
});

test("[RW10] of a group one volunteer has no two members open, and where volunteers outvote each other never two", () => {
  const open = ledgerOf(40, ["a"], { rule: RULES["systematic 3 + 1"]! });
  const first = take(open, "a");
  const groups = itemsOf(first).map((place) => open.groupOf(place));
  expect(new Set(groups).size).toBe(groups.length);
  const votes = ledgerOf(5, ["a"], { rule: RULES["votes, 2 of 3"]! });
  finish(votes, "a", 0);
  expect(votes.isDone).toBe(false);
  for (const name of ["b", "c"]) {
    votes.join({ sessionId: name, volunteerId: name, rowsPerMs: PACE });
    finish(votes, name, 0);
  }
  expect(votes.isDone).toBe(true);
});

test("[RW11] the second of two answers is told as surplus, for whoever is slow chooses who sits beside it", () => {
  const ledger = ledgerOf(6, ["a", "b"], { sizes: { fairPart: 10 } });
  const claim = take(ledger, "a");
  const beside = take(ledger, "b", 10);
  const [item] = itemsOf(beside) as [number];
  ledger.answer(claim.claimId, [item], 20);
  expect(ledger.answer(beside.claimId, [item], 30)[0]).toMatchObject({
    type: "surplus",
    author: "a",
    volunteerId: "b",
  });
  expect(ledger.authorOf(item)).toBe("a");
});

test("[CC10] rows that a naming put back go to whom the caller allows", () => {
  const ledger = ledgerOf(6, ["a", "b", "c"], { sizes: { fairPart: 10 } });
  const claim = take(ledger, "a");
  ledger.answer(claim.claimId, itemsOf(claim), 10);
  const [named] = ledger.name("a", 20);
  expect(named).toMatchObject({ type: "takenOut", volunteerId: "a", places: itemsOf(claim).sort() });
  expect(ledger.take("b", 30, () => false)).toBeNull();
  expect(ledger.take("c", 30, (_, reason) => reason === "again")?.items.length).toBeGreaterThan(0);
});

test("[RW13] rows of a closed job go out in a secret order that derives from its key; those of an open job as they came", () => {
  const orderOf = (orderKey: Uint8Array | null) =>
    itemsOf(take(ledgerOf(1_000, ["a"], { orderKey, sizes: { fairPart: 10, targetMs: 1e5 } }), "a"));
  const [one, same, other] = [
    orderOf(new Uint8Array(32)),
    orderOf(new Uint8Array(32)),
    orderOf(new Uint8Array(32).fill(1)),
  ];
  expect(one).toEqual(same);
  expect(one).not.toEqual(other);
  expect([...one].sort((a, b) => a - b)).toEqual(orderOf(null));
  expect(() => ledgerOf(10, [], { isOpen: true, orderKey: new Uint8Array(32) })).toThrow(RangeError);
});

test("[RW14] which rows wait is found without a walk: a call visits at most 40 (K+S+1) + 6 for each of its items", () => {
  const ledger = ledgerOf(100_000, ["a", "b", "c", "d"]);
  let calls = 0;
  for (let nowMs = 0; calls < 400; nowMs += 1_000) {
    for (const name of ["a", "b", "c", "d"]) {
      const before = ledger.visits;
      const claim = take(ledger, name, nowMs);
      ledger.answer(claim.claimId, itemsOf(claim), nowMs);
      expect(ledger.visits - before).toBeLessThanOrEqual(2 * (40 * 2 + 6 * claim.items.length));
      calls++;
    }
  }
});

test("[RW15] after a restart what was durable stands, and rows that were out wait again with attempts of the new run", () => {
  const answered = [
    { place: 0, attempt: 0, author: "a", isFinal: false },
    { place: 1, attempt: 3, author: null, isFinal: true },
  ];
  const ledger = ledgerOf(4, ["b"], { answered, firstAttempt: 100, sizes: { fairPart: 10 } });
  expect([0, 1, 2].map((place) => ledger.stateOf(place))).toEqual(["answered", "final", "waiting"]);
  expect(take(ledger, "b").items.map(({ item, attempt }) => [item, attempt])).toEqual([
    [2, 100],
    [3, 100],
  ]);
  ledger.takeOut([0]);
  expect(ledger.attemptOf(0)).toBeGreaterThanOrEqual(100);
});
