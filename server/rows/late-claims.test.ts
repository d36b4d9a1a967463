import { expect, test } from "vitest";
import { RowLedger } from "./ledger.ts";
import { type LedgerClaim, type LedgerEffect, UNCODED } from "./words.ts";

/** Ten rows a second, if its pace is known. */
const PACE = 0.01;

function ledgerOf(rowCount: number, tabs: Readonly<Record<string, number | null>>) {
  const ledger = new RowLedger({ rowCount, rule: UNCODED, orderKey: null });
  for (const [name, rowsPerMs] of Object.entries(tabs)) {
    ledger.join({ sessionId: name, volunteerId: name, rowsPerMs });
  }
  return ledger;
}

const itemsOf = (claim: LedgerClaim | null) => claim?.items.map(({ item }) => item) ?? [];
const told = (effects: readonly LedgerEffect[], claim: LedgerClaim | null) =>
  effects.flatMap((effect) => (effect.type === "drop" && effect.claim.claimId === claim?.claimId ? effect.items : []));

test("[AS6] a tab whose claim is late leaves out what it has not answered, others get it, and it may still be first", () => {
  const ledger = ledgerOf(1_000, { slow: PACE, other: PACE });
  const claim = ledger.take("slow", 0)!;
  expect(itemsOf(claim)).toHaveLength(30);
  ledger.answer(claim.claimId, itemsOf(claim).slice(0, 2), 4_000);
  // One and a half times three seconds.
  expect(ledger.nextDueMs).toBe(4_500);
  const effects = ledger.tick(4_500);
  expect(told(effects, claim)).toEqual(itemsOf(claim).slice(2));
  expect(ledger.counts.again).toBe(28);
  const first = ledger.answer(claim.claimId, itemsOf(claim).slice(2, 3), 5_000);
  expect(first.map(({ type }) => type)).toContain("accepted");
  ledger.leftOut(claim.claimId, itemsOf(claim).slice(3), 5_000);
  expect(ledger.claimOf(claim.claimId)).toBeNull();
  expect(
    ledger
      .take("other", 5_000)!
      .items.slice(0, 27)
      .every(({ reason }) => reason === "again"),
  ).toBe(true);
});

test("a tab is told once what it may leave out", () => {
  const ledger = ledgerOf(1_000, { slow: PACE, other: PACE });
  const claim = ledger.take("slow", 0)!;
  ledger.tick(4_500);
  const again = ledger.take("other", 4_500)!;
  expect(told(ledger.answer(again.claimId, itemsOf(again), 7_500), claim)).toEqual([]);
});

test("[AS5] a stranger's claim is late after three times what tabs that are known would take for it", () => {
  const ledger = ledgerOf(1_000, { known: PACE, stranger: null });
  const claim = ledger.take("stranger", 0)!;
  expect(claim.dueMs).toBeCloseTo((3 * claim.items.length) / PACE, 6);
});

test("[RW5] where claims take now more and now less, one is late after as many third quartiles as those are above the first", () => {
  const dueAfter = (factors: readonly number[]) => {
    const ledger = ledgerOf(1_000_000, { tab: PACE, other: PACE });
    let nowMs = 0;
    for (let n = 0; n < 32; n++) {
      const claim = ledger.take("tab", nowMs)!;
      nowMs += (factors[n % factors.length]! * itemsOf(claim).length) / PACE;
      ledger.answer(claim.claimId, itemsOf(claim), nowMs);
    }
    // The other tab's pace is what it said.
    const claim = ledger.take("other", nowMs)!;
    return (claim.dueMs - nowMs) / (itemsOf(claim).length / PACE);
  };
  expect(dueAfter([1])).toBeCloseTo(1.5, 1);
  const wide = dueAfter([0.5, 0.7, 1, 1.3]);
  expect(wide).toBeGreaterThan(2);
  // After four third quartiles at most, here of ten times the usual: nobody waits long for the mute.
  expect(dueAfter([0.1, 0.1, 1, 1])).toBeCloseTo(40, 1);
});

test("[RW5] where a claim takes half a second beside its rows, small claims at the end are in time, and the job ends", () => {
  const ledger = ledgerOf(240, { one: null, two: null, three: null });
  const sessions = ["one", "two", "three"];
  const isLate: boolean[] = [];
  let nowMs = 0;
  for (let turn = 0; turn < 60 && ledger.counts.answered < 240; turn++) {
    const claims = sessions.flatMap((session) => ledger.take(session, nowMs) ?? []);
    for (const claim of claims) {
      const endMs = nowMs + 500 + 5 * itemsOf(claim).length;
      isLate.push(claim.dueMs < endMs);
    }
    nowMs += 1_000;
    for (const claim of claims) ledger.answer(claim.claimId, itemsOf(claim), nowMs - 500 + 5 * itemsOf(claim).length);
  }
  expect(ledger.counts.answered).toBe(240);
  // Fifteen claims have shown how long one takes.
  expect(isLate.length).toBeGreaterThan(15);
  expect(isLate.slice(15).filter(Boolean)).toEqual([]);
});

test("[RW5] after a late claim its tab gets twice the time for the next, and as before once it was in time", () => {
  const ledger = ledgerOf(10_000, { slow: PACE, other: PACE });
  const allowed: number[] = [];
  let nowMs = 0;
  for (const isSlow of [true, true, false, false]) {
    const claim = ledger.take("slow", nowMs)!;
    const items = itemsOf(claim);
    allowed.push(((claim.dueMs - nowMs) * PACE) / items.length);
    nowMs = isSlow ? claim.dueMs : nowMs + items.length / PACE;
    if (isSlow) ledger.tick(nowMs);
    ledger.answer(claim.claimId, isSlow ? items.slice(0, 1) : items, nowMs);
    ledger.leftOut(claim.claimId, isSlow ? items.slice(1) : [], nowMs);
  }
  expect(allowed[1]! / allowed[0]!).toBeCloseTo(2, 1);
  expect(allowed[3]!).toBeLessThan(allowed[2]!);
});

test("one slow claim of a tab does not make its next ones small, two in a row do once they outweigh the others", () => {
  const ledger = ledgerOf(100_000, { tab: PACE, other: PACE });
  let nowMs = 0;
  const sizes: number[] = [];
  const work = (isSlow: boolean) => {
    const claim = ledger.take("tab", nowMs)!;
    const items = itemsOf(claim);
    sizes.push(items.length);
    if (isSlow) {
      nowMs = claim.dueMs;
      ledger.tick(nowMs);
      ledger.answer(claim.claimId, items.slice(0, 1), nowMs);
      ledger.leftOut(claim.claimId, items.slice(1), nowMs);
    } else {
      nowMs += items.length / PACE;
      ledger.answer(claim.claimId, items, nowMs);
    }
  };
  for (const isSlow of [false, true, false, false]) work(isSlow);
  // After a late claim one is a quarter: whoever was silent is tried with little.
  expect(sizes).toEqual([30, 30, 7, 30]);
  for (let n = 0; n < 6; n++) work(true);
  work(false);
  work(false);
  expect(sizes.at(-1)).toBeLessThan(10);
});

test("[AS7] a tab that is late again and again and answers nothing has given its rows back, and rests", () => {
  const ledger = ledgerOf(10_000, { idle: PACE, other: PACE });
  const types: string[] = [];
  let nowMs = 0;
  for (let turn = 0; turn < 100 && !types.includes("rest"); turn++) {
    const claim = ledger.take("idle", nowMs)!;
    nowMs = claim.dueMs;
    const effects = [...ledger.tick(nowMs), ...ledger.leftOut(claim.claimId, itemsOf(claim), nowMs)];
    types.push(...effects.map(({ type }) => type));
  }
  expect(types).toContain("rest");
});
