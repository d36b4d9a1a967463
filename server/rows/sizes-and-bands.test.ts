/** How large claims are, open jobs, bands of several codes, and what is left after a restart. */
import { expect, test } from "vitest";
import { CLAIM_SIZES, claimRows } from "./claim-size.ts";
import { RULES } from "./testing/rules.ts";
import { answers, itemsOf, joins, reasonsOf, smallLedger, takes } from "./testing/small-ledger.ts";
import { isMixture, UNCODED } from "./words.ts";

test("a claim is pace times three seconds, at most half of the tab's fair share of what waits, and one row at least", () => {
  const asking = {
    pace: 0.01,
    crowdPace: 0.01,
    wasSilent: false,
    tabs: 10,
    idleTabs: 1,
    waiting: 10_000,
    isOpenJob: false,
    besideRowsMs: 0,
  };
  const rows = (change: Partial<typeof asking>) => claimRows({ ...asking, ...change }, CLAIM_SIZES);
  expect(rows({})).toBe(30);
  expect(rows({ waiting: 200 })).toBe(10);
  expect(rows({ waiting: 200, pace: 0.02, crowdPace: 0.01 })).toBe(20);
  expect(rows({ waiting: 3 })).toBe(1);
  expect(rows({ pace: 0, crowdPace: 0 })).toBe(5);
  expect([rows({ pace: 0 }), rows({ wasSilent: true })]).toEqual([7, 7]);
  // Ten thousand tabs would ask 3,333 times a second.
  expect(rows({ tabs: 10_000, waiting: 1e9 })).toBe(100);
  expect([
    rows({ isOpenJob: true, waiting: 12, idleTabs: 4 }),
    rows({ isOpenJob: true, waiting: 5, idleTabs: 4 }),
  ]).toEqual([3, 2]);
  expect(rows({ pace: 1e6, crowdPace: 1e6, waiting: 1e9 })).toBe(4_096);
});

test("what takes its tab a tenth of a second is not divided: it has its whole share, or five rows, and no more", () => {
  const rows = (waiting: number, pace: number, besideRowsMs = 0) =>
    claimRows(
      { pace, crowdPace: pace, wasSilent: false, tabs: 10, idleTabs: 1, waiting, isOpenJob: false, besideRowsMs },
      CLAIM_SIZES,
    );
  // A whole share; of it what takes a tenth of a second; half a share takes longer.
  expect([rows(200, 1), rows(200, 0.15), rows(2_000, 0.15)]).toEqual([20, 15, 100]);
  // Nor what takes it no longer than a claim takes beside its rows.
  expect([rows(200, 0.15, 1_000), rows(2_000, 0.15, 1_000)]).toEqual([20, 150]);
  // Five rows where few are left, as far as they are quick.
  expect([rows(8, 1), rows(8, 0.03), rows(8, 0.01)]).toEqual([5, 3, 1]);
});

test("an open job gives rows as they come, in the order of time; a closed one in its secret order", () => {
  const open = smallLedger({ rowCount: 0, isOpen: true });
  joins(open, ["ann", "bob"]);
  expect(open.take("ann", 0)).toBe(null);
  open.append(4);
  expect([itemsOf(takes(open, "ann", 1)), itemsOf(takes(open, "bob", 1))]).toEqual([
    [0, 1],
    [2, 3],
  ]);
  expect(open.isDone).toBe(false);
  expect(() => smallLedger({ rowCount: 9, isOpen: true, orderKey: new Uint8Array(32) })).toThrow(RangeError);
  const closed = smallLedger({ rowCount: 1_000, orderKey: new Uint8Array(32).fill(1) });
  joins(closed, ["ann"]);
  const items = itemsOf(takes(closed, "ann", 0));
  expect(items).not.toEqual(items.toSorted((a, b) => a - b));
  expect(() => closed.append(1)).toThrow(RangeError);
});

test("an open job's groups go out when full, when they are old enough or when a tab idles; then the last is smaller", () => {
  const rule = RULES["systematic 3 + 1"]!;
  const ledger = smallLedger({ rowCount: 5, isOpen: true, rule });
  joins(ledger, ["ann", "bob", "cat", "dan", "eve", "fay"]);
  expect(itemsOf(takes(ledger, "ann", 0))).toEqual([0]);
  expect(ledger.groupOf(3)).toBe(null);
  ledger.flush();
  for (const name of ["bob", "cat", "dan", "eve"]) takes(ledger, name, 0);
  ledger.append(1);
  expect([ledger.groupOf(0), ledger.groupOf(4), ledger.groupOf(5)]).toEqual([0, 1, null]);
  // Row 5 has no group that is full; an idle tab closes one.
  for (const name of ["cat", "dan", "eve", "fay"]) while (ledger.take(name, 1) !== null);
  expect([ledger.groupOf(5), ledger.stateOf(5)]).toEqual([2, "out"]);
});

test("the code of a band is asked for once, when the band is opened", () => {
  const asked: number[] = [];
  const ruleOf = (band: number) => {
    asked.push(band);
    return band === 0 ? UNCODED : RULES["systematic 4 + 2"]!;
  };
  const ledger = smallLedger({ rowCount: 1_000, ruleOf, sizes: { rowsMax: 100 } });
  joins(ledger, ["ann", "bob", "cat", "dan", "eve", "fay"], 1);
  for (let nowMs = 0; !ledger.isDone && nowMs < 1e6; nowMs += 100) {
    for (const name of ["ann", "bob", "cat", "dan", "eve", "fay"]) {
      const claim = ledger.take(name, nowMs);
      if (claim !== null) answers(ledger, claim, nowMs + 50);
    }
  }
  expect([ledger.isDone, asked]).toEqual([true, [0, 1]]);
  expect([ledger.groupOf(511), ledger.groupOf(512), ledger.groupOf(999)]).toEqual([null, 512, 512 + 121]);
});

test("where mixtures alone go out, rows are the code's as soon as it can be decoded, and wait again if a mixture of it was wrong", () => {
  const ledger = smallLedger({ rowCount: 3, rule: RULES["mixtures alone, 4 of 5 for 3 rows"]! });
  const names = ["ann", "bob", "cat", "dan", "eve"];
  joins(ledger, names);
  const claims = names.map((name) => takes(ledger, name, 0));
  const heard = claims.slice(0, 4).flatMap((claim) => answers(ledger, claim, 10));
  expect(heard.filter(({ type }) => type === "decodable")).toEqual([
    { type: "decodable", group: 0, missing: [0, 1, 2] },
  ]);
  expect([ledger.isDone, ledger.stateOf(0), ledger.authorOf(0)]).toEqual([true, "answered", null]);
  ledger.certify("all");
  expect(ledger.counts.final).toBe(0);
  expect(ledger.name("ann", 20)).toMatchObject([{ type: "takenOut", places: [], mixtures: itemsOf(claims[0]!) }]);
  expect([ledger.isDone, ledger.stateOf(0), ledger.counts.again]).toEqual([false, "waiting", 1]);
  answers(ledger, claims[4]!, 30);
  expect([ledger.isDone, ledger.attemptOf(0)]).toEqual([true, 1]);
});

test("copies that nobody needed, for the row was exact, are asked for when it is taken out", () => {
  const ledger = smallLedger({ rowCount: 1, rule: RULES["votes, 2 of 3"]! });
  joins(ledger, ["ann", "bob"]);
  ledger.makeExact(0);
  expect([ledger.take("ann", 0), ledger.isDone]).toEqual([null, true]);
  ledger.takeOut([0]);
  expect([ledger.isDone, ledger.counts.again]).toEqual([false, 3]);
  for (const name of ["ann", "bob"]) answers(ledger, takes(ledger, name, 0), 10);
  expect(ledger.isDone).toBe(true);
});

test("after a restart the order is the same, what was answered stands, and what was handed out waits again with attempts of a new run", () => {
  const orderKey = new Uint8Array(32).fill(9);
  const before = smallLedger({ rowCount: 2_000, orderKey });
  joins(before, ["ann", "bob"]);
  const [done, out] = [takes(before, "ann", 0), takes(before, "bob", 0)];
  const later = takes(before, "ann", 0);
  answers(before, done, 100);
  answers(before, later, 200);
  const answered = [...itemsOf(done), ...itemsOf(later)].map((place) => ({
    place,
    attempt: 0,
    author: "ann",
    isFinal: false,
  }));
  const exact = { place: before.take("bob", 300)!.items[0]!.item, attempt: 0, author: null, isFinal: true };
  const ledger = smallLedger({ rowCount: 2_000, orderKey, answered: [...answered, exact], firstAttempt: 16 });
  expect(ledger.counts).toMatchObject({ answered: answered.length + 1, final: 1, again: out.items.length });
  expect(ledger.counts.fresh).toBe(2_000 - answered.length - 1 - out.items.length);
  expect([...ledger.standingOf("ann")].length).toBe(answered.length);
  joins(ledger, ["cat"]);
  const claim = takes(ledger, "cat", 0);
  expect([reasonsOf(claim), claim.items[0]!.attempt]).toEqual([["again"], 16]);
  expect(new Set(itemsOf(claim))).toEqual(new Set(itemsOf(out)));
  expect(ledger.attemptOf(done.items[0]!.item)).toBe(0);
  ledger.takeOut([done.items[0]!.item]);
  expect(ledger.attemptOf(done.items[0]!.item)).toBe(16);
  let nowMs = 0;
  for (let turn = 0; turn < 5_000 && !ledger.isDone; turn++) {
    nowMs += 100;
    for (const one of [...ledger.claimsOf("cat")]) answers(ledger, one, nowMs);
    ledger.take("cat", nowMs);
  }
  expect(ledger.isDone).toBe(true);
});

test.each(Object.keys(RULES))(
  "a restart in the middle of a job loses no row and asks for no answered one: %s",
  (name) => {
    const options = { rowCount: 200, rule: RULES[name]!, orderKey: new Uint8Array(32).fill(5) };
    const names = Array.from({ length: 12 }, (_, i) => `v${i}`);
    let ledger = smallLedger(options);
    for (let run = 0; run < 4; run++) {
      joins(ledger, names);
      for (let nowMs = 0; nowMs < (run === 3 ? 2_000_000 : 3_000) && !ledger.isDone; nowMs += 500) {
        for (const one of names) {
          for (const claim of [...ledger.claimsOf(one)]) answers(ledger, claim, nowMs);
          const claim = ledger.take(one, nowMs);
          for (const { item, reason } of claim?.items ?? []) {
            if (!isMixture(item) && reason !== "check") expect(ledger.stateOf(item)).toBe("out");
          }
        }
        ledger.tick(nowMs);
      }
      if (run === 3) break;
      const places = Array.from({ length: 200 }, (_, place) => place);
      const answered = places
        .filter((place) => ledger.authorOf(place) !== null || ledger.stateOf(place) === "answered")
        .map((place) => ({
          place,
          attempt: ledger.attemptOf(place),
          author: ledger.authorOf(place) ?? "code",
          isFinal: false,
        }));
      ledger = smallLedger({ ...options, answered, firstAttempt: 16 * (run + 1) });
      expect(ledger.counts.answered).toBe(answered.length);
    }
    expect(ledger.isDone).toBe(true);
  },
);

test("a place that is told twice, or is none, is no restored row", () => {
  const row = { place: 0, attempt: 0, author: "ann", isFinal: false };
  expect(() => smallLedger({ rowCount: 1, answered: [row, row] })).toThrow(RangeError);
  expect(() => smallLedger({ rowCount: 1, answered: [{ ...row, place: 1 }] })).toThrow(RangeError);
});
