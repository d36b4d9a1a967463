import { expect, test } from "vitest";
import type { RowsOutcome } from "../../../server/kinds/inference/rows/work.ts";
import { drawFaults } from "./draw-faults.ts";
import { loadOther } from "./simulated-inference.ts";
import { simulate } from "./simulation.ts";
import { storedJobs } from "./stored-jobs.ts";

const SEEDS = 20;
/** The coordinator computes most of a small job itself, and nothing is found of its volunteers. */
const QUERIES = 200;

test("[PC11] jobs of which the order of sums decides some rows: through crashes no honest card is named, liars are, and all of them end", {
  timeout: 300_000,
}, async () => {
  const broken: string[] = [];
  const seen = { crashes: 0, liarsNamed: 0, cardsOut: 0, excused: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const withoutCards = new Set<string>();
    const report = await simulate({
      seed,
      queryCount: QUERIES,
      jobs: [
        { scheme: "systematic", completion: "exact" },
        { scheme: "systematic", completion: "fast" },
      ],
      // Half of the crowd are cards, and as honest as the others, whose order is that of the trusted runs.
      faults: (tab) => {
        const faults = { ...drawFaults(seed, tab), garbageProbability: 0 };
        return tab % 2 === 0
          ? { ...faults, isLiar: false, backend: "webgl", onCard: loadOther }
          : { ...faults, backend: "wasm" };
      },
      loadInOrder: loadOther,
      crashMsMean: seed % 2 === 0 ? 400 : null,
      onEvent: (event) => {
        if (event.type !== "outcome" || event.outcome.type !== "rowsConfirmed") return;
        const { judged } = event.outcome as unknown as Extract<RowsOutcome, { type: "rowsConfirmed" }>;
        seen.excused += judged.filter(({ verdict }) => verdict === "excused").length;
      },
      observe: ({ state }) => {
        for (const stored of storedJobs(state)) if (stored.fixedOnly !== undefined) withoutCards.add(stored.jobId);
      },
    });
    broken.push(...report.violations.map((violation) => `seed ${seed}: ${violation}`));
    for (const volunteerId of report.falselyQuarantined) broken.push(`seed ${seed}: ${volunteerId} is honest`);
    for (const { state } of report.jobs) if (state !== "done") broken.push(`seed ${seed}: a job is ${state}`);
    seen.crashes += report.crashes;
    seen.liarsNamed += report.quarantined.length;
    seen.cardsOut += withoutCards.size;
  }
  expect(broken).toEqual([]);
  // The runs meet what they are there for.
  expect(seen.cardsOut).toBeGreaterThan(SEEDS / 4);
  expect(seen.excused).toBeGreaterThanOrEqual(seen.cardsOut);
  expect(seen.liarsNamed).toBeGreaterThan(0);
  expect(seen.crashes).toBeGreaterThan(SEEDS / 4);
});
