/** What people are shown of gradient jobs: plain projections of the coordinator's state. */

import type { CodedVolunteerView } from "../../shared/coded/run-view.ts";
import { CODED_SCHEMES } from "../../shared/coding/coded-schemes/coded-schemes.ts";
import { MODULUS } from "../../shared/field/modulus.ts";
import type { MatmulEstimate } from "../../shared/kinds/matmul/estimate.ts";
import type { MatmulJobView } from "../../shared/kinds/matmul/job-view.ts";
import type { MatmulReceipt } from "../../shared/kinds/matmul/receipt.ts";
import type { RegressionEstimate } from "../../shared/kinds/regression/estimate.ts";
import type { RegressionHistory, RegressionJobView } from "../../shared/kinds/regression/job-view.ts";
import type { RegressionReceipt } from "../../shared/kinds/regression/receipt.ts";
import { soundnessError } from "../../shared/verify/freivalds.ts";
import { countReadyVolunteers } from "../coordinator/placement.ts";
import type { CoordinatorState } from "../coordinator/state.ts";
import type { RunCost } from "./core/run-cost.ts";
import type { GradientJob } from "./core/run-job.ts";
import { isGradientActive } from "./core/run-lifecycle.ts";
import { type RunPlan, thresholdOf } from "./core/run-plan.ts";
import { KEY_COUNT } from "./core/run-settings.ts";
import type { RunState } from "./core/run-state.ts";

export function gradientJobView(job: GradientJob): RegressionJobView | MatmulJobView {
  const { stored, training } = job;
  const { submission, rows, columns, classes } = stored;
  const iteration = training?.iteration ?? stored.progress.iteration;
  if (submission.kind === "matmul") {
    const slices = Math.ceil(classes / submission.sliceColumns);
    const size = { rows, inner: columns, columns: classes };
    return { ...commonView(job, slices), kind: "matmul", ...size, slices, slicesDone: iteration };
  }
  const history = training?.history ?? stored.progress.history;
  const latest = history.at(-1) ?? null;
  return {
    ...commonView(job, submission.iterations),
    kind: "regression",
    model: submission.model,
    rows,
    columns,
    classes,
    iterations: submission.iterations,
    iteration,
    loss: latest?.loss ?? null,
    accuracy: latest?.accuracy ?? null,
    validationLoss: lastOf(history, "validationLoss"),
    validationAccuracy: lastOf(history, "validationAccuracy"),
    weightsOf: stored.weightsOf,
  };
}

/** What gradient and matrix jobs have in common. */
function commonView(job: GradientJob, iterations: number) {
  const { stored, plan, training } = job;
  const { submission } = stored;
  const code = training?.active ?? null;
  return {
    jobId: stored.jobId,
    name: submission.name,
    submitter: submission.submitter,
    ...(submission.purpose === undefined ? {} : { purpose: submission.purpose }),
    scheme: submission.scheme,
    dataVolunteers: submission.dataVolunteers,
    stragglers: submission.stragglers,
    liars: submission.liars,
    colluders: submission.colluders,
    volunteerCount: plan.volunteerCount,
    state: stored.state,
    waitingFor: isGradientActive(job) && training !== null ? waitingFor(training) : null,
    error: stored.error,
    endKind: stored.endKind,
    endReason: stored.endReason,
    isVerified: plan.isVerified,
    code:
      code === null
        ? null
        : {
            generation: code.generation,
            dataBlocks: code.blockCount,
            masks: code.maskCount,
            shards: code.shards.filter(({ volunteerId }) => volunteerId !== null).length,
            shardsHeld: code.shards.filter(({ state }) => state === "held").length,
          },
    volunteersAtWork: training === null ? 0 : [...training.volunteers.values()].filter(isAtWork).length,
    liarsNamed: (training ?? stored.progress).liars.length,
    codeChanges: (training ?? stored.progress).codeChanges.length,
    notes: stored.notes,
    submittedMs: stored.submittedMs,
    // [JB2] Nobody is told of an end that a crash could still take back.
    finishedMs: stored.state === "finishing" ? null : stored.finishedMs,
    remainingMs: training === null ? null : remainingMs(training, iterations),
  };
}

/** The last iteration's are known once the next one has begun. */
function lastOf(history: RunState["history"], what: "validationLoss" | "validationAccuracy"): number | null {
  return history.at(-1)?.[what] ?? history.at(-2)?.[what] ?? null;
}

function isAtWork({ isPresent, isLiar }: { isPresent: boolean; isLiar: boolean }): boolean {
  return isPresent && !isLiar;
}

function waitingFor(training: RunState): string | null {
  if (training.waitingFor !== null) return `waiting for ${training.waitingFor}`;
  if (training.phase === "preparing") return "reading the data";
  if (training.phase !== "placing") return null;
  const isEncoding = (training.active?.encoding.size ?? 0) > 0;
  return isEncoding ? "encoding the data" : "volunteers fetch their shares of the data";
}

/** Iterations that the estimate of the time that is left looks back on. */
const PACE_ITERATIONS = 10;

function remainingMs({ history, phase, waitingFor: missing }: RunState, iterations: number): number | null {
  const first = history.at(-1 - PACE_ITERATIONS) ?? history[0];
  const last = history.at(-1);
  if (phase !== "running" || missing !== null || first === undefined || last === undefined) return null;
  const count = last.iteration - first.iteration;
  if (count <= 0) return null;
  return Math.round(((iterations - last.iteration) * (last.atMs - first.atMs)) / count);
}

export function gradientHistory(state: CoordinatorState, job: GradientJob): RegressionHistory {
  const { training, stored } = job;
  const { history, codeChanges, liars } = training ?? stored.progress;
  return {
    points: history.map((point) => ({ ...point })),
    codeChanges: codeChanges.map((change) => ({ ...change })),
    liars: liars.map(({ volunteerId, iteration }) => ({
      volunteerId,
      nickname: nicknameOf(state, job, volunteerId),
      iteration,
    })),
    volunteers: volunteerViews(state, job),
  };
}

function volunteerViews(state: CoordinatorState, job: GradientJob): CodedVolunteerView[] {
  const { training, stored } = job;
  if (training === null) {
    return stored.progress.volunteers.map((volunteer) => ({ ...volunteer, isPresent: false, shards: 0 }));
  }
  return [...training.volunteers.values()].map(({ volunteerId, isPresent, isLiar, pace, ...counts }) => ({
    volunteerId,
    nickname: nicknameOf(state, job, volunteerId),
    isPresent,
    isSlow: pace.isSlow,
    isLiar,
    shards: training.active?.shards.filter((shard) => shard.volunteerId === volunteerId).length ?? 0,
    pointsIssued: counts.pointsIssued,
    acceptedResults: counts.acceptedResults,
  }));
}

function nicknameOf(state: CoordinatorState, { stored }: GradientJob, volunteerId: string): string {
  const known = state.volunteers.get(volunteerId)?.nickname;
  return known ?? stored.progress.volunteers.find((one) => one.volunteerId === volunteerId)?.nickname ?? "";
}

/**
 * Of a job whose end is durable. From what is stored alone: the same after a restart.
 * @param resultSha256 of the weights, or of the product of a matrix job; null: there is none
 */
export function gradientReceipt(job: GradientJob, resultSha256: string | null): RegressionReceipt | MatmulReceipt {
  const { featuresSha256, labelsSha256, submission, classes, progress } = job.stored;
  const { iteration } = progress;
  const common = commonReceipt(job);
  if (submission.kind === "matmul") {
    const hashes = { leftSha256: featuresSha256, rightSha256: labelsSha256, productSha256: resultSha256 };
    return { ...common, kind: "matmul", submission, ...hashes, slices: iteration };
  }
  const hashes = { featuresSha256, labelsSha256, weightsSha256: resultSha256 };
  return { ...common, kind: "regression", submission, ...hashes, classes, iterations: iteration };
}

function commonReceipt({ stored, plan }: GradientJob) {
  const { progress, submission } = stored;
  const method = CODED_SCHEMES[submission.scheme].verification;
  const errorOf = (results: number) => (method === "freivalds" ? soundnessError(KEY_COUNT, results, MODULUS) : null);
  const nicknames = new Map(progress.volunteers.map(({ volunteerId, nickname }) => [volunteerId, nickname]));
  return {
    jobId: stored.jobId,
    rows: stored.rows,
    columns: stored.columns,
    endKind: stored.endKind ?? "failed",
    endReason: stored.endReason ?? "",
    code: {
      blockCount: plan.blockCount,
      maskCount: plan.maskCount,
      shardCount: plan.shardCount,
      volunteerCount: plan.volunteerCount,
      redundancy: plan.redundancy,
    },
    verification: {
      method,
      keyCount: method === "freivalds" ? KEY_COUNT : 0,
      errorPerResult: errorOf(1),
      resultsChecked: progress.resultsChecked,
      errorOfJob: errorOf(progress.resultsChecked),
      resultsRejected: progress.resultsRejected,
    },
    undecodedRounds: progress.undecodedRounds,
    correctedResults: progress.correctedResults,
    volunteers: progress.volunteers.map((volunteer) => ({ ...volunteer, isPresent: false, shards: 0 })),
    liars: progress.liars.map(({ volunteerId, iteration }) => ({
      volunteerId,
      nickname: nicknames.get(volunteerId) ?? "",
      iteration,
    })),
    codeChanges: progress.codeChanges,
    pointsIssued: progress.volunteers.reduce((sum, { pointsIssued }) => sum + pointsIssued, 0),
    submittedMs: stored.submittedMs,
    finishedMs: stored.finishedMs ?? stored.submittedMs,
  };
}

export function gradientEstimate(
  state: CoordinatorState,
  plan: RunPlan,
  cost: RunCost,
): RegressionEstimate | MatmulEstimate {
  const volunteersReady = countReadyVolunteers(state);
  return {
    kind: "regression",
    volunteersNeeded: plan.volunteerCount,
    volunteersReady,
    volunteersMissing: Math.max(0, plan.volunteerCount - volunteersReady),
    shardBytesPerVolunteer: cost.shardBytesPerVolunteer,
    broadcastBytesPerIteration: cost.broadcastBytesPerIteration,
    resultBytesPerIteration: cost.resultBytesPerIteration,
    totalBytes: cost.totalBytes,
    multiplicationsPerVolunteerPerIteration: cost.multiplicationsPerVolunteerPerIteration,
    verificationShare: cost.verificationShare,
    rounds: cost.rounds,
    redundancy: plan.redundancy,
    secondsPerIteration: secondsPerIteration(state, plan, cost),
  };
}

/** A round ends with the answer that decodes it: so many of the fastest are waited for. */
function secondsPerIteration(state: CoordinatorState, plan: RunPlan, cost: RunCost): number | null {
  const speeds = [...state.sessions.values()].flatMap(({ state: standing, volunteerId }) =>
    standing === "ready" ? (state.volunteers.get(volunteerId)?.productSpeed ?? []) : [],
  );
  speeds.sort((a, b) => b - a);
  const needed = Math.ceil(thresholdOf(plan.blockCount, plan.maskCount) / plan.shardsPerVolunteer);
  const slowest = speeds[needed - 1];
  return slowest === undefined ? null : cost.multiplicationsPerVolunteerPerIteration / slowest / 1_000;
}
