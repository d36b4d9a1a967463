import { expect, test } from "vitest";
import { inferenceJobs } from "../../../server/kinds/inference/core/job.ts";
import { drawFaults } from "./draw-faults.ts";
import { loadOther } from "./simulated-inference.ts";
import { simulate } from "./simulation.ts";

const SEEDS = 16;

test("[VF15] [VF14] jobs of which float32 does not determine every row: through crashes nobody honest is named, liars are, and all of them end", {
  timeout: 300_000,
}, async () => {
  const broken: string[] = [];
  const seen = { crashes: 0, found: 0, fromTheStart: 0, liarsNamed: 0, confirmed: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const unchecked = new Map<string, string>();
    const report = await simulate({
      seed,
      jobs: ["exact", "fast"].map((completion) => ({
        scheme: "systematic" as const,
        completion: completion as "exact" | "fast",
        ifUnstable: "unchecked" as const,
      })),
      // A quarter of the crowd computes as the second implementation does, and is as honest as the others.
      faults: (tab) => ({
        ...drawFaults(seed, tab),
        ...(tab % 4 === 1 ? { load: loadOther, isLiar: false, garbageProbability: 0 } : {}),
      }),
      loadSecond: loadOther,
      crashMsMean: seed % 2 === 0 ? 400 : null,
      onEvent: (event) => {
        if (event.type === "outcome" && event.outcome.type === "confirmed") seen.confirmed++;
      },
      observe: ({ state }) => {
        for (const { stored } of inferenceJobs(state)) {
          if (stored.unchecked !== null) unchecked.set(stored.jobId, stored.unchecked);
        }
      },
    });
    broken.push(...report.violations.map((violation) => `seed ${seed}: ${violation}`));
    for (const volunteerId of report.falselyQuarantined) broken.push(`seed ${seed}: ${volunteerId} is honest`);
    for (const { state } of report.jobs) if (state !== "done") broken.push(`seed ${seed}: a job is ${state}`);
    seen.crashes += report.crashes;
    seen.liarsNamed += report.quarantined.length;
    for (const reason of unchecked.values()) {
      if (/trusted runs of one row/.test(reason)) seen.found++;
      else seen.fromTheStart++;
    }
  }
  expect(broken).toEqual([]);
  // The runs meet what they are there for.
  expect(seen.found).toBeGreaterThan(2);
  expect(seen.fromTheStart).toBeGreaterThan(2);
  expect(seen.liarsNamed).toBeGreaterThan(0);
  expect(seen.confirmed).toBeGreaterThan(SEEDS / 2);
  expect(seen.crashes).toBeGreaterThan(SEEDS / 4);
});
