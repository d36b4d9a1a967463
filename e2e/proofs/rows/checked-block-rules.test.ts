/** The rules of SPEC.md for the checks of rows, one by one, each in a story of one block. Their laws under drawn crowds: server/checks/checked-rows.test.ts. */
import { expect, test } from "vitest";
import { newAccount, openBlock } from "../../../server/checks/account.ts";
import { CheckedBlock, type CheckedRowsOptions } from "../../../server/checks/checked-rows.ts";
import type { CheckEffect, Comparison } from "../../../server/checks/checked-rows-words.ts";
import { settleRefused } from "../../../server/checks/small-blocks.ts";
import { blockAsked } from "../../../server/checks/testing/block-asked.ts";
import { termsFor } from "../../../server/checks/testing/block-driver.ts";
import { RowLedger } from "../../../server/rows/ledger.ts";
import { UNCODED } from "../../../server/rows/words.ts";
import { simulationRandom } from "../../../shared/random/simulation-random.ts";

const PACE = 0.01;
/** Coins that say: the coordinator, a partner, nobody. */
const [BY_COORDINATOR, BY_CROWD, BY_NOBODY] = [0.01, 0.15, 0.99];

interface Story extends Partial<Omit<CheckedRowsOptions, "partners">> {
  readonly rows: number;
  /** By place, of the first attempt; nobody where left out. */
  readonly coins?: Readonly<Record<number, number>>;
  /** Partners in the order in which they are drawn. */
  readonly partners?: readonly string[];
  readonly c?: number;
  readonly knownNeeded?: number;
}

/** A block, and what it has told; tabs take and answer rightly, but for the rows that a test says. */
class BlockStory {
  readonly block: CheckedBlock;
  readonly told: CheckEffect[] = [];
  readonly #knownNeeded: number;

  constructor({ rows, coins = {}, partners = [], c = 0.02, knownNeeded = 0, ...options }: Story) {
    const sizes = { fairPart: 100, targetMs: 1e6 };
    const ledger = new RowLedger({ rowCount: rows, rule: UNCODED, orderKey: null, sizes });
    const drawn = [...partners];
    this.#knownNeeded = knownNeeded;
    this.block = new CheckedBlock({
      ledger,
      terms: termsFor({ rows, c }),
      coinOf: (place, attempt) => (attempt === 0 ? (coins[place] ?? BY_NOBODY) : BY_NOBODY),
      partners: {
        draw: () => drawn.shift() ?? null,
        isCrowdReady: () => drawn.length > 0,
        groupOf: (volunteerId) => volunteerId,
      },
      random: simulationRandom(1),
      windowRows: null,
      ...options,
    });
    this.hear(this.block.begin(0));
  }

  hear(effects: readonly CheckEffect[]): readonly CheckEffect[] {
    this.told.push(...effects);
    return effects;
  }

  join(...names: string[]): this {
    for (const name of names) {
      const device = { sessionId: name, volunteerId: name, rowsPerMs: PACE, knownNeeded: this.#knownNeeded };
      this.hear(this.block.join(device, 0));
    }
    return this;
  }

  /** @param count the first so many items; all where left out */
  answer(name: string, count = Number.POSITIVE_INFINITY, nowMs = 10): this {
    const { claim, effects } = this.block.take(name, nowMs);
    this.hear(effects);
    const items = (claim?.items ?? []).map(({ item }) => item);
    if (claim !== null) this.hear(this.block.answer(claim.claimId, items.slice(0, count), nowMs));
    return this;
  }

  /** The coordinator computes the row. @param wrong who had it wrong, and at which attempt */
  computes(place: number, wrong: readonly { volunteerId: string; attempt: number }[] = [], attempt = 0): this {
    const words = wrong.map((word) => ({ ...word, isRight: false, isBeyondDoubt: true }));
    this.hear(this.block.recomputed(place, attempt, words, 20));
    return this;
  }

  compares(what: Comparison): this {
    const asked = this.of("compare").at(-1)!;
    this.hear(this.block.compared(asked.place, asked.attempt, asked.author, asked.second, what, 20));
    return this;
  }

  of<Type extends CheckEffect["type"]>(type: Type): Extract<CheckEffect, { type: Type }>[] {
    return this.told.filter((effect): effect is Extract<CheckEffect, { type: Type }> => effect.type === type);
  }

  /** Places that the coordinator was asked for, and why. */
  get asked(): string[] {
    return this.of("recompute").flatMap(({ rows }) => rows.map(({ place, why }) => `${why} ${place}`));
  }

  get final(): number[] {
    return this.of("certified").flatMap(({ places }) => places);
  }
}

test("[CK4] an answer that a trusted row contradicts is a finding, though its author was named and its row taken out before", () => {
  const story = new BlockStory({ rows: 4, coins: { 1: BY_COORDINATOR } }).join("a", "b").answer("a");
  expect(story.asked).toEqual(["coin 1"]);
  story.hear(story.block.name("a", 15));
  story.answer("b").computes(1, [{ volunteerId: "a", attempt: 0 }]);
  expect(story.of("charge").length).toBe(1);
  expect(story.of("found")).toMatchObject([{ volunteerId: "a", place: 1, attempt: 0 }]);
  expect(story.final).toEqual([]);
  expect(story.of("notCertified")).toMatchObject([{ isCharged: true, mayAskAgain: true }]);
});

test("[CK5] windows become final in the order in which coins were tossed, and after a finding no more do", () => {
  const asked = { rows: 15, coins: { 1: BY_COORDINATOR }, windowRows: 5 };
  const inOrder = new BlockStory(asked).join("a").answer("a");
  expect(inOrder.final).toEqual([]);
  inOrder.computes(1);
  expect(inOrder.final.sort((a, b) => a - b)).toEqual(
    Array.from({ length: 15 }, (_, place) => place).filter((place) => place !== 1),
  );
  const late = new BlockStory({ ...asked, coins: { 12: BY_COORDINATOR } });
  late
    .join("a")
    .answer("a")
    .computes(12, [{ volunteerId: "a", attempt: 0 }]);
  expect(late.of("charge").length).toBe(1);
  expect(late.final).not.toContain(12);
  expect(late.block.isOver).toBe(true);
});

test("[CK6] a cancelled block ends when the coins that were tossed are answered, and is charged where one finds a lie", () => {
  const story = new BlockStory({ rows: 4, coins: { 2: BY_COORDINATOR } }).join("a").answer("a");
  story.hear(story.block.cancel(15));
  expect([story.of("notCertified").length, story.block.isOver]).toEqual([0, false]);
  story.computes(2, [{ volunteerId: "a", attempt: 0 }]);
  expect(story.of("charge").length).toBe(1);
  expect(story.of("notCertified")).toMatchObject([{ isCharged: true, mayAskAgain: false }]);
});

test("[CK7] a check that its partner gave back goes to another one or the coordinator, and never to a third", () => {
  const story = new BlockStory({ rows: 4, coins: { 0: BY_CROWD }, partners: ["b", "c", "d"] });
  story.join("a", "b", "c", "d").answer("a");
  expect(story.block.waits).toMatchObject({ partners: 1, coordinator: 0 });
  for (const name of ["b", "c"]) story.hear(story.block.leave(name, 20));
  expect(story.block.waits).toMatchObject({ partners: 0, coordinator: 1 });
  expect(story.asked).toEqual(["redraw 0"]);
  story.computes(0);
  expect(story.final).toEqual([1, 2, 3]);
});

test("[CK8] a sample is drawn when every coin is answered; rows that are done again later have one of their own; then all is final", () => {
  const story = new BlockStory({ rows: 20, c: 0.6, coins: { 0: BY_COORDINATOR } }).join("a").answer("a");
  expect(story.asked).toEqual(["coin 0"]);
  const { sampleShare } = termsFor({ rows: 20, c: 0.6 });
  story.computes(0);
  const sampled = story.asked.slice(1).map((asked) => Number(asked.split(" ")[1]));
  expect(sampled.length).toBe(Math.ceil(sampleShare * 19));
  expect(sampled).not.toContain(0);
  const others = Array.from({ length: 20 }, (_, place) => place).filter(
    (place) => place > 0 && !sampled.includes(place),
  );
  story.join("b").hear(story.block.takeOut(others, 30));
  story.answer("b");
  for (const place of sampled) story.computes(place);
  const later = story.asked.slice(1 + sampled.length).map((asked) => Number(asked.split(" ")[1]));
  expect(later.length).toBe(Math.ceil(sampleShare * others.length));
  expect(story.final).toEqual([]);
  for (const place of later) story.computes(place, [], 1);
  expect(story.final.sort()).toEqual(others.filter((place) => !later.includes(place)).sort());
});

test("[CK9] coins are tossed when the claim has ended: below q the coordinator answers, from q to q + h a partner, and doubtful rows in any case", () => {
  const coins = { 0: BY_COORDINATOR, 1: BY_CROWD };
  const story = new BlockStory({ rows: 8, coins, partners: ["b", "b"] }).join("a", "b");
  const { claim } = story.block.take("a", 0);
  story.hear(story.block.answer(claim!.claimId, [0, 1, 2], 10, [2]));
  expect([story.asked, story.block.waits.partners]).toEqual([[], 0]);
  const rest = claim!.items.map(({ item }) => item).slice(3);
  story.hear(story.block.answer(claim!.claimId, rest, 20));
  expect(story.asked.sort()).toEqual(["coin 0", "doubt 2"]);
  expect(story.block.waits.partners).toBe(1);
});

test("[CK10] no answer enters the block before its device had a known row right, and a wrong one is no finding", () => {
  const story = new BlockStory({ rows: 6, knownNeeded: 1 }).join("a", "b");
  expect(story.asked.length).toBeGreaterThan(0);
  for (const asked of story.asked) story.computes(Number(asked.split(" ")[1]));
  story.answer("a");
  expect(story.of("accepted")).toEqual([]);
  const [known] = story.of("compareKnown");
  story.hear(story.block.comparedKnown("a", known!.place, false, 30));
  expect(story.of("knownWrong")).toMatchObject([{ volunteerId: "a" }]);
  expect([story.of("accepted"), story.of("charge")]).toEqual([[], []]);
  story.answer("b", undefined, 40);
  story.hear(story.block.comparedKnown("b", story.of("compareKnown")[1]!.place, true, 50));
  expect(story.of("accepted").length).toBeGreaterThan(0);
});

test("[CK11] what an account cannot carry the coordinator computes where that is soon done; else it is told how many rows would suffice", () => {
  const opening = openBlock(newAccount(1e-3), blockAsked({ rows: 48 }));
  if (!("refused" in opening)) throw new Error("expected a block that is too dear, got one that opens");
  expect(settleRefused(opening.refused, 48, 15, null)).toEqual({ by: "coordinator" });
  const rowsThatSuffice = opening.refused.rowsThatSuffice!;
  expect(settleRefused(opening.refused, 48, 500, null)).toEqual({ by: "nobody", why: "price", rowsThatSuffice });
  expect("block" in openBlock(newAccount(1e-3), blockAsked({ rows: rowsThatSuffice }))).toBe(true);
  expect("block" in openBlock(newAccount(1e-3), blockAsked({ rows: rowsThatSuffice - 1 }))).toBe(false);
});

test("[CK12] two answers that differ are settled by the coordinator, whoever of the two is wrong", () => {
  for (const wrong of ["a", "b"]) {
    const story = new BlockStory({ rows: 4, coins: { 0: BY_CROWD }, partners: ["b", "b"] });
    story.join("a", "b").answer("a").answer("b").compares("undecided");
    expect(story.asked).toEqual(["difference 0"]);
    story.computes(0, [{ volunteerId: wrong, attempt: 0 }]);
    expect(story.of("found")).toMatchObject([{ volunteerId: wrong, partner: "b" }]);
  }
});

test("[CK13] after a finding rows are answered anew, at their next attempt, under terms of their own, twice at most", () => {
  const coinOf = (place: number, attempt: number) => (place === attempt ? BY_COORDINATOR : BY_NOBODY);
  const story = new BlockStory({ rows: 4, coinOf }).join("a", "b", "c").answer("a");
  for (const [time, name] of ["a", "b", "c"].entries()) {
    expect(story.asked[time]).toBe(`coin ${time}`);
    story.computes(time, [{ volunteerId: name, attempt: time }], time);
    const { unsettled, mayAskAgain } = story.of("notCertified").at(-1)!;
    expect([story.of("charge").length, unsettled.length, mayAskAgain]).toEqual([time + 1, 3 - time, time < 2]);
    const terms = termsFor({ rows: unsettled.length, c: 0.02 });
    if (!mayAskAgain) expect(() => story.block.askAgain(terms, unsettled, 30)).toThrow(RangeError);
    else story.hear(story.block.askAgain(terms, unsettled, 30));
    story.answer(["b", "c"][time] ?? "a");
  }
  const attempts = story.of("accepted").map(({ place, attempt }) => `${place}:${attempt}`);
  expect(attempts.sort()).toEqual(["0:0", "1:0", "1:1", "2:0", "2:1", "2:2", "3:0", "3:1", "3:2"]);
  expect(story.final).toEqual([]);
});
