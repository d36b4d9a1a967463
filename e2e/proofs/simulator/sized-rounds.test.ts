/** Rounds of several sizes, through crashes, with liars and tabs that come and go. */
import { expect, test } from "vitest";
import { inferenceJob } from "../../../server/kinds/inference/core/job.ts";
import { RUNTIMES } from "../../../shared/compute/runtimes/runtimes.ts";
import { PRECISION_TOLERANCE, rowAgrees } from "../../../shared/verify/compare-rows.ts";
import { HONEST, type TabFaults } from "../../crowd/tab-faults.ts";
import { runJobs } from "./run-jobs.ts";
import { clusteredQueries, denseClassifier, INPUT_SIZE, loadOnce } from "./simulated-inference.ts";
import { simulate } from "./simulation.ts";

/** A row takes from half a millisecond to fifty. */
const faults = (tab: number): TabFaults => ({
  ...HONEST,
  computeTime: { fixedMs: 1, rowMs: 0.5 * 100 ** (tab / 7), factors: [{ kind: "even", spread: 0.3 }], draw: 7 },
  straggleProbability: tab % 3 === 0 ? 0.1 : 0,
  staysMsMean: tab % 2 === 0 ? 1_500 : null,
  isLiar: tab === 5,
});

test.each([1, 2, 3])(
  "seed %i: [DP12] a job whose batches are of several sizes ends right, and its receipt holds",
  async (seed) => {
    const report = await simulate({
      seed,
      tabs: 8,
      queryCount: 1_300,
      faults,
      crashMsMean: seed === 1 ? null : 1_200,
      jobs: [{ queriesPerGroup: 2, stragglers: 1, liars: 0, groupsPerRound: 0, roundsInFlight: 0 }],
    });
    expect(report.violations).toEqual([]);
    expect(report.jobs).toMatchObject([{ state: "done", answers: 1_300, missing: 0, wrongExactOrAudited: 0 }]);
    expect(report.falselyQuarantined).toEqual([]);
  },
);

test("[DP12] [CC4] [CC9] of a job that is cross-checked fast tabs get large batches and slow ones small, and a coalition is named all the same", async () => {
  // What comes from a file comes before: virtual time does not wait for it.
  await Promise.all(RUNTIMES.map(({ loadFormat }) => loadFormat()));
  const [rows, tabs, liars] = [3_000, 12, 3];
  const queries = clusteredQueries(5, rows);
  const largest = new Map<string, number>();
  const known = (tab: number): TabFaults => ({
    ...HONEST,
    computeTime: { fixedMs: 5, rowMs: 4 * 100 ** (tab / (tabs - 1)), factors: [], draw: 3 },
    addressPrefix: `10.2.${tab}.0/24`,
    whenQuarantined: "stays away",
    ...(tab < liars ? { lie: ({ count, outputs }) => (count < 3 ? null : outputs.map((number) => 1 - number)) } : {}),
  });
  const { jobs, volunteers } = await runJobs({
    seed: 6,
    tabs: Array.from({ length: tabs }, (_, tab) => known(tab)),
    bundle: denseClassifier(),
    load: loadOnce,
    queries: { dtype: "F32", shape: [rows, INPUT_SIZE], data: queries },
    settings: { rowLedger: false, crossChecks: "all jobs", firstAuditedRows: 0 },
    jobs: [{ scheme: "systematic", queriesPerGroup: 4, stragglers: 0, liars: 0 }],
    observe({ state }, jobId) {
      const { schedule } = inferenceJob(state, jobId)!;
      for (const { sessionId, roundIndex } of state.assignments.values()) {
        if (roundIndex < 0) continue;
        const { groupsPerRound } = schedule.planOf(roundIndex);
        largest.set(sessionId, Math.max(largest.get(sessionId) ?? 0, groupsPerRound));
      }
    },
  });
  const named = volunteers.filter(({ quarantine }) => quarantine !== null).map(({ volunteerId }) => volunteerId);
  expect(named.sort()).toEqual(Array.from({ length: liars }, (_, tab) => `volunteer-${tab}`));
  const { answers } = jobs[0]!;
  const base = await (await loadOnce(denseClassifier())).run(queries, rows);
  const width = answers.outputSize;
  const rowOf = (values: Float32Array, query: number) => values.subarray(query * width, (query + 1) * width);
  const isRight = (query: number) =>
    rowAgrees(rowOf(base, query), rowOf(answers.outputs, query), PRECISION_TOLERANCE.float32);
  expect(Array.from({ length: rows }, (_, query) => query).filter((query) => !isRight(query))).toEqual([]);
  // Of 8 ms a row and of 400: forty rows of the one take a third of a second, of the other sixteen.
  expect(largest.get(`session-${liars}-0`)).toBe(40);
  expect(largest.get(`session-${tabs - 1}-0`)).toBeLessThanOrEqual(10);
}, 60_000);
