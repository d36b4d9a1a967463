import { expect, test } from "vitest";
import { type CrowdFacts, MACS_PER_MS_ASSUMED, type TabFacts, typicalMacsPerMs } from "./crowd-facts.ts";
import { knownCrowd } from "./testing/known-crowd.ts";

/** Of some tabs: what counts of a crowd's speed. */
function crowdOf(...tabs: Answers[]): CrowdFacts {
  const facts = knownCrowd(tabs.map(() => 50));
  const measured = tabs.map((responses) => responses.map((one) => ({ tripMs: null, ...one })));
  return { ...facts, tabs: facts.tabs.map((tab, place) => ({ ...tab, responses: measured[place]! })) };
}

type Answers = readonly Omit<TabFacts["responses"][number], "tripMs">[];

const answers = (ms: number, macsPerMs: number) => Array.from({ length: 5 }, () => ({ ms, work: ms * macsPerMs }));

test("a crowd that nobody has measured is taken for laptops", () => {
  expect(typicalMacsPerMs(crowdOf())).toBe(MACS_PER_MS_ASSUMED);
  expect(typicalMacsPerMs(crowdOf([], []))).toBe(MACS_PER_MS_ASSUMED);
});

test("the typical tab is the median one, by its own typical answer", () => {
  const phone = answers(2_000, 3e5);
  const usual = [...answers(500, 1e6), { ms: 20_000, work: 1e6 }];
  expect(typicalMacsPerMs(crowdOf(phone, usual, answers(100, 8e6)))).toBe(1e6);
});

test("small batches, and answers that waited here, do not make a tab slow", () => {
  const large = { ms: 1_000, work: 4e9 };
  const small = { ms: 800, work: 1e8 };
  expect(typicalMacsPerMs(crowdOf([large, large, small, small, small]))).toBe(4e6);
  expect(typicalMacsPerMs(crowdOf([{ ...large, ms: 3_000, waitedMs: 2_000 }]))).toBe(4e6);
  expect(typicalMacsPerMs(crowdOf([{ ...large, ms: 2_000, waitedMs: 2_000 }]))).toBe(4e12);
});

test("answers that come at once do not make a tab slow, and may make it fast", () => {
  expect(typicalMacsPerMs(crowdOf(answers(20, 1e4)))).toBe(MACS_PER_MS_ASSUMED);
  expect(typicalMacsPerMs(crowdOf(answers(50, 5e6)))).toBe(5e6);
  const straggledOnce = [...answers(30, 1e6), { ms: 400, work: 3e7 }];
  expect(typicalMacsPerMs(crowdOf(straggledOnce))).toBe(MACS_PER_MS_ASSUMED);
});
