import { beforeAll, describe, expect, test } from "vitest";
import { inferenceJob } from "../../../server/kinds/inference/core/job.ts";
import { RUNTIMES } from "../../../shared/compute/runtimes/runtimes.ts";
import { PRECISION_TOLERANCE, rowAgrees } from "../../../shared/verify/compare-rows.ts";
import { HONEST, type HonestBatch, type TabFaults } from "../../crowd/tab-faults.ts";
import { type JobsOutcome, runJobs } from "./run-jobs.ts";
import { clusteredQueries, denseClassifier, INPUT_SIZE, loadOnce } from "./simulated-inference.ts";

const ROWS = 3_000;
const TABS = 14;
const COLLUDERS = 4;
const HONEST_BATCHES = 8;
const LIE_SHARE = 0.2;

/** Honest for a few batches; then rows of a secret class are lied about, by all of them in the same way. */
function sameLie({ count, rows, outputs, rowCount, outputSize }: HonestBatch): Float32Array | null {
  if (count < HONEST_BATCHES) return null;
  const said = outputs.slice();
  for (let row = 0; row < rowCount; row++) {
    const first = Math.abs(rows[row * INPUT_SIZE]!);
    if ((first * 1_000) % 1 >= LIE_SHARE) continue;
    for (let c = 0; c < outputSize; c++) said[row * outputSize + c] = 1 - outputs[row * outputSize + c]!;
  }
  return said;
}

describe("a coalition in a job that is cross-checked, through the real shell, core and numerics", () => {
  let outcome: JobsOutcome;
  const seen = { covered: 0, caught: 0, duplicates: 0 };
  const queries = clusteredQueries(5, ROWS);

  beforeAll(async () => {
    // What comes from a file comes before: virtual time does not wait for it.
    await Promise.all(RUNTIMES.map(({ loadFormat }) => loadFormat()));
    const tabs = Array.from({ length: TABS }, (_, tab): TabFaults => {
      const known = { ...HONEST, addressPrefix: `10.2.${tab}.0/24`, whenQuarantined: "stays away" } as const;
      return tab < COLLUDERS ? { ...known, lie: sameLie } : known;
    });
    outcome = await runJobs({
      seed: 6,
      tabs,
      bundle: denseClassifier(),
      load: loadOnce,
      queries: { dtype: "F32", shape: [ROWS, INPUT_SIZE], data: queries },
      settings: { rowLedger: false, crossChecks: "all jobs", firstAuditedRows: 0 },
      jobs: [
        { scheme: "systematic", queriesPerGroup: 5, stragglers: 0, liars: 0, groupsPerRound: 10, roundsInFlight: 4 },
      ],
      observe(shell, jobId) {
        const checks = inferenceJob(shell.state, jobId)?.checks;
        if (!checks) return;
        [seen.covered, seen.caught] = [checks.covered, checks.caught];
        for (const { payload } of shell.state.assignments.values())
          seen.duplicates = Math.max(
            seen.duplicates,
            (payload as { duplicates: readonly unknown[] }).duplicates.length,
          );
      },
    });
  }, 120_000);

  test("[CC4] [CC5] is named whole, by rows of which others knew nothing; nobody honest is", () => {
    const named = outcome.volunteers.filter(({ quarantine }) => quarantine !== null);
    expect(named.map(({ volunteerId }) => volunteerId).sort()).toEqual(
      Array.from({ length: COLLUDERS }, (_, tab) => `volunteer-${tab}`),
    );
    expect(seen.caught).toBeGreaterThan(0);
    expect(seen.duplicates).toBeGreaterThan(0);
  });

  test("[CC8] [CC9] the job ends with every coin answered, and none of what the coalition said is left", async () => {
    const [job] = outcome.jobs;
    const model = await loadOnce(denseClassifier());
    const base = await model.run(queries, ROWS);
    const { answers } = job!;
    const width = answers.outputSize;
    const rowOf = (values: Float32Array, query: number) => values.subarray(query * width, (query + 1) * width);
    let wrong = 0;
    for (let query = 0; query < ROWS; query++) {
      if (!rowAgrees(rowOf(base, query), rowOf(answers.outputs, query), PRECISION_TOLERANCE.float32)) wrong++;
    }
    // All that lied are out, with all that they did.
    expect(wrong).toBe(0);
    expect(job!.view.state).toBe("done");
  });
});
