/** Receipts of simulated jobs, made of what was recorded on the way: crashes, liars, releases and caps among it. */
import { expect, test } from "vitest";
import { optionsOfSeed } from "./fixed-run.ts";
import { simulate } from "./simulation.ts";

const SEEDS = 12;

test(`[RC7] of ${SEEDS} seeded crowds the receipt of every job that has ended holds`, {
  timeout: 240_000,
}, async () => {
  const broken: string[] = [];
  let held = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { receipts, violations } = await simulate({ ...optionsOfSeed(seed), checksReceipts: true });
    for (const problem of violations) broken.push(`seed ${seed}: ${problem}`);
    held += receipts;
  }
  expect(broken).toEqual([]);
  // Of three jobs a seed, not all of which are audited or end well.
  expect(held).toBeGreaterThan(SEEDS);
});

test("[RC7] a cap that an operator raises between two processes makes no honest receipt broken", {
  timeout: 240_000,
}, async () => {
  const broken: string[] = [];
  let [held, crashes] = [0, 0];
  for (let seed = 2; seed <= 24; seed += 2) {
    const options = optionsOfSeed(seed);
    const report = await simulate({
      ...options,
      settings: { ...options.settings, auditShareMax: 0.1 },
      laterSettings: { auditShareMax: 4 },
      checksReceipts: true,
    });
    for (const problem of report.violations) broken.push(`seed ${seed}: ${problem}`);
    held += report.receipts;
    crashes += report.crashes;
  }
  expect(broken).toEqual([]);
  expect(held).toBeGreaterThan(6);
  expect(crashes).toBeGreaterThan(6);
});
