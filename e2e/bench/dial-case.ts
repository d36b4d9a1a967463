/**
 * One drawn crowd and two jobs with the same queries: one that names a time, and one with the paper's code. Before each the crowd does a
 * small job, from which it is known. The real coordinator on virtual time.
 */
import type { CoordinatorShell } from "../../server/shell/coordinator-shell.ts";
import { isProblem } from "../../server/web/coordinator-port.ts";
import { createPlainRuntime } from "../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import { type InferenceEstimate, inferenceEstimateRequestSchema } from "../../shared/kinds/inference/estimate.ts";
import type { InferenceSubmission } from "../../shared/kinds/inference/submission.ts";
import { randomAt } from "../../shared/random/simulation-random.ts";
import { type EndedJob, type NextJob, runJobs } from "../proofs/simulator/run-jobs.ts";
import { DIAL_INPUT_SIZE, type DrawnCrowd, dialCrowd, dialModel, dialQueries } from "./dial-crowds.ts";

export const CONFIDENCE = 0.9;
const STOP_DRAW = 95;
const READINGS_MAX = 20;
const DEADLINE_MS_MIN = 1_000;
const FIRST_JOB: Partial<InferenceSubmission> = { queriesPerGroup: 4, stragglers: 1, liars: 0, groupsPerRound: 3 };
const PAPER: Partial<InferenceSubmission> = {
  queriesPerGroup: 8,
  stragglers: 1,
  liars: 0,
  groupsPerRound: 10,
  spares: "parities",
};

export interface DialCase {
  readonly seed: number;
  readonly tabs: number;
  readonly crowd: string;
  readonly deadlineMs: number;
  /** Rows that tabs compute and that the coordinator recomputes, a query, as said when the job was submitted. */
  readonly predictedCost: number;
  readonly dial: DialOutcome;
  readonly paper: DialOutcome;
}

export interface DialOutcome {
  readonly ms: number;
  readonly cost: number;
  /** In force, one after the other. */
  readonly codes: number;
  readonly code: string;
}

export async function dialCase(seed: number): Promise<DialCase> {
  const crowd = dialCrowd(seed);
  let named = { deadlineMs: 0, predictedCost: 0 };
  const dialled = await lastJob(crowd, async (shell, source) => {
    const reading = await readDial(shell, source, crowd);
    named = reading.named;
    return { aim: reading.aim };
  });
  const paper = await lastJob(crowd, async () => PAPER);
  const outcomes = { dial: outcomeOf(crowd, dialled), paper: outcomeOf(crowd, paper) };
  return { seed, tabs: crowd.tabs.length, crowd: crowd.name, ...named, ...outcomes };
}

/** One of the stops is drawn, and the time that it says is named. Whoever is refused, for the crowd has changed, looks again. */
async function readDial(shell: CoordinatorShell, source: InferenceSubmission["source"], crowd: DrawnCrowd) {
  for (let reading = 0; reading < READINGS_MAX; reading++) {
    const { choices } = await estimateOf(shell, source);
    const able = choices.filter(({ finishMs }) => finishMs?.p90 != null);
    if (able.length === 0) continue;
    const stop = able[randomAt(crowd.seed, STOP_DRAW).integer(able.length)]!;
    const finishWithinMs = Math.ceil(Math.max(DEADLINE_MS_MIN, stop.finishMs!.p90!));
    const aim = { finishWithinMs, confidence: CONFIDENCE };
    const { chosen, refusal } = await estimateOf(shell, source, aim);
    if (refusal !== null) continue;
    const { p50: coordinatorRows } = chosen.coordinatorRows!;
    const macsPerQuery = chosen.auditMacs!.p50 / Math.max(1, coordinatorRows);
    const rows = chosen.tabMacs.p50 / macsPerQuery + coordinatorRows;
    return { aim, named: { deadlineMs: finishWithinMs, predictedCost: rows / crowd.queryCount } };
  }
  throw new Error(`dial: seed ${crowd.seed}: nothing was possible in ${READINGS_MAX} readings`);
}

async function estimateOf(
  shell: CoordinatorShell,
  source: InferenceSubmission["source"],
  aim?: InferenceSubmission["aim"],
): Promise<InferenceEstimate> {
  const request = inferenceEstimateRequestSchema.parse({
    kind: "inference",
    source,
    ...(aim === undefined ? {} : { aim }),
  });
  const estimate = await shell.estimate(request);
  if (isProblem(estimate)) throw new Error(`dial: expected an estimate, got ${estimate.message}`);
  if (estimate.kind !== "inference") throw new Error(`dial: expected an estimate of inference, got ${estimate.kind}`);
  return estimate;
}

async function lastJob(crowd: DrawnCrowd, next: NextJob): Promise<EndedJob> {
  const runtime = createPlainRuntime();
  const data = dialQueries(crowd.seed, crowd.queryCount);
  const { jobs } = await runJobs({
    seed: crowd.seed,
    tabs: crowd.tabs,
    bundle: dialModel(),
    load: (bundle) => runtime.load(bundle),
    queries: { dtype: "F32", shape: [crowd.queryCount, DIAL_INPUT_SIZE], data },
    jobs: [FIRST_JOB, next],
    checksRules: false,
  });
  return jobs.at(-1)!;
}

function outcomeOf({ queryCount }: DrawnCrowd, { view, tabRows, codes }: EndedJob): DialOutcome {
  const { queriesPerGroup, stragglers } = codes.at(0) ?? view;
  return {
    ms: view.finishedMs! - view.submittedMs,
    cost: (tabRows + view.auditedRows) / queryCount,
    codes: Math.max(1, codes.length),
    code: `K ${queriesPerGroup}, S ${stragglers}`,
  };
}
