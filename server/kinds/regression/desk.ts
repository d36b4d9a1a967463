/** Regressions in the shell: what their runs come to, and what weights are good for. */
import { writeLinearOnnx } from "../../../shared/compute/runtimes/onnx/linear-onnx.ts";
import { withoutOwnNames } from "../../../shared/kinds/own-names.ts";
import type { RegressionEvaluation } from "../../../shared/kinds/regression/evaluation.ts";
import type { TableModel } from "../../../shared/kinds/regression/table-model.ts";
import type { RegressionColumns } from "../../../shared/kinds/regression/weights.ts";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import type { CodedKind } from "../../coded/coded-kind.ts";
import type { RunPlan } from "../../coded/core/run-plan.ts";
import { CodedDesk, type CodedDeskOptions } from "../../coded/desk.ts";
import type { NumericsExecutor } from "../../numerics/numerics-executor.ts";
import type { DeskHost } from "../../shell/kind-desk.ts";
import { submissionProblem } from "../../shell/submission-problem.ts";
import type { ApiProblem } from "../../web/coordinator-port.ts";
import type { PredictionForm } from "./engine/predict-table.ts";
import { numericsOf, type RegressionFiles } from "./engine/regression-engine.ts";
import type { TableJob } from "./engine/table/table-numerics.ts";
import type { RegressionTasks } from "./engine/tasks.ts";
import { linearModelOf } from "./exported-model.ts";
import { plainTable } from "./plain-table.ts";
import type { RegressionWeights } from "./port.ts";
import { predictRows } from "./predict-rows.ts";
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
      return {
        ...common,
        kind: "regression",
        submission: withoutOwnNames(submission),
        ...own,
        ...data,
        iterations: progress.iteration,
      };
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

  /** As it was learned; of a job whose columns were learned from as they were, as if it were a table. */
  async tableModel(jobId: string): Promise<TableModel | null> {
    const [job, held] = [this.job(jobId), await this.weights(jobId)];
    return job === undefined || held === null ? null : (held.table ?? plainTable(job.stored, held));
  }

  async predict(
    jobId: string,
    rows: NpyArray | string,
    form: PredictionForm,
  ): Promise<Uint8Array<ArrayBuffer> | ApiProblem | null> {
    const [job, model] = [this.job(jobId), await this.tableModel(jobId)];
    if (job === undefined || model === null) return null;
    const by = { executor: this.#executor, jobId, refusesGaps: job.stored.preparation === undefined };
    return predictRows(model, rows, form, by);
  }

  async exportedModel(jobId: string): Promise<Uint8Array<ArrayBuffer> | ApiProblem | null> {
    const model = await this.tableModel(jobId);
    if (model === null) return null;
    try {
      return writeLinearOnnx(linearModelOf(model, jobId));
    } catch (error) {
      return submissionProblem(error);
    }
  }

  async evaluation(jobId: string): Promise<RegressionEvaluation | null> {
    const [job, bytes] = [this.job(jobId), await this.evaluationBytes(jobId)];
    if (job === undefined || bytes === null) return null;
    return JSON.parse(new TextDecoder().decode(bytes)) as RegressionEvaluation;
  }
}
