import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { rowsJobs } from "../../../server/kinds/inference/rows/core/rows-job.ts";
import { HONEST } from "../../crowd/tab-faults.ts";
import { optionsOfSeed, runSeed } from "./fixed-run.ts";
import { runHere } from "./many-seeds.ts";
import { TASK_MS } from "./modelled-executor.ts";
import { simulate } from "./simulation.ts";

/** As many as bring every two of the kinds of trouble together that every second to ninth seed has. `npm run simulate` draws as many others as one likes. */
const SEEDS = 40;
const FRESH_SEEDS = 60;
/** Below this are those that were run before. */
const FRESH_SEED_MIN = 100_000_000;

test(`${SEEDS} seeded crowds with stragglers, liars, losses, repeats, releases, crashes and restarts break no rule`, {
  timeout: 600_000,
}, async () => {
  const broken: string[] = [];
  const seen = { crashes: 0, releases: 0, quarantined: 0, jobs: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { report, problems } = await runSeed(seed);
    for (const problem of problems) broken.push(`seed ${seed}: ${problem}`);
    seen.crashes += report.crashes;
    seen.releases += report.releases;
    seen.quarantined += report.quarantined.length;
    seen.jobs += report.jobs.length;
  }
  expect(broken).toEqual([]);
  // The runs meet what they are there for.
  expect(seen.jobs).toBe(3 * SEEDS);
  expect(seen.crashes).toBeGreaterThan(SEEDS / 2);
  // Of small first jobs the coordinator computes most rows itself, and liars have few to lie about.
  expect(seen.releases).toBeGreaterThan(SEEDS / 4);
  expect(seen.quarantined).toBeGreaterThan(SEEDS / 4);
});

test(`${FRESH_SEEDS} drawn runs that nobody has seen before break no rule`, { timeout: 600_000 }, async () => {
  const start = randomInt(FRESH_SEED_MIN, 10 * FRESH_SEED_MIN);
  const again = `npm run simulate -- --start ${start} --seeds ${FRESH_SEEDS}`;
  console.log(`fresh seeds of the simulator: ${start} to ${start + FRESH_SEEDS - 1}   (${again})`);
  const { events, violations } = await runHere({ start, count: FRESH_SEEDS, mode: "safety" });
  expect(violations, again).toEqual([]);
  expect(events).toBeGreaterThan(50 * FRESH_SEEDS);
});

/** 174105514: a vote came while a decode without it was at work. 700000111: rows were posted while the last certificate of a block was being written. */
const BROKE_ONCE = [174_105_514, 700_000_111];

test("drawn runs that broke a rule once break none", { timeout: 60_000 }, async () => {
  for (const start of BROKE_ONCE) expect((await runHere({ start, count: 1, mode: "safety" })).violations).toEqual([]);
});

test("[EV1] the same seed gives the same run, to the last bit of state", { timeout: 60_000 }, async () => {
  for (const seed of [2, 7, 55]) {
    const [first, second] = [await simulate(optionsOfSeed(seed)), await simulate(optionsOfSeed(seed))];
    expect(second.traceHash).toBe(first.traceHash);
    expect(second.happenings).toBe(first.happenings);
  }
});

test("[ES3] a floor that no estimate reaches makes a fast job as checked as an exact one, a floor of 0 lets all of them stand", async () => {
  const answersAt = async (confidenceFloor: number) => {
    const { jobs, violations } = await simulate({
      seed: 3,
      tabs: 14,
      queryCount: 160,
      faults: () => ({ ...HONEST, straggleProbability: 0.3 }),
      jobs: [{ scheme: "systematic", answerBound: 0.3, stragglers: 2, liars: 1, completion: "fast", confidenceFloor }],
    });
    expect(violations).toEqual([]);
    expect(jobs).toMatchObject([{ state: "done", missing: 0 }]);
    return jobs[0]!;
  };
  const [strict, lax] = [await answersAt(1), await answersAt(0)];
  expect(strict.exactOrAudited).toBe(160);
  expect(lax.exactOrAudited).toBeLessThan(160);
});

test("[DP1] with numerics ten times slower, and then a hundred times, no more bytes are held", {
  timeout: 120_000,
}, async () => {
  const heldAt = async (slowness: number) => {
    let most = 0;
    const taskMs = { ...TASK_MS, recompute: TASK_MS.recompute * slowness, decode: TASK_MS.decode * slowness };
    const report = await simulate({
      seed: 4,
      tabs: 40,
      queryCount: 1_200,
      faults: () => HONEST,
      jobs: [{ scheme: "systematic", stragglers: 2, liars: 1 }],
      taskMs,
      observe: ({ state }) => {
        most = Math.max(
          most,
          rowsJobs(state).reduce((sum, { rowsOut }) => sum + rowsOut, 0),
        );
      },
    });
    expect(report.violations).toEqual([]);
    expect(report.jobs.map((job) => job.state)).toEqual(["done"]);
    return most;
  };
  const [normal, slow, slowest] = [await heldAt(1), await heldAt(10), await heldAt(100)];
  // 8 rounds of 7 batches of 4 rows of 8 inputs and 4 outputs.
  const allRounds = 8 * 7 * 4 * (8 + 4) * 4;
  expect(normal).toBeGreaterThan(0);
  expect(slow).toBeLessThanOrEqual(allRounds);
  expect(slowest).toBeLessThanOrEqual(allRounds);
});
