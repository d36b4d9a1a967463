/** What becomes of rows whose holder is late, silent or gone. The first four were defects of the rules' first draft. */
import { expect, test } from "vitest";
import { RULES } from "./testing/rules.ts";
import { answers, itemsOf, joins, reasonsOf, smallLedger, takes, typesOf } from "./testing/small-ledger.ts";
import { groupOfMixture, isMixture } from "./words.ts";

test("a late row whose claim is released then waits: it is at nobody's no longer than that", () => {
  const ledger = smallLedger({ rowCount: 4 });
  joins(ledger, ["ann", "bob"]);
  const claim = takes(ledger, "ann", 0);
  ledger.tick(ledger.nextDueMs!);
  expect(ledger.stateOf(0)).toBe("out");
  ledger.release(claim.claimId, 5_000);
  expect(ledger.stateOf(0)).toBe("waiting");
  expect(ledger.counts).toMatchObject({ fresh: 3, again: 1 });
  expect(itemsOf(takes(ledger, "bob", 5_000))).toContain(0);
});

test("one volunteer has one vote in a group, whatever waits again and whatever is fresh", () => {
  const ledger = smallLedger({ rowCount: 2, rule: RULES["votes, 2 of 3"]! });
  joins(ledger, ["ann", "bob", "cat"]);
  const claim = takes(ledger, "ann", 0);
  const group = ledger.groupOf(0);
  ledger.release(claim.claimId, 10);
  // Row 0 waits again and its copies are fresh: one of the three, never two.
  for (const name of ["bob", "cat"]) {
    const groups = itemsOf(takes(ledger, name, 20)).map((item) =>
      isMixture(item) ? groupOfMixture(item) : ledger.groupOf(item),
    );
    expect(groups.filter((one) => one === group).length).toBeLessThan(2);
    expect(new Set(groups).size).toBe(groups.length);
  }
});

test("a row that two silent holders have, both late, goes to a third", () => {
  const ledger = smallLedger({ rowCount: 1 });
  joins(ledger, ["ann", "bob"]);
  takes(ledger, "ann", 0);
  ledger.tick(ledger.nextDueMs!);
  expect(reasonsOf(takes(ledger, "bob", 1_000))).toEqual(["again"]);
  while (![...ledger.claims].every(({ isLate }) => isLate)) ledger.tick(ledger.nextDueMs!);
  joins(ledger, ["cat"]);
  const claim = takes(ledger, "cat", 1_500);
  expect([itemsOf(claim), reasonsOf(claim)]).toEqual([[0], ["again"]]);
});

test("ten tabs of which two are silent end a group of ten: an idle one takes a second member, never while it has one open", () => {
  const rule = {
    ...RULES["systematic 3 + 1"]!,
    rows: 8,
    mixtures: 2,
    isDecodable: (rows: number, mixtures: number) => rows + mixtures >= 8,
  };
  const ledger = smallLedger({ rowCount: 8, rule });
  const names = Array.from({ length: 10 }, (_, i) => `v${i}`);
  joins(ledger, names);
  for (const name of ["v0", "v1"]) takes(ledger, name, 0);
  let nowMs = 0;
  for (let turn = 0; turn < 40 && !ledger.isDone; turn++) {
    nowMs += 100;
    for (const name of names.slice(2)) {
      const claim = ledger.take(name, nowMs);
      if (claim === null) continue;
      expect(claim.items.length).toBe(1);
      expect(ledger.take(name, nowMs)).toBe(null);
      answers(ledger, claim, nowMs + 50);
    }
    ledger.tick(nowMs);
  }
  expect(ledger.isDone).toBe(true);
});

test("the last members of all lanes find a taker, though every tab has had a member of their groups", () => {
  const ledger = smallLedger({ rowCount: 30, rule: RULES["systematic 3 + 1"]! });
  joins(ledger, ["ann", "bob"]);
  let nowMs = 0;
  for (let turn = 0; turn < 100 && !ledger.isDone; turn++) {
    for (const name of ["ann", "bob"]) {
      const claim = ledger.take(name, nowMs);
      nowMs += 100;
      if (claim !== null) answers(ledger, claim, nowMs);
    }
  }
  expect([ledger.isDone, ledger.nextDueMs]).toEqual([true, null]);
});

test("a row that was given back before it was begun may come again, one that was begun does not while others are here", () => {
  const ledger = smallLedger({ rowCount: 40, sizes: { firstRows: 4 } });
  joins(ledger, ["ann", "bob"], null);
  const [first, ahead] = [takes(ledger, "ann", 0), takes(ledger, "ann", 0)];
  ledger.release(ahead.claimId, 10);
  ledger.release(first.claimId, 20);
  const next = [takes(ledger, "ann", 30), takes(ledger, "ann", 30)].flatMap(itemsOf);
  expect(next).toEqual(expect.arrayContaining(itemsOf(ahead)));
  expect(next.filter((item) => itemsOf(first).includes(item))).toEqual([]);
  expect([takes(ledger, "bob", 40), takes(ledger, "bob", 40)].flatMap(itemsOf)).toEqual(
    expect.arrayContaining(itemsOf(first)),
  );
});

test("what everybody present began comes again", () => {
  const ledger = smallLedger({ rowCount: 1 });
  joins(ledger, ["ann"]);
  ledger.release(takes(ledger, "ann", 0).claimId, 10);
  expect(itemsOf(takes(ledger, "ann", 20))).toEqual([0]);
});

test("a row that one session of a volunteer is late with is not given to its other one, though nobody else is here", () => {
  const ledger = smallLedger({ rowCount: 1 });
  joins(ledger, ["ann/1", "ann/2"]);
  const claim = takes(ledger, "ann/1", 0);
  ledger.tick(ledger.nextDueMs!);
  expect(ledger.take("ann/2", 1_000)).toBe(null);
  ledger.release(claim.claimId, 1_000);
  expect(itemsOf(takes(ledger, "ann/2", 1_000))).toEqual([0]);
});

test("a volunteer is its name: no other session of it is asked again, and it is not its own partner", () => {
  const ledger = smallLedger({ rowCount: 1 });
  joins(ledger, ["ann/1", "ann/2", "bob"]);
  ledger.release(takes(ledger, "ann/1", 0).claimId, 10);
  expect(ledger.take("ann/2", 20)).toBe(null);
  answers(ledger, takes(ledger, "bob", 20), 30);
  expect(ledger.check(0, "ann", 40)).toBe(false);
});

test("[AS5] a claim is late after 1.5 times what its rows should take, times the crowd's third quartile; nothing is taken ahead of it", () => {
  const ledger = smallLedger({ rowCount: 1_000 });
  ledger.join({ sessionId: "ann", volunteerId: "ann", rowsPerMs: 0.01, latenessQuartile: 1.2 });
  const claim = takes(ledger, "ann", 1_000);
  const ahead = takes(ledger, "ann", 1_000);
  expect(claim.items.length).toBe(30);
  expect(ledger.nextDueMs).toBeCloseTo(1_000 + 1.5 * 1.2 * 3_000);
  expect(ledger.tick(ledger.nextDueMs! - 1)).toEqual([]);
  const effects = ledger.tick(ledger.nextDueMs!);
  const drops = [claim, ahead].map((one) => ({ type: "drop", claim: one, items: itemsOf(one) }));
  expect(effects).toEqual([{ type: "late", claim }, ...drops, { type: "ended", claim: ahead }]);
  expect(ledger.take("ann", 9_000)).toBe(null);
  // Its answer is welcome.
  expect(typesOf(answers(ledger, claim, 9_000))).toEqual(["accepted", "ended"]);
  expect(ledger.counts.again).toBe(30);
});

test("the crowd's third quartile is measured once eight claims of measured tabs have ended", () => {
  const ledger = smallLedger({ rowCount: 10_000, sizes: { rowsMax: 10 } });
  joins(ledger, ["ann", "bob"]);
  let nowMs = 0;
  for (let turn = 0; turn < 12; turn++) {
    const claim = takes(ledger, "ann", nowMs);
    nowMs += turn % 2 === 0 ? 1_000 : 2_000;
    answers(ledger, claim, nowMs);
  }
  takes(ledger, "bob", nowMs);
  expect(ledger.nextDueMs! - nowMs).toBeGreaterThan(1.5 * 1_000 * 1.3);
});

test("[AS6] [AS7] ten times over the claim is void: its session leaves, its volunteer rests, and gets quarter claims when it is back", () => {
  const ledger = smallLedger({ rowCount: 1_000 });
  joins(ledger, ["ann", "bob"]);
  const claim = takes(ledger, "ann", 0);
  const dueMs = ledger.nextDueMs!;
  ledger.tick(dueMs);
  expect(ledger.nextDueMs).toBe(10 * dueMs);
  const effects = ledger.tick(10 * dueMs);
  expect(effects).toEqual([
    { type: "void", claim },
    { type: "rest", volunteerId: "ann", why: "silent" },
    { type: "ended", claim },
  ]);
  expect([ledger.take("ann", 50_000), answers(ledger, claim, 50_000), ledger.nextDueMs]).toEqual([null, [], null]);
  joins(ledger, ["ann"]);
  const after = takes(ledger, "ann", 50_000);
  expect(after.items.length).toBe(7);
  answers(ledger, after, 50_500);
  expect(takes(ledger, "ann", 50_500).items.length).toBeGreaterThan(20);
});

test("[AS7] who gives back or leaves out more than it answers rests; what it was told to leave out does not count", () => {
  const ledger = smallLedger({ rowCount: 1_000 });
  joins(ledger, ["ann", "bob"]);
  const claim = takes(ledger, "ann", 0);
  const items = itemsOf(claim);
  ledger.answer(claim.claimId, items.slice(0, 10), 100);
  expect(typesOf(ledger.leftOut(claim.claimId, items.slice(10, 20), 200))).toEqual([]);
  const last = ledger.leftOut(claim.claimId, items.slice(20), 300);
  expect(last).toContainEqual({ type: "rest", volunteerId: "ann", why: "gaveBack" });
  const more = takes(ledger, "ann", 400);
  expect(ledger.release(more.claimId, 500)).toContainEqual({ type: "rest", volunteerId: "ann", why: "gaveBack" });
});

test("[AS7] a claim ahead that is taken back from a late tab is nothing that the tab gave back", () => {
  const ledger = smallLedger({ rowCount: 1_000 });
  joins(ledger, ["ann"]);
  takes(ledger, "ann", 0);
  takes(ledger, "ann", 0);
  expect(typesOf(ledger.tick(ledger.nextDueMs!))).not.toContain("rest");
});
