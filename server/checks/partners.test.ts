import { expect, test } from "vitest";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { PartnerWeights } from "../coordinator/crowd/partner-weights.ts";
import { CheckLapses } from "./check-lapses.ts";
import { drawPartner, isCrowdReady, type PartnerAsked, settledBy } from "./partners.ts";

/** v0 to v11 at twelve addresses; v12 at the address of v0, v13 at an unknown one. */
function crowdOf(weight: (n: number) => number = () => 1) {
  const crowd = new PartnerWeights();
  const groups = new Map<string, string | null>();
  for (let n = 0; n < 14; n++) {
    groups.set(`v${n}`, n === 13 ? null : `address ${n % 12}`);
    crowd.set(`v${n}`, groups.get(`v${n}`)!, weight(n));
  }
  const asked = (given: Partial<PartnerAsked> = {}): PartnerAsked => ({
    author: "v0",
    notAmong: new Set(),
    groupOf: (volunteerId) => groups.get(volunteerId) ?? null,
    mayCheck: () => true,
    establishedWeight: 101,
    ...given,
  });
  return { crowd, asked };
}

test("a crowd checks itself where as many address groups are ready as the bound asks for, and most tabs are there by chance", () => {
  const facts = { addressGroups: 6, answerBound: 1e-3, tabs: 8, choosers: 3 };
  expect(isCrowdReady(facts)).toBe(true);
  expect(isCrowdReady({ ...facts, addressGroups: 5 })).toBe(false);
  expect(isCrowdReady({ ...facts, answerBound: 1e-4 })).toBe(false);
  expect(isCrowdReady({ ...facts, choosers: 4 })).toBe(false);
});

test("where the crowd is not ready, the author's address unknown or its device coarse, the coordinator answers the coin", () => {
  const author = { addressGroup: "a", isFine: true };
  expect(settledBy("crowd", true, author)).toBe("crowd");
  expect(settledBy("crowd", false, author)).toBe("coordinator");
  expect(settledBy("crowd", true, { ...author, addressGroup: null })).toBe("coordinator");
  expect(settledBy("crowd", true, { ...author, isFine: false })).toBe("coordinator");
  expect([settledBy("none", false, author), settledBy("coordinator", true, author)]).toEqual(["none", "coordinator"]);
});

test("a partner is of another known address, has not had the row, and each that may check is drawn alike", () => {
  const { crowd, asked } = crowdOf();
  const random = simulationRandom(5);
  const lapses = new CheckLapses();
  const drawn = new Map<string | null, number>();
  const notAmong = new Set(["v1", "v2"]);
  const mayCheck = (volunteerId: string) => volunteerId !== "v3";
  for (let n = 0; n < 8_000; n++) {
    const partner = drawPartner(crowd, asked({ notAmong, mayCheck }), lapses, random, 0);
    drawn.set(partner, (drawn.get(partner) ?? 0) + 1);
  }
  expect([...drawn.keys()].sort()).toEqual(["v10", "v11", "v4", "v5", "v6", "v7", "v8", "v9"]);
  for (const times of drawn.values()) expect(Math.abs(times / 8_000 - 1 / 8)).toBeLessThan(0.02);
  expect(drawPartner(crowd, asked({ author: "v13" }), lapses, random, 0)).toBeNull();
  expect(drawPartner(crowd, asked({ mayCheck: () => false }), lapses, random, 0)).toBeNull();
});

test("established volunteers are drawn first, once most of the crowd is that", () => {
  const few = crowdOf((n) => (n < 4 ? 101 : 1));
  const most = crowdOf((n) => (n < 9 ? 101 : 1));
  const drawnOf = ({ crowd, asked }: ReturnType<typeof crowdOf>) => {
    const random = simulationRandom(1);
    return new Set(Array.from({ length: 500 }, () => drawPartner(crowd, asked(), new CheckLapses(), random, 0)));
  };
  expect(drawnOf(few).size).toBe(11);
  expect([...drawnOf(most)].sort()).toEqual(["v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8"]);
});

test("who lets checks lie is drawn half as often each time, rests after three in a row, and is as any other once it answered one", () => {
  const { crowd, asked } = crowdOf();
  const lapses = new CheckLapses();
  const random = simulationRandom(9);
  const shareOfV1 = (nowMs: number) => {
    const runs = 6_000;
    let drawn = 0;
    for (let n = 0; n < runs; n++) if (drawPartner(crowd, asked(), lapses, random, nowMs) === "v1") drawn++;
    return drawn / runs;
  };
  expect(lapses.lapsed("v1", 0)).toBe(false);
  expect(shareOfV1(0)).toBeCloseTo(0.5 / 10.5, 1);
  expect(lapses.lapsed("v1", 0)).toBe(false);
  expect(lapses.shareOf("v1", 0)).toBe(0.25);
  expect(lapses.lapsed("v1", 0)).toBe(true);
  expect(shareOfV1(59_999)).toBe(0);
  expect(lapses.shareOf("v1", 60_000)).toBe(0.125);
  for (let n = 0; n < 2; n++) expect(lapses.lapsed("v1", 60_000)).toBe(false);
  expect(lapses.lapsed("v1", 60_000)).toBe(true);
  expect([lapses.shareOf("v1", 179_999), lapses.shareOf("v1", 180_000)]).toEqual([0, 0.125]);
  lapses.answered("v1");
  expect(lapses.shareOf("v1", 0)).toBe(1);
});
