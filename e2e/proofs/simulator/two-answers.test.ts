/** Rows that two volunteers answered, through the real shell, core and numerics: who is blamed for which answer. */
import { expect, test } from "vitest";
import { HONEST, type TabFaults } from "../../crowd/tab-faults.ts";
import { type SimulationOptions, simulate } from "./simulation.ts";

const JOB: NonNullable<SimulationOptions["jobs"]>[number] = {
  ...{ scheme: "systematic", completion: "fast" },
  ...{ queriesPerGroup: 5, stragglers: 2, liars: 1 },
};
const SMALL: Partial<SimulationOptions> = { tabs: 7, virtualMsMax: 6_000, checksReplay: false };

/** Each at an address of its own. */
const at = (tab: number, faults: Partial<TabFaults> = {}): TabFaults => ({
  ...HONEST,
  ...{ addressPrefix: `10.1.${tab}.0/24`, straggleProbability: 0.1, whenQuarantined: "comes as another" },
  ...faults,
});

test("[CC5] nobody is blamed for another's answer to the query that fills up the last group", {
  timeout: 120_000,
}, async () => {
  const seen = { done: 0, named: 0 };
  for (let seed = 1; seed <= 30; seed++) {
    const report = await simulate({
      ...SMALL,
      seed,
      // One group of five, and one of a query and four times the same.
      queryCount: 6,
      faults: (tab) => at(tab, { isLiar: tab >= 5 }),
      settings: { auditShareMax: 0.15 },
      jobs: [{ ...JOB, answerBound: 0.5 }],
    });
    expect(report.falselyQuarantined, `seed ${seed}`).toEqual([]);
    expect(report.violations, `seed ${seed}`).toEqual([]);
    seen.done += report.jobs.filter(({ state }) => state === "done").length;
    seen.named += report.quarantined.length;
  }
  // The runs meet what they are there for.
  expect(seen.done).toBe(30);
  expect(seen.named).toBeGreaterThan(5);
});
