import { expect, test } from "vitest";
import { runTraining, trainingOfSeed } from "./fixed-trainings.ts";
import { simulate } from "./simulation.ts";

const SEEDS = 24;

test("[GR4] [GR21] [GJ1] [GJ4] [GJ6] [GJ7] [GR22] regressions and matrix jobs end with what one machine gets, whatever crowd and disk do", {
  timeout: 300_000,
}, async () => {
  const broken: string[] = [];
  const seen = { crashes: 0, exact: 0, waiting: 0, liarsNamed: 0, products: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { report, problems } = await runTraining(seed);
    for (const problem of problems) broken.push(`seed ${seed}: ${problem}`);
    seen.crashes += report.crashes;
    seen.products += report.products.filter(({ isExact }) => isExact === true).length;
    for (const training of report.trainings) {
      if (training.isExact === true && training.state === "done") seen.exact++;
      if (training.state === "running") seen.waiting++;
      seen.liarsNamed += training.liarsNamed.length;
    }
  }
  expect(broken).toEqual([]);
  // The runs meet what they are there for.
  expect(seen.exact + seen.waiting).toBe(SEEDS);
  expect(seen.exact).toBeGreaterThan(0.9 * SEEDS);
  expect(seen.products).toBeGreaterThan(SEEDS / 6);
  expect(seen.crashes).toBeGreaterThan(SEEDS / 2);
  expect(seen.liarsNamed).toBeGreaterThan(SEEDS / 4);
});

test("[EV1] a regression's run is the same with the same seed, to the last bit of state", {
  timeout: 60_000,
}, async () => {
  const [first, second] = [await simulate(trainingOfSeed(4)), await simulate(trainingOfSeed(4))];
  expect(second.traceHash).toBe(first.traceHash);
  expect(second.happenings).toBe(first.happenings);
});
