/**
 * One drawn crowd and one job on it: what was said of it before it began, and what it came to. The crowd is known from a small job before. The real coordinator
 * on virtual time.
 */
import type { CoordinatorShell } from "../../server/shell/coordinator-shell.ts";
import { isProblem } from "../../server/web/coordinator-port.ts";
import { createPlainRuntime } from "../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import { type InferenceEstimate, inferenceEstimateRequestSchema } from "../../shared/kinds/inference/estimate.ts";
import type { InferenceSubmission } from "../../shared/kinds/inference/submission.ts";
import { type EndedJob, runJobs } from "../proofs/simulator/run-jobs.ts";
import { DIAL_INPUT_SIZE, type DrawnCrowd, dialCrowd, dialModel, dialQueries } from "./dial-crowds.ts";

export const CONFIDENCE = 0.9;
const READINGS_MAX = 20;
const DEADLINE_MS_MIN = 1_000;
/** From which the crowd is known, and who of it lies. */
const FIRST_JOB: Partial<InferenceSubmission> = {};

/** Of a job: half of the simulated crowds come to less. */
export interface DialFigures {
  readonly ms: number;
  /** Rows that tabs computed, whatever became of them. */
  readonly tabRows: number;
  /** Rows that the coordinator computed. */
  readonly trustedRows: number;
}

export interface DialCase {
  readonly seed: number;
  readonly tabs: number;
  readonly queries: number;
  readonly crowd: string;
  /** Does a liar of it begin to lie in the job? Nothing that was seen of the crowd tells. */
  readonly hasSleeper: boolean;
  /** The time that is said with confidence .9, and that the job names. */
  readonly deadlineMs: number;
  readonly predicted: DialFigures;
  readonly happened: DialFigures;
  /** Real time of one estimate, ms. */
  readonly estimateMs: number;
}

export async function dialCase(seed: number): Promise<DialCase> {
  const crowd = dialCrowd(seed);
  const runtime = createPlainRuntime();
  let said: Said | null = null;
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
    // The first job is one of few queries.
    queriesOfJobs: [crowd.firstCount, crowd.queryCount].map((count) => ({
      ...{ dtype: "F32" as const, shape: [count, DIAL_INPUT_SIZE], data: dialQueries(seed + count, count) },
    })),
    jobs: [
      FIRST_JOB,
      async (shell, source) => {
        const reading = await readDial(shell, source, crowd);
        said = reading.said;
        return { aim: reading.aim };
      },
    ],
    checksRules: false,
  });
  const { tabs, queryCount, name } = crowd;
  if (said === null) throw new Error(`dial: seed ${seed}: nothing was said`);
  const hasSleeper = tabs.some(({ isLiar, sleepsFor = 0 }) => isLiar && sleepsFor > 0);
  const named = said as Said;
  return {
    seed,
    tabs: tabs.length,
    queries: queryCount,
    crowd: name,
    hasSleeper,
    ...named,
    happened: figuresOf(jobs.at(-1)!),
  };
}

type Said = Pick<DialCase, "deadlineMs" | "predicted" | "estimateMs">;

/** The time that is said with confidence is named. Whoever is refused, for the crowd has changed, looks again. */
async function readDial(shell: CoordinatorShell, source: InferenceSubmission["source"], crowd: DrawnCrowd) {
  for (let reading = 0; reading < READINGS_MAX; reading++) {
    const { choices } = await estimateOf(shell, source);
    const stop = choices.find(({ finishMs }) => finishMs?.p90 != null);
    if (stop === undefined) continue;
    const finishWithinMs = Math.ceil(Math.max(DEADLINE_MS_MIN, stop.finishMs!.p90!));
    const aim = { finishWithinMs, confidence: CONFIDENCE };
    const startMs = performance.now();
    const { chosen, refusal } = await estimateOf(shell, source, aim);
    const estimateMs = performance.now() - startMs;
    if (refusal !== null) continue;
    const { p50: trustedRows } = chosen.coordinatorRows!;
    const macsPerQuery = chosen.auditMacs!.p50 / Math.max(1, trustedRows);
    const predicted = { ms: chosen.finishMs!.p50!, tabRows: chosen.tabMacs.p50 / macsPerQuery, trustedRows };
    return { aim, said: { deadlineMs: finishWithinMs, predicted, estimateMs } };
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
  const estimate = await shell.estimate(request, request.submitter);
  if (isProblem(estimate)) throw new Error(`dial: expected an estimate, got ${estimate.message}`);
  if (estimate.kind !== "inference") throw new Error(`dial: expected an estimate of inference, got ${estimate.kind}`);
  return estimate;
}

function figuresOf({ view, tabRows }: EndedJob): DialFigures {
  const ms = view.finishedMs! - view.submittedMs;
  return { ms, tabRows, trustedRows: view.rows?.coordinatorRows ?? view.auditedRows };
}
