/**
 * The dial predicts by rehearsals: a small model of the coordinator. These tests hold rehearsals against the real core, which runs
 * the same jobs on the same drawn crowds on virtual time. A rehearsal of the real core would be exact and too slow: see docs/dial.md.
 */
import { expect, test } from "vitest";
import { isProblem } from "../../../server/web/coordinator-port.ts";
import { createPlainRuntime } from "../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import { inferenceEstimateRequestSchema } from "../../../shared/kinds/inference/estimate.ts";
import type { InferenceSubmission } from "../../../shared/kinds/inference/submission.ts";
import { medianOfSome } from "../../../shared/numbers/quantile.ts";
import { DIAL_INPUT_SIZE, dialCrowd, dialModel, dialQueries } from "../../bench/dial-crowds.ts";
import { runJobs } from "../simulator/run-jobs.ts";

const SEEDS = [11, 12, 13, 14, 15, 16, 17, 18];
/** From it the crowd is known. */
const FIRST_JOB = { queriesPerGroup: 4, stragglers: 1, liars: 0, groupsPerRound: 3 };
const CODES: readonly Partial<InferenceSubmission>[] = [
  { queriesPerGroup: 4, stragglers: 0, liars: 0, groupsPerRound: 3, spares: "backups" },
  { queriesPerGroup: 2, stragglers: 1, liars: 0, groupsPerRound: 4, spares: "backups" },
  { queriesPerGroup: 8, stragglers: 1, liars: 0, groupsPerRound: 4, spares: "parities" },
];

interface Held {
  /** What happened over what half of the draws came to. */
  readonly time: number;
  readonly tabRows: number;
  readonly isWithinNineOfTen: boolean;
}

async function heldAgainstCore(seed: number, code: Partial<InferenceSubmission>): Promise<Held> {
  const crowd = dialCrowd(seed);
  const runtime = createPlainRuntime();
  let said = { p50: 0, p90: 0, rows: 0 };
  const { jobs } = await runJobs({
    seed,
    tabs: crowd.tabs,
    bundle: dialModel(),
    load: (bundle) => runtime.load(bundle),
    queries: {
      dtype: "F32",
      shape: [crowd.queryCount, DIAL_INPUT_SIZE],
      data: dialQueries(seed, crowd.queryCount),
    },
    jobs: [
      FIRST_JOB,
      async (shell, source) => {
        const estimate = await shell.estimate(
          inferenceEstimateRequestSchema.parse({ kind: "inference", source, ...code }),
        );
        if (isProblem(estimate) || estimate.kind !== "inference") throw new Error("expected an estimate");
        const { finishMs, tabMacs, auditMacs, coordinatorRows } = estimate.chosen;
        const macsPerQuery = auditMacs!.p50 / Math.max(1, coordinatorRows!.p50);
        said = { p50: finishMs!.p50!, p90: finishMs!.p90!, rows: tabMacs.p50 / macsPerQuery };
        return code;
      },
    ],
    checksRules: false,
  });
  const { view, tabRows } = jobs[1]!;
  const ms = view.finishedMs! - view.submittedMs;
  return { time: ms / said.p50, tabRows: tabRows / said.rows, isWithinNineOfTen: ms <= said.p90 };
}

test("jobs of the real core take the time and the work that was rehearsed", async () => {
  const held: Held[] = [];
  for (const [place, seed] of SEEDS.entries()) held.push(await heldAgainstCore(seed, CODES[place % CODES.length]!));
  const report = held.map(({ time, tabRows }) => `${time.toFixed(2)} / ${tabRows.toFixed(2)}`).join(", ");
  console.log(`happened over rehearsed, time / rows: ${report}`);
  // The rehearsal thinks in rounds, and jobs run row by row: they end sooner than told, and never later.
  expect(medianOfSome(held.map(({ time }) => time))).toBeGreaterThan(0.5);
  expect(medianOfSome(held.map(({ time }) => time))).toBeLessThan(1.15);
  expect(medianOfSome(held.map(({ tabRows }) => tabRows))).toBeGreaterThan(0.7);
  expect(medianOfSome(held.map(({ tabRows }) => tabRows))).toBeLessThan(1.15);
  // One draw in ten may be slower than nine of ten.
  expect(held.filter(({ isWithinNineOfTen }) => isWithinNineOfTen).length).toBeGreaterThanOrEqual(SEEDS.length - 3);
});
