import { expect, test } from "vitest";
import { SCHEME_NAMES } from "../../../shared/coding/schemes/schemes.ts";
import { drawnRun } from "./drawn-run.ts";
import { runHere } from "./many-seeds.ts";
import { runDrawnSeed } from "./one-seed.ts";
import { shrink } from "./shrink.ts";
import { simulate } from "./simulation.ts";

/** Beside the fresh ones of simulation.test.ts. */
const SAFETY_SEEDS = 30;
const LIVENESS_SEEDS = 30;
const TIMEOUT_MS = 600_000;

test(`${SAFETY_SEEDS} drawn runs break no rule, whatever disk, network, process, tabs and people do`, {
  timeout: TIMEOUT_MS,
}, async () => {
  const { events, violations } = await runHere({ start: 1, count: SAFETY_SEEDS, mode: "safety" });
  expect(violations).toEqual([]);
  expect(events).toBeGreaterThan(100 * SAFETY_SEEDS);
});

test(`[JB2] [GR20] in ${LIVENESS_SEEDS} drawn runs every job is done after faults have stopped`, {
  timeout: TIMEOUT_MS,
}, async () => {
  const { violations } = await runHere({ start: 1, count: LIVENESS_SEEDS, mode: "liveness" });
  expect(violations).toEqual([]);
});

/** Seeds that once broke a rule; the story of each is a test of its own beside the code that was mended. */
const FOUND = [
  { seed: 2187, rule: "VF11", was: "a restarted training seated a released volunteer that it had named" },
  { seed: 2190, rule: "JB2", was: "an invitation was written down after its job's end, and the job began again" },
  { seed: 5013, rule: "VF11", was: "a released volunteer was forgotten with its last tab" },
  {
    seed: 771614,
    rule: "WC3",
    was: "one that chose a job, did nothing and went came back as a stranger, who may check it",
  },
  { seed: 772820, rule: "VF3", was: "a row that filled up a group was held against another volunteer's answer" },
  { seed: 772930, rule: "CR1", was: "an opinion that had found a result wrong was noted as one that agrees" },
  { seed: 773051, rule: "CR1", was: "the proof counted what came of a back-end of which no row was right so far" },
] as const;

for (const { seed, rule, was } of FOUND) {
  test(`[${rule}] seed ${seed} breaks no rule any more: ${was}`, { timeout: TIMEOUT_MS }, async () => {
    expect((await runDrawnSeed(seed)).problems).toEqual([]);
  });
}

test("[EV1] a drawn run is the same with the same seed, event for event", { timeout: TIMEOUT_MS }, async () => {
  for (const seed of [1, 2, 3]) expect((await runDrawnSeed(seed, "safety", undefined, true)).problems).toEqual([]);
});

test("drawn runs meet crashes, crashes in writes, cuts, collections, quarantines, releases and every scheme", async () => {
  const COUNT = 90;
  const options = Array.from({ length: COUNT }, (_, n) => drawnRun(n + 1, "safety"));
  const schemes = new Set(options.flatMap(({ jobs = [] }) => jobs.map(({ scheme }) => scheme)));
  expect([...schemes].sort()).toEqual(SCHEME_NAMES.toSorted());
  for (const trouble of ["crashMsMean", "crashInWriteShare", "cutMsMean", "collectMsMean", "releaseMsMean"] as const) {
    const met = options.filter((option) => (option[trouble] ?? 0) > 0).length;
    expect(met, trouble).toBeGreaterThan(COUNT / 10);
    expect(met, trouble).toBeLessThan(COUNT);
  }
});

test("in some drawn runs volunteers have a second window, and some tabs fail; the other seeds are as they were", () => {
  const faultsOf = (seed: number) => {
    const { tabs = 0, faults } = drawnRun(seed, "liveness");
    return Array.from({ length: tabs }, (_, tab) => faults!(tab));
  };
  const windows = (seed: number) => faultsOf(seed).filter(({ keyOf }) => keyOf !== undefined).length;
  for (const seed of [4, 9, 14]) expect(windows(seed)).toBeGreaterThan(0);
  for (const seed of [1, 5, 5013]) expect(windows(seed)).toBe(0);
  const failing = [5, 12, 19, 26].flatMap(faultsOf).filter(({ failsProbability = 0 }) => failsProbability > 0).length;
  expect(failing).toBeGreaterThan(4);
  expect(faultsOf(4).some(({ failsProbability = 0 }) => failsProbability > 0)).toBe(false);
});

test("a failing run is shrunk to what its failure needs, and its last events are told", {
  timeout: TIMEOUT_MS,
}, async () => {
  const options = { ...drawnRun(2, "safety"), jobs: [{ scheme: "systematic" as const, answerBound: 0.3 }] };
  // Taken for a failure: that anybody was ever sent anything.
  const { problems, reduction, trace } = await shrink(options, ({ jobs }) =>
    jobs.some(({ answers, missing }) => missing < answers) ? ["[XX1] somebody answered"] : [],
  );
  expect(problems).toEqual(["[XX1] somebody answered"]);
  expect(reduction.tabs).toBeLessThan(options.tabs!);
  expect(reduction.without.length).toBeGreaterThan(5);
  expect(trace.length).toBeGreaterThan(0);
});

test("[VF9] a crowd of liars alone, that comes back under new names, gets no wrong answer final", {
  timeout: TIMEOUT_MS,
}, async () => {
  // Of so loose a bound tabs have rows: else the coordinator computes so small a job, and nobody is named.
  const options = { ...drawnRun(2, "safety"), jobs: [{ scheme: "systematic" as const, answerBound: 0.3 }] };
  const report = await simulate({
    ...options,
    faults: (tab) => ({ ...options.faults!(tab), isLiar: true, sleepsFor: 0 }),
  });
  expect(report.quarantined.length).toBeGreaterThan(3);
  expect(report.violations).toEqual([]);
  expect(report.jobs).toMatchObject([{ wrongFinal: 0 }]);
});
