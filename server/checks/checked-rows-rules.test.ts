/** Single rules of a checked block, by hand. */
import { expect, test } from "vitest";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { RowLedger } from "../rows/ledger.ts";
import { type GroupRule, type LedgerClaim, mixtureItem, type RestoredRow, UNCODED } from "../rows/words.ts";
import { CheckedBlock, type CheckedRowsOptions } from "./checked-rows.ts";
import type { CheckEffect, RowToRecompute } from "./checked-rows-words.ts";
import { termsFor } from "./testing/driven-block.ts";

const ALL_CROWD = termsFor({ rows: 10, q: 0, h: 1, c: 0 });
const ALL_COORDINATOR = termsFor({ rows: 10, q: 1, h: 0, c: 0 });
const NO_COINS = termsFor({ rows: 10, q: 0, h: 0, c: 0 });
const PARITIES: GroupRule = {
  ...{ rows: 2, mixtures: 1, apart: "open", goesOutPlain: true },
  isDecodable: (rowsIn, mixturesIn) => rowsIn + mixturesIn >= 2,
};

/** A block of rows that go out in the order of their places; partners are drawn in the order of `crowd`. */
function blockOf({
  rows = 4,
  rule = UNCODED,
  crowd = ["b", "c", "d"],
  answered = [],
  ...options
}: { rows?: number; rule?: GroupRule; crowd?: string[]; answered?: RestoredRow[] } & Partial<CheckedRowsOptions>) {
  const ledger = new RowLedger({
    rowCount: rows,
    rule,
    orderKey: null,
    answered,
    sizes: { targetMs: 1_000, firstRows: 8, fairPart: 1, unknownPart: 1 },
  });
  const block = new CheckedBlock({
    ...{ ledger, terms: ALL_CROWD, coinOf: () => 0.5, random: simulationRandom(1) },
    partners: {
      draw: (author, notAmong) => crowd.find((id) => id !== author && !notAmong.has(id)) ?? null,
      isCrowdReady: () => true,
      groupOf: (id) => id,
    },
    ...options,
  });
  const begun = block.begin(0);
  return { ledger, block, begun };
}

function join(block: CheckedBlock, ...ids: string[]): void {
  for (const id of ids) block.join({ sessionId: id, volunteerId: id, rowsPerMs: 0.01 }, 0);
}

const itemsOf = (claim: LedgerClaim | null): number[] => claim!.items.map(({ item }) => item);
const typesOf = (effects: readonly CheckEffect[]): string[] => effects.map(({ type }) => type);
const rowsOf = (effects: readonly CheckEffect[]): readonly RowToRecompute[] =>
  effects.flatMap((effect) => (effect.type === "recompute" ? effect.rows : []));
const only = <Type extends CheckEffect["type"]>(effects: readonly CheckEffect[], type: Type) =>
  effects.filter((effect): effect is Extract<CheckEffect, { type: Type }> => effect.type === type);

/** Takes what is there, claim by claim, and answers all of it. */
function answerAll(block: CheckedBlock, id: string, nowMs = 100): CheckEffect[] {
  const effects: CheckEffect[] = [];
  for (let { claim } = block.take(id, nowMs); claim !== null; { claim } = block.take(id, nowMs)) {
    effects.push(...block.answer(claim.claimId, itemsOf(claim), nowMs));
  }
  return effects;
}

const right = (volunteerId: string, attempt = 0) => ({ volunteerId, attempt, isRight: true, isBeyondDoubt: false });
const wrong = (volunteerId: string, attempt = 0) => ({ volunteerId, attempt, isRight: false, isBeyondDoubt: false });

test("[CC3] [CK9] coins are tossed when the claim has ended: no part of it tells who checks it", () => {
  const { block } = blockOf({ terms: ALL_COORDINATOR });
  join(block, "a");
  const { claim } = block.take("a", 0);
  expect(rowsOf(block.answer(claim!.claimId, itemsOf(claim).slice(0, -1), 100))).toEqual([]);
  expect(rowsOf(block.answer(claim!.claimId, itemsOf(claim).slice(-1), 200))).toHaveLength(itemsOf(claim).length);
});

test("of a claim that is late the answers so far have their coins, and the rest as they come", () => {
  const { block } = blockOf({ rows: 2, terms: ALL_COORDINATOR });
  join(block, "a");
  const { claim } = block.take("a", 0);
  const [first, second] = itemsOf(claim);
  expect(rowsOf(block.answer(claim!.claimId, [first!], 1))).toEqual([]);
  const late = block.tick(claim!.dueMs);
  expect(typesOf(late)).toContain("late");
  expect(rowsOf(late)).toEqual([{ place: first, attempt: 0, why: "coin" }]);
  expect(rowsOf(block.answer(claim!.claimId, [second!], claim!.dueMs + 1))).toEqual([
    { place: second, attempt: 0, why: "coin" },
  ]);
});

test("[CK7] a check that its partner let lie the coordinator answers: of two draws a colluder would be met too often", () => {
  const { block } = blockOf({ rows: 1 });
  join(block, "a", "b", "c", "d");
  answerAll(block, "a");
  expect(block.waits.partners).toBe(1);
  const left = block.leave("b", 200);
  expect(rowsOf(left)).toEqual([{ place: 0, attempt: 0, why: "redraw" }]);
  expect(block.waits).toMatchObject({ partners: 0, coordinator: 1 });
});

test("who lets a check lie and stays is told", () => {
  const { block } = blockOf({ rows: 1 });
  join(block, "a", "b", "c");
  answerAll(block, "a");
  const { claim } = block.take("b", 200);
  expect(claim!.items.map(({ reason }) => reason)).toEqual(["check"]);
  expect(only(block.release(claim!.claimId, 300), "letLie")).toEqual([{ type: "letLie", volunteerId: "b" }]);
});

test("a partner that agrees answers the coin, and the block is certified", () => {
  const { block, ledger } = blockOf({ rows: 1 });
  join(block, "a", "b", "c");
  answerAll(block, "a");
  const [compare] = only(answerAll(block, "b", 400), "compare");
  expect(compare).toEqual({
    type: "compare",
    place: 0,
    attempt: 0,
    author: "a",
    second: "b",
    claimId: compare!.claimId,
  });
  const effects = block.compared(0, 0, "a", "b", "agree", 500);
  expect(typesOf(effects)).toEqual(["vouched", "certified"]);
  expect(only(effects, "certified")[0]).toMatchObject({ places: [0], isLast: true });
  expect(ledger.stateOf(0)).toBe("final");
  expect(block.duplicateRows).toBe(1);
});

test("[VF3] [CK12] a difference is computed; who is wrong is found, whether or not it is named, and the charge comes first", () => {
  const { block } = blockOf({ rows: 2 });
  join(block, "a", "b", "c");
  answerAll(block, "a");
  answerAll(block, "b", 400);
  expect(rowsOf(block.compared(0, 0, "a", "b", "differ", 500))).toEqual([{ place: 0, attempt: 0, why: "difference" }]);
  const found = block.recomputed(0, 0, [wrong("a"), right("b")], 600);
  expect(typesOf(found).slice(0, 2)).toEqual(["charge", "found"]);
  expect(only(found, "found")[0]).toMatchObject({ volunteerId: "a", partner: "b" });
  expect(block.isCharged).toBe(true);
  const end = block.compared(1, 0, "a", "b", "agree", 700);
  expect(only(end, "notCertified")).toEqual([
    { type: "notCertified", unsettled: [1], isCharged: true, mayAskAgain: true },
  ]);
});

test("a second word that is wrong is a finding too, and agreement of a volunteer that was not asked is none", () => {
  const { block } = blockOf({ rows: 1, crowd: ["b"] });
  join(block, "a", "b");
  answerAll(block, "a");
  answerAll(block, "b", 400);
  block.compared(0, 0, "a", "b", "differ", 500);
  expect(only(block.recomputed(0, 0, [right("a"), wrong("b")], 600), "found")[0]).toMatchObject({ volunteerId: "b" });
});

test("[VF3] [CK4] a volunteer that is named elsewhere is no finding here; its coins are answered, and what is wrong charges", () => {
  const { block } = blockOf({ rows: 2, crowd: ["b"] });
  join(block, "a", "b");
  answerAll(block, "a");
  const named = block.name("a", 200);
  expect(only(named, "takenOut")[0]!.places).toEqual([0, 1]);
  expect(rowsOf(named)).toEqual([0, 1].map((place) => ({ place, attempt: 0, why: "coin" })));
  expect(typesOf(named)).not.toContain("charge");
  expect(typesOf(block.recomputed(0, 0, [wrong("a")], 300))).toContain("charge");
});

test("a row that was never tossed when its author was named has its coin all the same", () => {
  const { block } = blockOf({ rows: 2, terms: ALL_COORDINATOR });
  join(block, "a");
  const { claim } = block.take("a", 0);
  block.answer(claim!.claimId, [0], 100);
  expect(rowsOf(block.name("a", 200))).toEqual([{ place: 0, attempt: 0, why: "coin" }]);
});

test("an answer that came while its row was computed is compared by itself, its coin tossed before or after", () => {
  for (const isTossedBefore of [true, false]) {
    const { block } = blockOf({ rows: 2, terms: ALL_COORDINATOR });
    join(block, "a");
    answerAll(block, "a");
    block.takeOut([0, 1], 200);
    block.leave("a", 200);
    join(block, "b");
    const { claim } = block.take("b", 300);
    const again = { place: 0, attempt: 1, why: "coin" };
    const first = block.answer(claim!.claimId, isTossedBefore ? [0, 1] : [0], 400);
    if (isTossedBefore) expect(rowsOf(first)).toContainEqual(again);
    // What the coordinator was asked for before holds nothing of the second answer.
    expect(typesOf(block.recomputed(0, 0, [right("a")], 500))).not.toContain("charge");
    if (!isTossedBefore) expect(rowsOf(block.answer(claim!.claimId, [1], 600))).toContainEqual(again);
    expect(typesOf(block.recomputed(0, 1, [right("a"), wrong("b", 1)], 700))).toContain("charge");
  }
});

test("[CK9] rate 1: the coordinator computes what is not finite, and each row of a coarse device", () => {
  const { block } = blockOf({ rows: 2, terms: NO_COINS });
  join(block, "a");
  const { claim } = block.take("a", 0);
  expect(rowsOf(block.answer(claim!.claimId, [0, 1], 100, [1]))).toEqual([{ place: 1, attempt: 0, why: "doubt" }]);
  const other = blockOf({ rows: 2, terms: NO_COINS }).block;
  other.join({ sessionId: "a", volunteerId: "a", rowsPerMs: null, isCoarse: true }, 0);
  const taken = other.take("a", 0).claim!;
  expect(rowsOf(other.answer(taken.claimId, itemsOf(taken), 100)).map(({ why }) => why)).toContain("doubt");
});

test("[PC6] [CK10] answers of a device are held until it had a known row right, and a wrong one is no finding", () => {
  for (const isRight of [true, false]) {
    const { block, ledger } = blockOf({ rows: 6, terms: NO_COINS });
    const joined = block.join({ sessionId: "a", volunteerId: "a", rowsPerMs: 0.01, knownNeeded: 1 }, 0);
    const known = rowsOf(joined);
    expect(known.map(({ why }) => why)).toEqual(["known", "known", "known"]);
    expect(block.take("a", 0).claim).toBeNull();
    for (const { place, attempt } of known) block.recomputed(place, attempt, [], 10);
    const claim = block.take("a", 20).claim!;
    const answered = block.answer(claim.claimId, itemsOf(claim), 500);
    expect(typesOf(answered)).toEqual(["compareKnown"]);
    expect(block.waits.known).toBe(1);
    const place = only(answered, "compareKnown")[0]!.place;
    const effects = block.comparedKnown("a", place, isRight, 600);
    if (isRight) expect(typesOf(effects)).toContain("accepted");
    else {
      expect(typesOf(effects)).toContain("knownWrong");
      expect(typesOf(effects)).not.toContain("accepted");
      expect(block.take("a", 700).claim).toBeNull();
      expect(ledger.counts.answered).toBe(known.length);
    }
    expect(block.isCharged).toBe(false);
  }
});

test("what is held of a claim that is late goes back, so that its device can be measured by another one", () => {
  const { block } = blockOf({ rows: 6, terms: NO_COINS });
  for (const row of rowsOf(block.join({ sessionId: "a", volunteerId: "a", rowsPerMs: 0.01, knownNeeded: 1 }, 0))) {
    block.recomputed(row.place, row.attempt, [], 10);
  }
  const claim = block.take("a", 20).claim!;
  const others = claim.items.filter(({ reason }) => reason !== "known").map(({ item }) => item);
  expect(block.answer(claim.claimId, others, 100)).toEqual([]);
  const late = block.tick(claim.dueMs);
  expect(typesOf(late)).toContain("ended");
  expect(typesOf(late)).not.toContain("accepted");
  expect(block.waits).toMatchObject({ known: 0, claims: 0 });
  expect(block.take("a", claim.dueMs).claim!.items.map(({ reason }) => reason)).toContain("known");
});

test("one mixture of a part is computed before its groups are decoded, and what was wrong is asked again", () => {
  for (const isRight of [true, false]) {
    const { block } = blockOf({ rows: 2, rule: PARITIES, terms: NO_COINS });
    join(block, "a", "b", "c");
    const row = block.take("a", 0).claim!;
    block.take("b", 0);
    const spare = block.take("c", 0).claim!;
    expect(spare.items.map(({ reason }) => reason)).toEqual(["spare"]);
    const came = block.answer(spare.claimId, itemsOf(spare), 100);
    expect(rowsOf(came)).toEqual([{ place: mixtureItem(0, 0), attempt: 0, why: "mixture" }]);
    expect(typesOf(block.answer(row.claimId, itemsOf(row), 200))).not.toContain("decodable");
    const seen = block.recomputed(mixtureItem(0, 0), 0, [isRight ? right("c") : wrong("c")], 300);
    if (isRight) expect(typesOf(seen)).toEqual(["decodable"]);
    else {
      expect(typesOf(seen)).toEqual(["charge", "found", "takenOut"]);
      expect(only(seen, "takenOut")[0]!.mixtures).toEqual([mixtureItem(0, 0)]);
    }
  }
});

test("a group that has enough without a mixture that was wrong is told as decodable once the others were looked at", () => {
  const rule: GroupRule = {
    ...{ rows: 1, mixtures: 2, apart: "open", goesOutPlain: false },
    isDecodable: (_rowsIn, mixturesIn) => mixturesIn >= 1,
  };
  const { block } = blockOf({ rows: 1, rule, terms: NO_COINS });
  join(block, "a", "b");
  const claims = [block.take("a", 0).claim!, block.take("b", 0).claim!];
  for (const claim of claims) expect(typesOf(block.answer(claim.claimId, itemsOf(claim), 100))).toContain("recompute");
  const [first, second] = claims.map((claim) => itemsOf(claim)[0]!) as [number, number];
  const seen = block.recomputed(first, 0, [wrong("a")], 200);
  expect(typesOf(seen)).toContain("takenOut");
  expect(typesOf(seen)).not.toContain("decodable");
  expect(only(block.recomputed(second, 0, [right("b")], 300), "decodable")).toHaveLength(1);
});

test("[CK8] every draw of a sample is answered before anything is final, of rows that came later too", () => {
  const { block } = blockOf({
    rows: 4,
    terms: termsFor({ rows: 4, q: 0.6, h: 0, c: 0.75 }),
    coinOf: (place) => (place === 0 ? 0.5 : 0.9),
  });
  join(block, "a");
  expect(rowsOf(answerAll(block, "a"))).toEqual([{ place: 0, attempt: 0, why: "coin" }]);
  join(block, "b");
  // Row 3 is taken out while the coin of row 0 is open: it comes again, with the next window.
  block.takeOut([3], 150);
  expect(rowsOf(answerAll(block, "b", 300))).toEqual([]);
  const sample = rowsOf(block.recomputed(0, 0, [right("a")], 400));
  expect(sample).toHaveLength(2);
  expect(sample.every(({ why }) => why === "sample")).toBe(true);
  for (const [index, { place, attempt }] of sample.entries()) {
    const effects = block.recomputed(place, attempt, [right(attempt === 0 ? "a" : "b", attempt)], 500);
    expect(typesOf(effects).includes("certified")).toBe(index === sample.length - 1);
  }
});

test("[CK13] what is unsettled is asked again as the next block, at most twice", () => {
  const terms = termsFor({ rows: 4, q: 0.6, h: 0, c: 0 });
  const { block } = blockOf({ terms, coinOf: (place, attempt) => (place === attempt ? 0.5 : 0.9) });
  expect(() => block.askAgain(terms, [], 0)).toThrow(RangeError);
  for (const time of [0, 1, 2]) {
    const id = `v${time}`;
    join(block, id);
    expect(rowsOf(answerAll(block, id, 1_000 * time))).toEqual([{ place: time, attempt: time, why: "coin" }]);
    const ends = block.recomputed(time, time, [wrong(id, time)], 1_000 * time + 100);
    expect(typesOf(ends)).toEqual(["charge", "found", "exact", "notCertified"]);
    const { unsettled, mayAskAgain } = only(ends, "notCertified")[0]!;
    expect(unsettled).toEqual([0, 1, 2, 3].slice(time + 1));
    expect(mayAskAgain).toBe(time < 2);
    if (mayAskAgain) expect(only(block.askAgain(terms, unsettled, 0), "takenOut")[0]!.places).toEqual(unsettled);
    else expect(() => block.askAgain(terms, unsettled, 0)).toThrow(RangeError);
    block.leave(id, 1_000 * time + 200);
  }
});

test("lies of a block that was charged are told when they show, and charge the next one no more", () => {
  const terms = termsFor({ rows: 4, q: 0.6, h: 0, c: 0 });
  const { block } = blockOf({ terms, coinOf: (place, attempt) => (place === attempt ? 0.5 : 0.9) });
  join(block, "a");
  answerAll(block, "a");
  const { unsettled } = only(block.recomputed(0, 0, [wrong("a")], 100), "notCertified")[0]!;
  block.askAgain(terms, unsettled, 200);
  block.leave("a", 200);
  join(block, "b");
  answerAll(block, "b", 300);
  const effects = block.recomputed(1, 1, [wrong("a", 0), right("b", 1)], 400);
  expect(typesOf(effects)).toContain("found");
  expect(typesOf(effects)).not.toContain("charge");
  expect(only(effects, "certified")[0]).toMatchObject({ places: [2, 3], isLast: true });
});

test("[CK13] after a restart coins that nobody had answered are asked for again, those of answers that were taken out too", () => {
  const answered: RestoredRow[] = [
    { place: 0, attempt: 0, author: "a", isFinal: false },
    { place: 1, attempt: 0, author: "a", isFinal: false },
    { place: 2, attempt: 0, author: null, isFinal: true },
  ];
  const { begun } = blockOf({
    answered,
    terms: ALL_COORDINATOR,
    stored: { vouched: [{ place: 1, attempt: 0, partner: "b" }], openCoins: [{ place: 3, attempt: 0, author: "z" }] },
  });
  expect(rowsOf(begun)).toEqual([3, 0].map((place) => ({ place, attempt: 0, why: "coin" })));
});

test("[CK7] after a restart no partner is drawn for a coin that may have had one, nor for a sample", () => {
  const answered: RestoredRow[] = [0, 1].map((place) => ({ place, attempt: 0, author: "a", isFinal: false }));
  const { begun, block } = blockOf({ rows: 3, answered });
  expect(rowsOf(begun)).toEqual([0, 1].map((place) => ({ place, attempt: 0, why: "coin" })));
  expect(block.waits).toMatchObject({ partners: 0, coordinator: 2 });
  join(block, "d", "b");
  answerAll(block, "d");
  expect(block.waits.partners).toBe(1);

  const terms = termsFor({ rows: 2, q: 0, h: 0, c: 0.5 });
  const sampled = blockOf({ rows: 2, answered, terms, sampleBy: "crowd" });
  expect(rowsOf(sampled.begun)).toEqual([{ place: expect.any(Number), attempt: 0, why: "sample" }]);
});

test("route 1 knows what stands of each volunteer, its trusted rows, and second words of those who are not named", () => {
  const { block } = blockOf({ rows: 3, crowd: ["b"] });
  join(block, "a", "b");
  answerAll(block, "a");
  expect(rowsOf(block.recompute([2], 150))).toEqual([{ place: 2, attempt: 0, why: "route" }]);
  block.recomputed(2, 0, [right("a")], 160);
  answerAll(block, "b", 400);
  block.compared(0, 0, "a", "b", "agree", 500);
  expect(block.factsOf("a")).toEqual({ standing: 2, trustedRight: 1, secondWords: new Map([["b", 1]]) });
  block.name("b", 600);
  expect(block.factsOf("a").secondWords).toEqual(new Map());
});

test("[CK5] windows become final in the order in which coins were tossed, and after a finding no more do", () => {
  const terms = termsFor({ rows: 15, q: 0.1, h: 0, c: 0 });
  const windowsOf = (place: number) => {
    const coinOf = (of: number) => (of === place ? 0.01 : 0.99);
    const { block } = blockOf({ rows: 15, terms, coinOf, windowRows: 5 });
    join(block, "a");
    const told = answerAll(block, "a");
    expect(rowsOf(told)).toEqual([{ place, attempt: 0, why: "coin" }]);
    return { block, final: only(told, "certified").flatMap(({ places }) => places) };
  };
  const first = windowsOf(1);
  expect(first.final).toEqual([]);
  const freed = only(first.block.recomputed(1, 0, [right("a")], 200), "certified").flatMap(({ places }) => places);
  expect(freed.sort((a, b) => a - b)).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  const last = windowsOf(14);
  expect(last.final).not.toContain(14);
  const found = last.block.recomputed(14, 0, [wrong("a")], 200);
  expect([only(found, "charge").length, only(found, "certified").length, last.block.isOver]).toEqual([1, 0, true]);
});

test.each([true, false])(
  "[CK6] a cancelled block gives nothing out, answers its coins, and is charged where one finds a lie (right: %s)",
  (isRight) => {
    const { block } = blockOf({ rows: 3 });
    join(block, "a");
    const { claim } = block.take("a", 0);
    block.answer(claim!.claimId, [0], 100);
    const cancelled = block.cancel(200);
    expect(rowsOf(cancelled)).toEqual([{ place: 0, attempt: 0, why: "coin" }]);
    expect([block.take("a", 300).claim, block.isOver]).toEqual([null, false]);
    const ends = block.recomputed(0, 0, [isRight ? right("a") : wrong("a")], 400);
    expect(only(ends, "charge")).toHaveLength(isRight ? 0 : 1);
    expect(only(ends, "notCertified")).toEqual([
      { type: "notCertified", unsettled: [], isCharged: !isRight, mayAskAgain: false },
    ]);
  },
);

test("[VF6] of a block without terms nothing is checked, charged or certified", () => {
  const { block } = blockOf({ rows: 2, terms: null });
  join(block, "a");
  const effects = answerAll(block, "a");
  expect(rowsOf(effects)).toEqual([]);
  expect(only(effects, "notCertified")[0]).toMatchObject({ unsettled: [0, 1], isCharged: false, mayAskAgain: false });
});

test("the oldest answer that is not final is told with its time", () => {
  const { block } = blockOf({ rows: 2 });
  join(block, "a", "b");
  expect(block.waits.oldestMs).toBeNull();
  answerAll(block, "a", 700);
  expect(block.waits.oldestMs).toBe(700);
});

test("[VF14] a group that waits for a mixture is decoded once that was looked at, though nothing is checked any more", () => {
  const { block } = blockOf({ rows: 2, rule: PARITIES, terms: NO_COINS });
  join(block, "a", "b", "c");
  const row = block.take("a", 0).claim!;
  block.take("b", 0);
  const spare = block.take("c", 0).claim!;
  block.answer(spare.claimId, itemsOf(spare), 100);
  expect(typesOf(block.answer(row.claimId, itemsOf(row), 200))).not.toContain("decodable");
  block.goOnWithoutChecks(250);
  expect(block.take("a", 260).claim).toBeNull();
  expect(typesOf(block.recomputed(mixtureItem(0, 0), 0, [right("c")], 300))).toEqual(["decodable"]);
});

test("a check that is begun and not answered is the coordinator's after a while, however slow its partner is", () => {
  const { block } = blockOf({ rows: 2, crowd: ["b"] });
  block.join({ sessionId: "a", volunteerId: "a", rowsPerMs: 0.01 }, 0);
  block.join({ sessionId: "b", volunteerId: "b", rowsPerMs: 1e-7 }, 0);
  answerAll(block, "a", 100);
  expect(block.take("b", 200).claim!.items.map(({ reason }) => reason)).toEqual(["check"]);
  // A row should take it three hours; the other check it has not begun.
  expect(rowsOf(block.tick(60_000)).map(({ why }) => why)).toEqual(["redraw", "redraw"]);
});
