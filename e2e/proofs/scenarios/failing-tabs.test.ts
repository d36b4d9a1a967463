/** Tabs that say they cannot compute, through the real shell, core and numerics: nobody's job ends of it, and nobody is named. */
import { beforeAll, describe, expect, test } from "vitest";
import { RUNTIMES } from "../../../shared/compute/runtimes/runtimes.ts";
import { HONEST, type TabFaults } from "../../crowd/tab-faults.ts";
import { type JobsRun, runJobs } from "../simulator/run-jobs.ts";
import { clusteredQueries, denseClassifier, INPUT_SIZE, loadOnce } from "../simulator/simulated-inference.ts";
import { simulate } from "../simulator/simulation.ts";

const JOB = { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0 } as const;
const TIMEOUT_MS = 120_000;

beforeAll(async () => {
  await Promise.all(RUNTIMES.map(({ loadFormat }) => loadFormat()));
});

const runOf = (rows: number, tabs: TabFaults[], more: Partial<JobsRun> = {}): JobsRun => ({
  seed: 7,
  tabs: tabs.map((faults, tab) => ({ addressPrefix: `10.3.${tab}.0/24`, ...faults })),
  bundle: denseClassifier(),
  load: loadOnce,
  queries: { dtype: "F32", shape: [rows, INPUT_SIZE], data: clusteredQueries(5, rows) },
  jobs: [JOB],
  ...more,
});

const FAILS: TabFaults = { ...HONEST, failsProbability: 1 };

test.each([
  [8, 40],
  [10, 50],
  [39, 40],
])("[AS4] %i keys of %i that fail end no job", { timeout: TIMEOUT_MS }, async (failing, all) => {
  const tabs = Array.from({ length: all }, (_, tab) => (tab < failing ? FAILS : HONEST));
  const { jobs, volunteers } = await runJobs(runOf(2_000, tabs));
  const { view } = jobs[0]!;
  expect(view).toMatchObject({ state: "done", error: null, finalCount: 2_000 });
  expect(view.notComputed).toBeUndefined();
  expect(volunteers.filter(({ quarantine }) => quarantine !== null)).toEqual([]);
});

test("[AS4] [AS11] two tabs of twelve that can compute it end a job of a code of five, and its receipt holds", {
  timeout: TIMEOUT_MS,
}, async () => {
  for (const seed of [2, 4]) {
    const report = await simulate({
      ...{ seed, tabs: 12, queryCount: 200, checksReceipts: true, checksReplay: false },
      faults: (tab) => (tab < 10 ? FAILS : HONEST),
      jobs: [{ scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 0 }],
    });
    expect(report.violations).toEqual([]);
    expect(report.jobs).toMatchObject([{ state: "done", final: 200, wrongFinal: 0 }]);
    expect([report.receipts, report.quarantined]).toEqual([1, []]);
  }
});

test("[AS12] a model that one kind of tab alone can run pauses with the reason, keeps what it has, and ends when such a tab comes", {
  timeout: TIMEOUT_MS,
}, async () => {
  let nowMs = 0;
  const waited: string[] = [];
  let answeredAtPause = 0;
  const comesMs = 10 * 60_000;
  const late = { ...HONEST, backend: "cpu", isAway: () => nowMs < comesMs };
  const tabs = [...Array.from({ length: 6 }, () => ({ ...FAILS, backend: "webgl" })), late];
  const { jobs } = await runJobs(
    runOf(400, tabs, {
      observe(shell, jobId, atMs) {
        nowMs = atMs;
        const view = shell.jobView(jobId);
        if (view?.kind !== "inference" || view.waitingFor === null || waited.includes(view.waitingFor)) return;
        waited.push(view.waitingFor);
        answeredAtPause = view.answersByMark.exact;
      },
    }),
  );
  expect(waited.some((said) => /^paused: 6 volunteers failed.*another kind of tab/.test(said))).toBe(true);
  // The coordinator tried some of it meanwhile, and does not compute the job alone.
  expect(answeredAtPause).toBeLessThan(400);
  expect(jobs[0]!.view).toMatchObject({ state: "done", finalCount: 400 });
  expect(jobs[0]!.virtualMs).toBeGreaterThan(comesMs / 2);
});

describe("[AS11] a row at which the model fails", () => {
  const POISONED = 602;
  const REASON = "Gather: index 30522 is out of range";
  const data = clusteredQueries(5, 1_000);
  data[POISONED * INPUT_SIZE] = 1e9;
  const queries = { dtype: "F32" as const, shape: [1_000, INPUT_SIZE], data };
  const failing: typeof loadOnce = async (bundle) => {
    const model = await loadOnce(bundle);
    return {
      ...model,
      async run(rows, rowCount) {
        for (let row = 0; row < rowCount; row++) if (rows[row * INPUT_SIZE] === 1e9) throw new Error(REASON);
        return model.run(rows, rowCount);
      },
    };
  };

  test("everywhere, one of a thousand, is told as not computable, with its reason; all others are answered", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const tabs = Array.from({ length: 12 }, () => HONEST);
    const { jobs, volunteers } = await runJobs(runOf(1_000, tabs, { queries, load: failing }));
    const { view, answers } = jobs[0]!;
    expect(view).toMatchObject({ state: "done", finalCount: 1_000 });
    expect(view.answersByMark).toMatchObject({ missing: 0, "non-finite": 1 });
    expect(view.notComputed).toEqual([{ reason: REASON, count: 1, queries: [POISONED] }]);
    expect(answers.marks[POISONED]).toBe(5);
    expect(volunteers.filter(({ quarantine }) => quarantine !== null)).toEqual([]);
  });

  test("at tabs alone is the coordinator's own answer, whatever the code is", { timeout: TIMEOUT_MS }, async () => {
    const model = await loadOnce(denseClassifier());
    const expected = await model.run(data.slice(POISONED * INPUT_SIZE, (POISONED + 1) * INPUT_SIZE), 1);
    for (const code of [JOB, { scheme: "systematic", queriesPerGroup: 4, stragglers: 2, liars: 0 } as const]) {
      const tabs = Array.from({ length: 12 }, () => ({ ...HONEST, load: failing }));
      const { jobs } = await runJobs(runOf(1_000, tabs, { queries, jobs: [code] }));
      const { view, answers } = jobs[0]!;
      expect(view.state).toBe("done");
      expect(view.notComputed).toBeUndefined();
      const { outputSize } = answers;
      const own = answers.outputs.slice(POISONED * outputSize, (POISONED + 1) * outputSize);
      expect([...own]).toEqual([...expected]);
    }
  });
});
