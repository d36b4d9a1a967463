/** Rows that two volunteers answered, through the real shell, core and numerics: who is blamed for which answer, and what an agreement is worth. */
import { expect, test } from "vitest";
import { inferenceJobs } from "../../../server/kinds/inference/core/job.ts";
import { HONEST, type TabFaults } from "../../crowd/tab-faults.ts";
import { type SimulationOptions, simulate } from "./simulation.ts";

const JOB: NonNullable<SimulationOptions["jobs"]>[number] = {
  ...{ scheme: "systematic", groupsPerRound: 2, roundsInFlight: 1, completion: "fast" },
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
      settings: { crossChecks: "all jobs", firstAuditedRows: 0, auditShareMax: 0.15 },
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

test("[VF8] [VF10] where the cap leaves no audit an opinion that agrees counts, and one that differs vouches for nothing", {
  timeout: 120_000,
}, async () => {
  const seen = { opinions: 0, ofLiars: 0 };
  for (let seed = 1; seed <= 12; seed++) {
    const vouched = new Map<string, string>();
    const report = await simulate({
      ...SMALL,
      seed,
      tabs: 9,
      queryCount: 40,
      // All of its rows are wrong: of it nobody can say whether it lies or is broken, before some were looked at.
      faults: (tab) => at(tab, tab >= 7 ? { lie: ({ outputs }) => outputs.map((value) => 1 - value) } : {}),
      settings: { rowLedger: false, secondOpinionShare: 1, auditShareMax: 0 },
      jobs: [{ ...JOB, completion: "exact" }],
      observe: ({ state }) => {
        for (const { openRounds } of inferenceJobs(state)) {
          for (const { roundIndex, slots } of openRounds.values()) {
            for (const { workerIndex, accepted } of slots)
              if (accepted?.opinionBy != null) vouched.set(`${roundIndex}/${workerIndex}`, accepted.volunteerId);
          }
        }
      },
    });
    expect(report.violations, `seed ${seed}`).toEqual([]);
    expect(report.falselyQuarantined, `seed ${seed}`).toEqual([]);
    seen.opinions += vouched.size;
    const isLiar = (volunteerId: string) => /^volunteer-[78]/.test(volunteerId);
    seen.ofLiars += [...vouched.values()].filter(isLiar).length;
  }
  expect(seen.opinions).toBeGreaterThan(100);
  // Two of nine lie alike: now and then one vouches for the other.
  expect(seen.ofLiars).toBeLessThan(0.1 * seen.opinions);
});
