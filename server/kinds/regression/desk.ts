/** Regressions in the shell: what their runs come to, and what weights are good for. */
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
import type { TableJob } from "./engine/table/table-numerics.ts";
import type { RegressionTasks } from "./engine/tasks.ts";
import { featuresOf } from "./engine/training-data.ts";
import type { RegressionWeights } from "./port.ts";
import { type RegressionRecord, regressionCodec, trainedModelOf, uploadsOf } from "./records.ts";
import { blocksOfRegression, costOfRegression, describeRegression, type RegressionSources } from "./submission.ts";
import { arraysOfTable, tableWeights } from "./table-weights.ts";
import { trainingJob } from "./training-job.ts";
import { distanceOf, regressionView } from "./views.ts";

export interface RegressionDeskOptions extends CodedDeskOptions, RegressionSources {}

/** What the engine of a job is made for. A job of before, whose record knows no rounding, goes on as it began. */
export async function regressionFiles(
  record: RegressionRecord,
  plan: RunPlan,
  read: (sha256: string) => Promise<Uint8Array>,
): Promise<RegressionFiles | TableJob> {
  const { submission, featuresSha256, labelsSha256, inputScale, splitSeed, rounding, shape } = record;
  const [featuresNpy, labelsNpy] = await Promise.all([read(featuresSha256), read(labelsSha256)]);
  const trained = { kind: trainedModelOf(record), l2: record.preparation?.l2 ?? submission.l2 ?? 1 / shape.rows };
  return trainingJob(submission, trained, record.preparation !== undefined, {
    ...{ featuresNpy, labelsNpy, inputScale, rounding: rounding ?? null, splitSeed, plan },
  });
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
    entries: ({ shape }) => shape.rows * shape.columns * (shape.parts?.matrix ?? 1),
    view: regressionView,
    result: (_record, { weights }) => weights ?? null,
    receipt(record, common, weightsSha256) {
      const { submission, featuresSha256, labelsSha256, rows, columns, classes, rounding = null, progress } = record;
      const { inputScale, splitSeed, model, preparation } = record;
      const sizes = { rows, columns, classes, rounding, inputScale, splitSeed };
      const data = { featuresSha256, labelsSha256, weightsSha256, ...sizes };
      const own = {
        ...(model !== undefined && { model }),
        ...(preparation !== undefined && {
          preparation: { ...preparation, arrays: arraysOfTable(record), distance: distanceOf(progress.history) },
        }),
      };
      return { ...common, kind: "regression", submission, ...own, ...data, iterations: progress.iteration };
    },
  };
}

export class RegressionDesk extends CodedDesk<RegressionRecord> {
  readonly #executor: NumericsExecutor<RegressionTasks>;

  constructor(options: RegressionDeskOptions, host: DeskHost) {
    super(regressionKind(options), options, host);
    this.#executor = options.executor;
  }

  columns(jobId: string): RegressionColumns | null {
    const job = this.job(jobId);
    if (job === undefined) return null;
    const { columnNames = null, categories, gap } = uploadsOf(job.stored) ?? {};
    const cells = { ...(categories !== undefined && { categories }), ...(gap !== undefined && { gap }) };
    return { columns: job.stored.columns, columnNames, ...cells };
  }

  async weights(jobId: string): Promise<RegressionWeights | null> {
    const [job, held] = [this.job(jobId), await this.durable(jobId)];
    if (job === undefined || held === null) return null;
    const { columns, classes, labelOfClass, preparation } = job.stored;
    const { iteration, arrays } = held;
    const common = { iteration, classes, weights: arrays.weights!, labelOfClass };
    if (preparation !== undefined) return { ...common, ...tableWeights(job.stored, held) };
    return { ...common, columns, columnNames: uploadsOf(job.stored)?.columnNames ?? null, table: null };
  }

  async predict(jobId: string, npy: NpyArray): Promise<RegressionPredictions | ApiProblem | null> {
    const [job, held] = [this.job(jobId), await this.weights(jobId)];
    if (job === undefined || held === null) return null;
    const { columns, classes, inputScale } = job.stored;
    try {
      const features = featuresOf(npy, inputScale);
      if (features.columns !== columns) {
        const message = `X: expected ${columns} columns, as it was trained with, got ${features.columns}`;
        return { status: 422, code: "wrong-shape", message };
      }
      const { values, rows } = features;
      const kind = trainedModelOf(job.stored);
      const classOf =
        held.table === null
          ? await this.#executor.run("predict", { kind, features, weights: held.weights, classes }, jobId)
          : await this.#executor.run("predictTable", { model: held.table, values, rows }, jobId);
      const isNumber = kind === "linear";
      const predictions = Array.from(classOf, (value) => (isNumber ? value : held.labelOfClass[value]!));
      return { weightsOf: held.iteration, predictions };
    } catch (error) {
      return submissionProblem(error);
    }
  }
}
