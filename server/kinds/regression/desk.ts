/** Regressions in the shell: what their runs come to, and what weights are good for. */

import { withoutOwnNames } from "../../../shared/kinds/own-names.ts";
import type { RegressionColumns, RegressionPredictions } from "../../../shared/kinds/regression/weights.ts";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import type { CodedKind } from "../../coded/coded-kind.ts";
import type { RunPlan } from "../../coded/core/run-plan.ts";
import { CodedDesk, type CodedDeskOptions } from "../../coded/desk.ts";
import type { NumericsExecutor } from "../../numerics/numerics-executor.ts";
import type { DeskHost } from "../../shell/kind-desk.ts";
import { submissionProblem } from "../../shell/submission-problem.ts";
import type { ApiProblem } from "../../web/coordinator-port.ts";
import { numericsOf, type RegressionFiles } from "./engine/regression-engine.ts";
import type { RegressionTasks } from "./engine/tasks.ts";
import { featuresOf } from "./engine/training-data.ts";
import type { RegressionWeights } from "./port.ts";
import { type RegressionRecord, regressionCodec } from "./records.ts";
import { blocksOfRegression, costOfRegression, describeRegression, type RegressionSources } from "./submission.ts";
import { regressionView } from "./views.ts";

export interface RegressionDeskOptions extends CodedDeskOptions, RegressionSources {}

/** What the engine of a job is made for. A job of before, whose record knows no rounding, goes on as it began. */
export async function regressionFiles(
  { submission, featuresSha256, labelsSha256, inputScale, splitSeed, rounding }: RegressionRecord,
  plan: RunPlan,
  read: (sha256: string) => Promise<Uint8Array>,
): Promise<RegressionFiles> {
  const [featuresNpy, labelsNpy] = await Promise.all([read(featuresSha256), read(labelsSha256)]);
  const { model: kind, validationShare, learningRate: rate, momentum, l2 } = submission;
  const files = { kind, featuresNpy, labelsNpy, inputScale, rounding: rounding ?? null, splitSeed, validationShare };
  return { ...files, plan, optimizer: { rate, momentum, l2 } };
}

const SPLIT_SEED_BOUND = 2 ** 32;

function regressionKind(options: RegressionDeskOptions): CodedKind<RegressionRecord> {
  return {
    name: "regression",
    codec: regressionCodec,
    engine: { url: new URL("./engine/regression-engine.ts", import.meta.url).href, numericsOf },
    blocks: (submission) => blocksOfRegression(options, submission),
    describe: (submission, plan) =>
      describeRegression(options, submission, plan, options.secretRandom.integer(SPLIT_SEED_BOUND)),
    cost: (submission, plan) => costOfRegression(options, submission, plan),
    engineJob: regressionFiles,
    entries: ({ rows, columns, shape }) => rows * columns * (shape.parts?.matrix ?? 1),
    view: regressionView,
    result: (_record, { weights }) => weights ?? null,
    receipt(record, common, weightsSha256) {
      const { submission, featuresSha256, labelsSha256, rows, columns, classes, rounding = null, progress } = record;
      const { inputScale, splitSeed } = record;
      const sizes = { rows, columns, classes, rounding, inputScale, splitSeed };
      const data = { featuresSha256, labelsSha256, weightsSha256, ...sizes };
      return {
        ...common,
        kind: "regression",
        submission: withoutOwnNames(submission),
        ...data,
        iterations: progress.iteration,
      };
    },
  };
}

function columnNamesOf({ submission: { source } }: RegressionRecord): string[] | null {
  return source.kind === "uploads" ? (source.columnNames ?? null) : null;
}

export class RegressionDesk extends CodedDesk<RegressionRecord> {
  readonly #executor: NumericsExecutor<RegressionTasks>;

  constructor(options: RegressionDeskOptions, host: DeskHost) {
    super(regressionKind(options), options, host);
    this.#executor = options.executor;
  }

  columns(jobId: string): RegressionColumns | null {
    const job = this.job(jobId);
    return job === undefined ? null : { columns: job.stored.columns, columnNames: columnNamesOf(job.stored) };
  }

  async weights(jobId: string): Promise<RegressionWeights | null> {
    const [job, held] = [this.job(jobId), await this.durable(jobId)];
    if (job === undefined || held === null) return null;
    const { columns, classes, labelOfClass } = job.stored;
    const columnNames = columnNamesOf(job.stored);
    return { iteration: held.iteration, columns, classes, weights: held.arrays.weights!, labelOfClass, columnNames };
  }

  async predict(jobId: string, npy: NpyArray): Promise<RegressionPredictions | ApiProblem | null> {
    const [job, held] = [this.job(jobId), await this.weights(jobId)];
    if (job === undefined || held === null) return null;
    const { columns, classes, inputScale, submission } = job.stored;
    try {
      const features = featuresOf(npy, inputScale);
      if (features.columns !== columns) {
        const message = `X: expected ${columns} columns, as it was trained with, got ${features.columns}`;
        return { status: 422, code: "wrong-shape", message };
      }
      const input = { kind: submission.model, features, weights: held.weights, classes };
      const classOf = await this.#executor.run("predict", input, jobId);
      const isNumber = submission.model === "linear";
      const predictions = Array.from(classOf, (value) => (isNumber ? value : held.labelOfClass[value]!));
      return { weightsOf: held.iteration, predictions };
    } catch (error) {
      return submissionProblem(error);
    }
  }
}
