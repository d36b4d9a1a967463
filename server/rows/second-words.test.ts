/** Checks, known rows, surplus answers, and answers that do not stand any more. */
import { expect, test } from "vitest";
import { answers, itemsOf, joins, reasonsOf, smallLedger, takes, typesOf } from "./testing/small-ledger.ts";

/** Ann has answered all rows; bob, cat and dan are here. */
function answered(rowCount: number) {
  const ledger = smallLedger({ rowCount });
  joins(ledger, ["ann"]);
  let nowMs = 0;
  for (; !ledger.isDone; nowMs += 1_000) answers(ledger, takes(ledger, "ann", nowMs), nowMs + 1_000);
  joins(ledger, ["bob", "cat", "dan"]);
  return { ledger, nowMs };
}

test("a second word names the author and the attempt that it is about, though the answer was taken out meanwhile", () => {
  const { ledger, nowMs } = answered(1);
  expect(ledger.check(0, "bob", nowMs)).toBe(true);
  const claim = takes(ledger, "bob", nowMs);
  expect(reasonsOf(claim)).toEqual(["check"]);
  expect(ledger.takeOut([0])).toBe(1);
  const [word] = answers(ledger, claim, nowMs + 50);
  expect(word).toEqual({ type: "secondWord", claim, place: 0, attempt: 0, author: "ann", volunteerId: "bob" });
  expect(ledger.attemptOf(0)).toBe(1);
});

test("a check goes neither to its author nor to who had the row before or is asked already, nor to who is not here", () => {
  const ledger = smallLedger({ rowCount: 1 });
  joins(ledger, ["ann", "bob", "cat"]);
  expect(ledger.check(0, "bob", 0)).toBe(false);
  ledger.release(takes(ledger, "bob", 0).claimId, 10);
  answers(ledger, takes(ledger, "ann", 10), 20);
  expect(["ann", "bob", "eve", "cat", "cat"].map((name) => ledger.check(0, name, 20))).toEqual([
    false,
    false,
    false,
    true,
    false,
  ]);
  // Cat is asked for a second word: when the row is taken out, the row is not hers too.
  ledger.takeOut([0]);
  const claim = takes(ledger, "cat", 30);
  expect([itemsOf(claim), reasonsOf(claim)]).toEqual([[0], ["check"]]);
  expect(ledger.take("cat", 30)).toBe(null);
});

test("a check whose partner leaves, is late, gives it back or has not begun it within two claims is free for another", () => {
  const { ledger, nowMs } = answered(4);
  for (const [place, name] of [
    [0, "bob"],
    [1, "cat"],
    [2, "dan"],
  ] as const)
    ledger.check(place, name, nowMs);
  const free = (place: number, notBy: string) => ({ type: "checkFree", place, attempt: 0, notBy });
  expect(ledger.leave("bob", nowMs)).toEqual([free(0, "bob")]);
  const claim = takes(ledger, "cat", nowMs);
  expect(ledger.release(claim.claimId, nowMs + 1)).toContainEqual(free(1, "cat"));
  // Claims took a second in the median, and are to take three: dan has twice that.
  expect(ledger.nextDueMs).toBeCloseTo(nowMs + 6_000);
  expect(ledger.tick(nowMs + 6_000)).toEqual([free(2, "dan")]);
  expect(ledger.take("dan", nowMs + 6_000)).toBe(null);
  ledger.check(3, "dan", nowMs + 6_000);
  const late = takes(ledger, "dan", nowMs + 6_000);
  expect(ledger.tick(ledger.nextDueMs!)).toEqual([{ type: "late", claim: late }, free(3, "dan")]);
  // The word of a partner that was late is compared, and counts for nothing.
  expect(answers(ledger, late, nowMs + 15_000)[0]).toMatchObject({
    type: "surplus",
    place: 3,
    author: "ann",
    volunteerId: "dan",
  });
});

test("a check that its partner has begun is waited for as long as its claim is in time", () => {
  const { ledger, nowMs } = answered(1);
  joins(ledger, ["eve"], 0.0001);
  ledger.check(0, "eve", nowMs);
  const claim = takes(ledger, "eve", nowMs);
  expect(ledger.tick(nowMs + 3_000)).toEqual([]);
  expect(typesOf(answers(ledger, claim, nowMs + 10_000))).toEqual(["secondWord", "ended"]);
});

test("checks wait for a volunteer as long as one session of it is here", () => {
  const { ledger, nowMs } = answered(1);
  joins(ledger, ["eve/1", "eve/2"]);
  ledger.check(0, "eve", nowMs);
  expect(ledger.leave("eve/1", nowMs)).toEqual([]);
  expect(ledger.leave("eve/2", nowMs)).toEqual([{ type: "checkFree", place: 0, attempt: 0, notBy: "eve" }]);
});

test("a claim's size is settled before checks take the place of fresh rows: a fifth of it at most", () => {
  const withChecks = smallLedger({ rowCount: 1_000 });
  const without = smallLedger({ rowCount: 1_000 });
  for (const ledger of [withChecks, without]) {
    joins(ledger, ["ann", "bob"]);
    answers(ledger, takes(ledger, "ann", 0), 3_000);
  }
  for (let place = 0; place < 30; place++) withChecks.check(place, "bob", 3_000);
  const [claim, other] = [takes(withChecks, "bob", 3_000), takes(without, "bob", 3_000)];
  expect([claim.items.length, other.items.length]).toEqual([30, 30]);
  expect(claim.items.filter(({ reason }) => reason === "check").length).toBe(6);
  expect(withChecks.counts.checksWaiting).toBe(24);
});

test("a row whose answer is known is asked with the next claim, and changes nothing", () => {
  const ledger = smallLedger({ rowCount: 100 });
  joins(ledger, ["ann"]);
  ledger.makeExact(7);
  ledger.know(7, "ann");
  const claim = takes(ledger, "ann", 0);
  expect(claim.items[0]).toMatchObject({ item: 7, reason: "known" });
  expect(ledger.answer(claim.claimId, [7], 10)).toEqual([{ type: "known", claim, place: 7, volunteerId: "ann" }]);
  expect([ledger.stateOf(7), ledger.authorOf(7), ledger.counts.answered]).toEqual(["final", null, 1]);
});

test("the first answer of two counts, the second is surplus; its holder is told to leave the end of its claim out", () => {
  const ledger = smallLedger({ rowCount: 20, sizes: { fairPart: 1 } });
  joins(ledger, ["ann"]);
  const claim = takes(ledger, "ann", 0);
  expect(claim.items.length).toBe(20);
  joins(ledger, ["bob"]);
  // Two seconds of work at the same pace: half of it, from the end.
  const beside = takes(ledger, "bob", 0);
  expect(reasonsOf(beside)).toEqual(["beside"]);
  expect(itemsOf(beside)).toEqual([19, 18, 17, 16, 15, 14, 13, 12, 11, 10]);
  const effects = answers(ledger, beside, 1_000);
  expect(
    effects.filter(({ type }) => type === "drop").flatMap((effect) => (effect.type === "drop" ? effect.items : [])),
  ).toEqual(itemsOf(beside));
  expect(ledger.answer(claim.claimId, [19], 1_000)[0]).toMatchObject({
    type: "surplus",
    place: 19,
    attempt: 0,
    author: "bob",
    volunteerId: "ann",
  });
  expect(ledger.answer(claim.claimId, [0], 1_000)[0]).toMatchObject({ type: "accepted", place: 0 });
});

test("no row has three holders in time: who may not have the last one leaves it to others, and these do not take what is taken", () => {
  const ledger = smallLedger({ rowCount: 10, sizes: { fairPart: 9 } });
  joins(ledger, ["bob/slow"], 0.0004);
  const began = takes(ledger, "bob/slow", 0);
  expect(itemsOf(began)).toEqual([0]);
  joins(ledger, ["dan"]);
  ledger.release(takes(ledger, "dan", 0).claimId, 1);
  ledger.release(began.claimId, 2);
  ledger.leave("dan", 2);
  joins(ledger, ["ann"], 0.004);
  expect(itemsOf(takes(ledger, "ann", 3))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 0]);
  joins(ledger, ["bob/fast", "cat"], 0.004);
  const [one, other] = [itemsOf(takes(ledger, "bob/fast", 3)), itemsOf(takes(ledger, "cat", 3))];
  expect(one).toEqual([9, 8, 7, 6, 5]);
  expect(other[0]).toBe(0);
  expect(other.filter((item) => one.includes(item))).toEqual([]);
});

test("rows that somebody else answered in the middle of a claim are told when they are five, or all that is left behind them", () => {
  const ledger = smallLedger({ rowCount: 12, sizes: { fairPart: 1 } });
  joins(ledger, ["ann"]);
  const claim = takes(ledger, "ann", 0);
  const told = (places: number[]) =>
    places
      .flatMap((place) => ledger.makeExact(place))
      .flatMap((effect) => (effect.type === "drop" ? effect.items : []));
  expect(told([2, 3])).toEqual([]);
  expect(told([4, 5, 6])).toEqual([2, 3, 4, 5, 6]);
  expect(told([11])).toEqual([11]);
  expect(told([9])).toEqual([]);
  expect(told([10])).toEqual([9, 10]);
  expect(claim.openCount).toBe(12);
  // What is left behind row 7 was told before.
  expect(told([7])).toEqual([]);
  expect(ledger.answer(claim.claimId, [0, 1, 8], 100)).toContainEqual({ type: "drop", claim, items: [7] });
});

test("an answer for an earlier attempt changes no row, and is told; the next attempt is asked of others", () => {
  const ledger = smallLedger({ rowCount: 1 });
  joins(ledger, ["ann"]);
  const claim = takes(ledger, "ann", 0);
  ledger.tick(ledger.nextDueMs!);
  joins(ledger, ["bob", "cat"]);
  answers(ledger, takes(ledger, "bob", 1_000), 1_100);
  ledger.takeOut([0]);
  expect(answers(ledger, claim, 1_200)[0]).toMatchObject({
    type: "surplus",
    attempt: 0,
    author: null,
    volunteerId: "ann",
  });
  expect([ledger.take("ann", 1_300), ledger.take("bob", 1_300)]).toEqual([null, null]);
  expect(answers(ledger, takes(ledger, "cat", 1_300), 1_400)[0]).toMatchObject({
    type: "accepted",
    attempt: 1,
    volunteerId: "cat",
  });
});

test("[CC10] rows that a naming put back go to those alone that may have them, and are asked about once a claim", () => {
  const { ledger, nowMs } = answered(100);
  const effects = ledger.name("ann", nowMs);
  expect(effects).toEqual([
    { type: "takenOut", volunteerId: "ann", places: Array.from({ length: 100 }, (_, i) => i), mixtures: [] },
  ]);
  let asked = 0;
  const mayNot = () => {
    asked++;
    return false;
  };
  expect([ledger.take("bob", nowMs, mayNot), asked]).toEqual([null, 1]);
  const claim = ledger.take("cat", nowMs, () => true)!;
  expect(reasonsOf(claim)).toEqual(["again"]);
  // The rest is cat's too: nobody else takes it beside her, who may not.
  while (ledger.take("cat", nowMs, () => true) !== null);
  expect(ledger.take("bob", nowMs, mayNot)).toBe(null);
  ledger.release(claim.claimId, nowMs);
  expect(ledger.take("bob", nowMs, mayNot)).toBe(null);
  expect(ledger.take("dan", nowMs, () => true)).not.toBe(null);
});

test("what the coordinator computes is final, whoever has it; certified answers are final too, and stand as their author's", () => {
  const ledger = smallLedger({ rowCount: 30 });
  joins(ledger, ["ann"]);
  const claim = takes(ledger, "ann", 0);
  ledger.makeExact(0);
  ledger.makeExact(29);
  expect(typesOf(answers(ledger, claim, 1_000))).toContain("surplus");
  ledger.certify("all");
  expect(ledger.counts).toMatchObject({ answered: claim.items.length + 1, final: claim.items.length + 1 });
  expect([...ledger.standingOf("ann")]).toEqual(itemsOf(claim).filter((item) => item !== 0));
});
