/** Jobs on the ledger of rows in the simulator, on a disk that is full now and then. */
import { expect, test } from "vitest";
import { HONEST } from "../../crowd/tab-faults.ts";
import { simulate } from "./simulation.ts";

const JOB = { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0, answerBound: 0.2 } as const;

test("[PS3] [RW15] rows that the disk refused are written later, and every answer is read from it afterwards", async () => {
  for (let seed = 1; seed <= 3; seed++) {
    const report = await simulate({
      ...{ seed, tabs: 8, queryCount: 80, refusalShare: 0.3, crashMsMean: 300, checksReplay: false },
      ...{ faults: () => HONEST, jobs: [JOB], virtualMsMax: 5 * 60_000 },
    });
    expect(report.violations).toEqual([]);
    expect(report.jobs).toMatchObject([{ state: "done", missing: 0, final: 80 }]);
  }
});
