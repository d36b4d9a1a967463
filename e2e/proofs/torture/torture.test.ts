import { expect, test } from "vitest";
import { noPowerCut } from "./power-cut/power-cut.ts";
import { runTorture } from "./run-torture.ts";

/** Seconds a cycle on a quiet machine, a minute on one that others are at work on. */
const MS_MAX = 400_000;
const SHORT = { cycles: 2, seed: 11, volunteers: 4 };

test("[JB1] [CR1] [GJ6] a coordinator that is killed loses and doubles nothing that it has acknowledged", {
  timeout: MS_MAX,
}, async () => {
  const report = await runTorture({ ...SHORT, fault: "kill" });
  expect([report.lost, report.doubled, report.wrong]).toEqual([[], [], []]);
  expect(report.jobs.submitted).toBeGreaterThan(0);
  expect(report.jobs.ended).toBe(report.jobs.submitted);
  expect(report.recoveriesMs.length).toBeGreaterThan(SHORT.cycles);
});

test.skipIf(noPowerCut() !== null)(
  "[JB1] [CR1] [GJ6] nor one whose machine loses its power: what was not synced is gone",
  { timeout: MS_MAX },
  async () => {
    const report = await runTorture({ ...SHORT, fault: "power" });
    expect([report.lost, report.doubled, report.wrong]).toEqual([[], [], []]);
    expect(report.jobs.ended).toBe(report.jobs.submitted);
    expect(report.creditedResults).toBeGreaterThan(0);
  },
);
