/** Jobs on the ledger of rows in the simulator: what a full disk, crashes and liars that choose their rows meet there. */
import { expect, test } from "vitest";
import { HONEST } from "../../crowd/tab-faults.ts";
import { runHere } from "./many-seeds.ts";
import { simulate } from "./simulation.ts";

const JOB = { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0, answerBound: 0.2 } as const;

test("[PS3] [RW15] rows that the disk refused are written later, and every answer is read from it afterwards", async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const report = await simulate({
      ...{ seed, tabs: 8, queryCount: 80, refusalShare: 0.3, crashMsMean: 300, checksReplay: false },
      ...{ faults: () => HONEST, jobs: [JOB], virtualMsMax: 5 * 60_000 },
    });
    expect(report.violations).toEqual([]);
    expect(report.jobs).toMatchObject([{ state: "done", missing: 0, final: 80, isOnRows: true }]);
  }
});

test("the same over drawn seeds in which liars choose their rows: no rule is broken, and a finding is charged", async () => {
  const { violations, balances } = await runHere({ start: 1_000_000, count: 24, mode: "liveness" });
  expect(violations).toEqual([]);
  expect(balances.length).toBeGreaterThan(0);
});
