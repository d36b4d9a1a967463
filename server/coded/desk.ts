/**
 * Gradient jobs in the shell: submissions, what their trainings ask for, shares on their way to tabs, and what people ask.
 * CoordinatorShell hands on to it whatever concerns them.
 */

import type { MatmulEstimate } from "../../shared/kinds/matmul/estimate.ts";
import type { MatmulJobView } from "../../shared/kinds/matmul/job-view.ts";
import type { MatmulReceipt } from "../../shared/kinds/matmul/receipt.ts";
import type { MatmulSubmission } from "../../shared/kinds/matmul/submission.ts";
import type { RegressionEstimate } from "../../shared/kinds/regression/estimate.ts";
import type { RegressionHistory, RegressionJobView } from "../../shared/kinds/regression/job-view.ts";
import type { RegressionReceipt } from "../../shared/kinds/regression/receipt.ts";
import type { RegressionSubmission } from "../../shared/kinds/regression/submission.ts";
import type { RegressionPredictions } from "../../shared/kinds/regression/weights.ts";
import type { JobSubmitted } from "../../shared/protocol/job-api.ts";
import { GRADIENT_JOBS_ACTIVE_MAX, INPUT_INLINE_BYTES_MAX } from "../../shared/protocol/limits.ts";
import type { Assignment, ProductAssignment } from "../../shared/protocol/messages.ts";
import type { NpyArray } from "../../shared/protocol/npy.ts";
import type { RandomSource } from "../../shared/random/random.ts";
import type { CoreRecord, Effect } from "../coordinator/effects.ts";
import type { Happening } from "../coordinator/events.ts";
import type { CoordinatorState } from "../coordinator/state.ts";
import { featuresOf } from "../kinds/regression/engine/training-data.ts";
import type { NumericsExecutor } from "../numerics/numerics-executor.ts";
import { sha256Hex } from "../sha256-hex.ts";
import type { ShareGrant } from "../shell/assignment-tokens.ts";
import type { Clock } from "../shell/clock.ts";
import { submissionProblem } from "../shell/submission-problem.ts";
import type { StoreRecord } from "../store/store.ts";
import type { ApiProblem, MatmulProduct, RegressionWeights } from "../web/coordinator-port.ts";
import type { GradientJob } from "./core/run-job.ts";
import { isGradientActive, newGradientJob } from "./core/run-lifecycle.ts";
import type { CodedEngine, EngineModule } from "./engine/coded-engine.ts";
import type { StoredGradientCheckpoint, StoredGradientJob } from "./records.ts";
import { engineModuleOf, GradientWorkspace } from "./run-workspace.ts";
import {
  describeGradientJob,
  describeMatmulJob,
  estimateGradient,
  estimateMatmul,
  type GradientSources,
} from "./submissions.ts";
import { gradientEstimate, gradientHistory, gradientJobView, gradientReceipt } from "./views.ts";

export interface GradientDeskOptions extends GradientSources {
  readonly clock: Clock;
  readonly executor: NumericsExecutor;
  readonly secretRandom: RandomSource;
  /** A thread of its own for each job, but in simulations. */
  readonly openEngine: (module: EngineModule) => CodedEngine;
  readonly onProblem: (message: string, error: unknown) => void;
}

/** What the desk needs of the shell. */
export interface GradientDeskShell {
  readonly state: CoordinatorState;
  happen(happening: Happening): void;
  /** Holds a token; the assignment's number is then known by it. */
  grant(grant: ShareGrant): void;
  /** Nothing happens where the tab is gone. */
  send(sessionId: string, assignment: Assignment): void;
  /** Resolves when the core has the submission durable, or says why not. */
  answered(jobId: string): Promise<string | null>;
}

type EffectOf<T extends Effect["type"]> = Extract<Effect, { type: T }>;

const SPLIT_SEED_BOUND = 2 ** 32;
/** So many jobs that ended earlier than those at hand, and were asked for since, are kept. */
const RECALLED_MAX = 20;

export class GradientDesk {
  readonly #options: GradientDeskOptions;
  readonly #shell: GradientDeskShell;
  readonly #workspaces = new Map<string, GradientWorkspace>();
  /** The latest to be asked for last. */
  readonly #recalled = new Map<string, GradientJob>();
  #submitting = 0;

  constructor(options: GradientDeskOptions, shell: GradientDeskShell) {
    this.#options = options;
    this.#shell = shell;
  }

  has(jobId: string): boolean {
    return this.#shell.state.gradientJobs.has(jobId);
  }

  // --- submissions --------------------------------------------------------------------------------------------------

  async submit(
    submission: RegressionSubmission | MatmulSubmission,
    jobId = this.#options.makeToken(),
  ): Promise<JobSubmitted | ApiProblem> {
    const active = [...this.#shell.state.gradientJobs.values()].filter(isGradientActive).length + this.#submitting;
    if (active >= GRADIENT_JOBS_ACTIVE_MAX) {
      const message = `expected fewer than ${GRADIENT_JOBS_ACTIVE_MAX} gradient jobs at work, got ${active}`;
      return { status: 503, code: "too-many-jobs", message };
    }
    this.#submitting++;
    const { clock, secretRandom } = this.#options;
    try {
      const seed = secretRandom.integer(SPLIT_SEED_BOUND);
      const described =
        submission.kind === "matmul"
          ? await describeMatmulJob(this.#options, jobId, submission, clock.nowMs())
          : await describeGradientJob(this.#options, jobId, submission, clock.nowMs(), seed);
      const answered = this.#shell.answered(jobId);
      this.#shell.happen({ type: "gradientSubmitted", job: described.job });
      const refusal = await answered;
      if (refusal !== null) {
        return { status: 503, code: "not-durable", message: `the job could not be written down: ${refusal}` };
      }
      return described.invitations.length > 0 ? { jobId, invitations: described.invitations } : { jobId };
    } catch (error) {
      return submissionProblem(error);
    } finally {
      this.#submitting--;
    }
  }

  async estimate(
    submission: RegressionSubmission | MatmulSubmission,
  ): Promise<RegressionEstimate | MatmulEstimate | ApiProblem> {
    try {
      const { store } = this.#options;
      const { plan, cost } =
        submission.kind === "matmul"
          ? await estimateMatmul(store, submission)
          : await estimateGradient(store, submission);
      return { ...gradientEstimate(this.#shell.state, plan, cost), kind: submission.kind };
    } catch (error) {
      return submissionProblem(error);
    }
  }

  // --- effects ------------------------------------------------------------------------------------------------------

  training({ jobId, training }: EffectOf<"training">): void {
    const workspace = this.#workspaceOf(jobId);
    workspace.carryOut(training).then(
      (done) => {
        if (done !== null) this.#shell.happen({ type: "trainingOutcome", jobId, ...done });
      },
      (error: unknown) => {
        this.#options.onProblem(`gradient job ${jobId}: ${training.type} failed`, error);
        const message = error instanceof Error ? error.message : String(error);
        const { effectId } = training;
        this.#shell.happen({ type: "trainingOutcome", jobId, outcome: { type: "effectFailed", effectId, message } });
      },
    );
  }

  /** Made when the training first asks for something. */
  #workspaceOf(jobId: string): GradientWorkspace {
    const held = this.#workspaces.get(jobId);
    if (held !== undefined) return held;
    const { store, openEngine } = this.#options;
    const { stored } = this.#shell.state.gradientJobs.get(jobId)!;
    const workspace = new GradientWorkspace({ ...stored }, openEngine(engineModuleOf(stored)), {
      read: async (sha256) => {
        const bytes = await store.getBlob(sha256);
        if (bytes === null) throw new Error(`the data of job ${jobId} could not be loaded`);
        return bytes;
      },
      checkpoint: (id) => store.gradientCheckpoint(id),
    });
    this.#workspaces.set(jobId, workspace);
    return workspace;
  }

  sendShare(effect: EffectOf<"sendShare">): void {
    const { jobId, taskId, sessionId, generation, shardIndex, roundId, product } = effect;
    const job = this.#shell.state.gradientJobs.get(jobId);
    const workspace = this.#workspaces.get(jobId);
    const shard = workspace?.shard(generation, shardIndex) ?? null;
    const volunteerId = this.#shell.state.gradientTasks.get(taskId)?.volunteerId;
    // What was called off in the same step is not sent.
    if (job === undefined || shard === null || volunteerId === undefined) return;
    const token = this.#options.makeToken();
    const { name: jobName, submitter } = job.stored.submission;
    const { sha256, frame, forward, backward } = shard;
    const base = { token, jobId, jobName, submitter, workerIndex: shardIndex, deadlineMs: effect.deadlineMs };
    const shardOf = { sha256, bytes: frame.length, forward, backward };
    const reference = { assignmentId: taskId, jobId, generation, shardIndex, roundId, volunteerId };
    if (product === null) {
      const answers = { kind: "share", share: "shard", ...reference } as const;
      this.#shell.grant({ token, sessionId, answers, shard, inputBlob: null, rows: 0, width: 0, uploaded: null });
      this.#shell.send(sessionId, { ...base, kind: "shard", roundIndex: 0, shard: shardOf });
      return;
    }
    const broadcast = workspace?.broadcastOf(roundId) ?? null;
    if (broadcast === null) return;
    const isInline = broadcast.frame.length <= INPUT_INLINE_BYTES_MAX;
    const vector: ProductAssignment["vector"] = isInline
      ? { kind: "inline", frame: broadcast.frame }
      : { kind: "blob", sha256: broadcast.sha256, bytes: broadcast.frame.length };
    const matrix = shard[product];
    if (matrix === null) return;
    const { rows } = matrix;
    const { width } = broadcast;
    const inputBlob = isInline ? null : { sha256: broadcast.sha256, bytes: broadcast.frame };
    const answers = { kind: "share", share: "product", ...reference } as const;
    this.#shell.grant({ token, sessionId, answers, shard, inputBlob, rows, width, uploaded: null });
    const assignment = {
      ...base,
      kind: "product",
      roundIndex: roundId,
      shard: shardOf,
      product,
      vector,
      width,
    } as const;
    this.#shell.send(sessionId, assignment);
  }

  holdResult({ answers }: ShareGrant, residues: Uint32Array): void {
    this.#workspaces.get(answers.jobId)?.holdResult(answers, residues);
  }

  /** The job's end is durable. */
  release(jobId: string): void {
    const workspace = this.#workspaces.get(jobId);
    this.#workspaces.delete(jobId);
    workspace?.close().catch((error: unknown) => this.#options.onProblem(`gradient job ${jobId} did not close`, error));
  }

  /** A record of the core with the weights that it names. */
  async storeRecords({ job, weightsOf, bestOf }: Extract<CoreRecord, { kind: "gradientJob" }>): Promise<StoreRecord[]> {
    const records: StoreRecord[] = [{ kind: "gradientJob", job }];
    const workspace = this.#workspaces.get(job.jobId);
    if (weightsOf === null || workspace === undefined) return records;
    try {
      records.push({ kind: "gradientCheckpoint", checkpoint: await workspace.checkpoint(weightsOf, bestOf) });
      return records;
    } catch (error) {
      // Its thread has died: what was durable stays, and the job ends as failed.
      this.#options.onProblem(`the weights of gradient job ${job.jobId} are lost`, error);
      const isEnd = job.finishedMs !== null;
      return isEnd ? [{ kind: "gradientJob", job: { ...job, weightsOf: workspace.durableWeightsOf } }] : [];
    }
  }

  recordsAreDurable(records: readonly CoreRecord[]): void {
    for (const record of records) {
      if (record.kind !== "gradientJob" || record.weightsOf === null) continue;
      this.#workspaces.get(record.job.jobId)?.checkpointIsDurable(record.weightsOf, record.bestOf);
    }
  }

  /** Of the data of jobs at work, with its shards: X and its transpose, and what the code makes of both. */
  heldBytes(): number {
    return [...this.#shell.state.gradientJobs.values()]
      .filter(isGradientActive)
      .reduce((sum, { stored, plan }) => sum + 4 * stored.rows * stored.columns * (2 + 2 * plan.redundancy), 0);
  }

  close(): void {
    for (const jobId of [...this.#workspaces.keys()]) this.release(jobId);
  }

  // --- what people ask ----------------------------------------------------------------------------------------------

  /** @returns false where it has ended, has no weights to end with, or is none */
  stop(jobId: string): boolean {
    const training = this.#shell.state.gradientJobs.get(jobId)?.training;
    if (training == null || training.phase !== "running" || training.iteration === 0) return false;
    if (training.settings.isForwardOnly) return false; // half a product is none
    this.#shell.happen({ type: "stopRequested", jobId });
    return true;
  }

  cancel(jobId: string): boolean {
    const job = this.#shell.state.gradientJobs.get(jobId);
    if (job?.training == null || job.training.phase === "ended") return false;
    this.#shell.happen({ type: "jobCancelled", jobId });
    return true;
  }

  /** A job that ended so long ago that it is not at hand: as if it were, until others have been asked for. */
  recall(stored: StoredGradientJob): void {
    this.#recalled.delete(stored.jobId);
    this.#recalled.set(stored.jobId, newGradientJob(stored));
    if (this.#recalled.size > RECALLED_MAX) this.#recalled.delete(this.#recalled.keys().next().value!);
  }

  #job(jobId: string): GradientJob | undefined {
    return this.#shell.state.gradientJobs.get(jobId) ?? this.#recalled.get(jobId);
  }

  view(jobId: string): RegressionJobView | MatmulJobView | null {
    const job = this.#job(jobId);
    return job === undefined ? null : gradientJobView(job);
  }

  history(jobId: string): RegressionHistory | null {
    const job = this.#job(jobId);
    return job === undefined ? null : gradientHistory(this.#shell.state, job);
  }

  async receipt(jobId: string): Promise<RegressionReceipt | MatmulReceipt | "not-ended" | null> {
    const job = this.#job(jobId);
    if (job === undefined) return null;
    if (isGradientActive(job)) return "not-ended";
    if (job.stored.submission.kind === "matmul") {
      const product = await this.product(jobId);
      return gradientReceipt(job, product && hashOf(product.product));
    }
    const checkpoint = await this.#checkpointOf(job);
    return gradientReceipt(job, checkpoint && hashOf(checkpoint.current.weights));
  }

  async weights(jobId: string): Promise<RegressionWeights | null> {
    const job = this.#job(jobId);
    const checkpoint = job === undefined ? null : await this.#checkpointOf(job);
    if (job === undefined || checkpoint === null || job.stored.submission.kind === "matmul") return null;
    const { columns, classes, labelOfClass } = job.stored;
    const { iteration, weights } = checkpoint.current;
    return { iteration, columns, classes, weights, labelOfClass };
  }

  /** Of a matrix job whose last slice is in. */
  async product(jobId: string): Promise<MatmulProduct | null> {
    const job = this.#job(jobId);
    if (job === undefined || job.stored.submission.kind !== "matmul" || job.stored.endKind !== "done") return null;
    const checkpoint = await this.#checkpointOf(job);
    if (checkpoint === null) return null;
    const { rows, classes: columns, submission } = job.stored;
    // A power of two: the numbers stay exact.
    const unit = 2 ** -(submission.leftFractionBits + submission.rightFractionBits);
    return { rows, columns, product: checkpoint.current.weights.map((whole) => whole * unit) };
  }

  /** What is durable is what people get: it will not be taken back. */
  async #checkpointOf({ stored }: GradientJob): Promise<StoredGradientCheckpoint | null> {
    return stored.weightsOf === null ? null : this.#options.store.gradientCheckpoint(stored.jobId);
  }

  async predict(jobId: string, npy: NpyArray): Promise<RegressionPredictions | ApiProblem | null> {
    const held = await this.weights(jobId);
    const job = this.#job(jobId);
    if (held === null || job === undefined) return null;
    const { columns, classes, inputScale, submission } = job.stored;
    if (submission.kind === "matmul") return null;
    try {
      const features = featuresOf(npy, inputScale);
      if (features.columns !== columns) {
        const message = `X: expected ${columns} columns, as it was trained with, got ${features.columns}`;
        return { status: 422, code: "wrong-shape", message };
      }
      const input = { kind: submission.model, features, weights: held.weights, classes };
      const classOf = await this.#options.executor.run("predict", input);
      const { labelOfClass } = held;
      const isNumber = submission.model === "linear";
      const predictions = Array.from(classOf, (value) => (isNumber ? value : labelOfClass[value]!));
      return { weightsOf: held.iteration, predictions };
    } catch (error) {
      return submissionProblem(error);
    }
  }
}

function hashOf(numbers: Float64Array): string {
  return sha256Hex(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
}
