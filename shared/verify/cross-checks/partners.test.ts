import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { simulationRandom } from "../../random/simulation-random.ts";
import { PartnerDraw } from "./partner-draw.ts";
import {
  addressGroups,
  type CheckerFacts,
  establishedRows,
  isCrowdEstablished,
  isEstablished,
  mayCheck,
  partnersNeeded,
  partnerWeight,
} from "./partners.ts";

const volunteer = (volunteerId: string, facts: Partial<CheckerFacts> = {}): CheckerFacts => ({
  volunteerId,
  addressGroup: `group of ${volunteerId}`,
  rowsDone: 100,
  isNamed: false,
  choseThisJob: false,
  ...facts,
});

describe("who may check whom", () => {
  const author = volunteer("author");

  test("an established volunteer of another address group may", () => {
    expect(mayCheck(author, volunteer("checker"), 100)).toBe(true);
  });

  test.each([
    ["itself", volunteer("author", { addressGroup: "elsewhere" })],
    ["one of the same address group", volunteer("checker", { addressGroup: author.addressGroup })],
    ["one whose address is not known", volunteer("checker", { addressGroup: null })],
    ["a newcomer", volunteer("checker", { rowsDone: 99 })],
    ["one that was named", volunteer("checker", { isNamed: true })],
    ["one that chose this job", volunteer("checker", { choseThisJob: true })],
  ])("%s may not", (_, checker) => {
    expect(mayCheck(author, checker, 100)).toBe(false);
  });

  test("nobody checks whoever has no known address: two of those may be one", () => {
    expect(mayCheck(volunteer("author", { addressGroup: null }), volunteer("checker"), 100)).toBe(false);
  });

  test("groups are counted once, and only of those that count", () => {
    const crowd = ["a", "b", "c", "d"].map((id) => volunteer(id));
    expect(addressGroups(crowd, 100)).toBe(4);
    expect(addressGroups([...crowd, volunteer("e", { addressGroup: "group of a" })], 100)).toBe(4);
    expect(
      addressGroups([...crowd, volunteer("f", { isNamed: true }), volunteer("g", { addressGroup: null })], 100),
    ).toBe(4);
  });

  test("in small jobs a quarter of a fair share of the rows makes one established", () => {
    expect([
      establishedRows(400, 10),
      establishedRows(1e6, 1_000),
      establishedRows(30, 10),
      establishedRows(5, 0),
    ]).toEqual([10, 100, 0, 1]);
    expect(isEstablished(volunteer("a", { rowsDone: 10 }), establishedRows(400, 10))).toBe(true);
  });

  test("partners are drawn once two in three of those who may be are established: fewer may be one party that was quick", () => {
    expect([66, 67, 100].map((established) => isCrowdEstablished(established, 100))).toEqual([false, true, true]);
    expect(isCrowdEstablished(0, 0)).toBe(false);
    expect(isCrowdEstablished(4, 6)).toBe(true);
  });

  test("with the partners that are needed all of them collude with at most half of the bound", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 0.5, noNaN: true }),
        fc.double({ min: 0.05, max: 0.9, noNaN: true }),
        (bound, beta) => {
          const needed = partnersNeeded(bound, 0.2, beta);
          expect(0.2 * beta ** needed).toBeLessThanOrEqual((bound / 2) * (1 + 1e-9));
          if (needed > 1) expect(0.2 * beta ** (needed - 1)).toBeGreaterThan((bound / 2) * (1 - 1e-9));
        },
      ),
      { seed: 14_007, numRuns: 500 },
    );
  });
});

describe("drawing a partner", () => {
  test("each is drawn by its part, and nobody where nobody is", () => {
    const draw = new PartnerDraw();
    const random = simulationRandom(14_008);
    expect(draw.draw(random)).toBeNull();
    for (let place = 0; place < 30; place++) draw.add(`v${place}`, place % 2 === 0 ? 0.5 : 1);
    let heavy = 0;
    for (let i = 0; i < 12_000; i++) if (Number(draw.draw(random)!.slice(1)) % 2 === 1) heavy++;
    // 8,000 expected, standard deviation 52.
    expect(Math.abs(heavy - 8_000)).toBeLessThan(210);
  });

  test("a fifth of the established has a fifth of the weight, whatever it did before and however quick it is", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 1_000_000 }), { minLength: 5, maxLength: 60 }),
        fc.integer({ min: 0, max: 100 }),
        (more, rowsNeeded) => {
          const weights = more.map((rows) => partnerWeight(rowsNeeded + rows, rowsNeeded)).sort((a, b) => b - a);
          const sum = (of: readonly number[]) => of.reduce((total, weight) => total + weight, 0);
          expect(sum(weights.slice(0, Math.floor(weights.length / 5))) / sum(weights)).toBeLessThan(0.2 + 1e-9);
        },
      ),
    );
    expect(partnerWeight(60, 100) / partnerWeight(100, 100)).toBeCloseTo(61 / 101, 9);
  });
});
