import { expect, test } from "vitest";
import { HONEST, type TabFaults } from "../../crowd/tab-faults.ts";
import { simulate } from "./simulation.ts";

/** Slow now and then, and coming and going: the dial has something to turn for. */
const faults = (tab: number): TabFaults => ({
  ...HONEST,
  straggleProbability: tab % 3 === 0 ? 0.2 : 0,
  staysMsMean: tab % 2 === 0 ? 600 : null,
  isLiar: tab === 5,
});

test.each([1, 2])("seed %i: a job with an aim ends right, through crashes and codes that change", async (seed) => {
  const report = await simulate({
    seed,
    tabs: 8,
    queryCount: 240,
    faults,
    crashMsMean: seed === 2 ? 700 : null,
    jobs: [{ aim: { budgetMacs: 1e9, confidence: 0.5 } }],
  });
  expect(report.violations).toEqual([]);
  expect(report.jobs).toMatchObject([{ state: "done", answers: 240, missing: 0, wrongExactOrAudited: 0 }]);
  expect(report.falselyQuarantined).toEqual([]);
});
