/** A small job on the ledger of rows with the real engine, and the tasks of the pool run in line: a dense network, and queries drawn with one seed. */
import { createPlainRuntime } from "../../../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import { simulationRandom } from "../../../../../shared/random/simulation-random.ts";
import { INPUT_SIZE, model, QUERIES, queries } from "../../../../shell/testing/small-job.ts";
import { NUMERICS_TASKS } from "../../../numerics-tasks.ts";
import { planInference } from "../../core/inference-plan.ts";
import type { OnDiffering } from "../../engine/differing-rows.ts";
import type { JobData } from "../../engine/job-data.ts";
import type { InferenceExecutor } from "../../engine/task-types.ts";
import type { StoredJob } from "../../records.ts";
import { someInferenceJob } from "../../testing/some-inference-job.ts";
import { RowWorkspace } from "../engine/row-workspace.ts";
import type { ClaimRow, RowAttempt } from "../work.ts";

export { QUERIES };
/** Numbers of an answer. */
export const WIDTH = 3;

const loaded = await createPlainRuntime().load(model);
const right = await loaded.run(queries, QUERIES);

/** @returns what the model gives, a copy of WIDTH numbers */
export function rightAt(place: number): Float32Array {
  return right.slice(place * WIDTH, (place + 1) * WIDTH);
}

/** What the model gives for inputs that are no rows of the job: count x INPUT_SIZE in, count x WIDTH out. */
export function runs(inputs: Float32Array, count: number): Promise<Float32Array> {
  return loaded.run(inputs, count);
}

export function rowJob(jobId: string, changes: Partial<StoredJob> = {}): StoredJob {
  const job = someInferenceJob(jobId);
  return {
    ...job,
    submission: { ...job.submission, scheme: "systematic", queriesPerGroup: 1, stragglers: 0, answerBound: 1e-3 },
    ...{ rows: true, queryCount: QUERIES, inputSize: INPUT_SIZE, outputSize: WIDTH, inputScale: 1 },
    crossChecks: { secretHex: "5e".repeat(32), terms: null, anchors: 0, certificate: null },
    ...changes,
  };
}

export function rowJobData(job: StoredJob): JobData {
  return {
    ...{ job, plan: planInference(job), parityModel: null, labels: null },
    model: { sha256: job.modelSha256, bundle: model, jobId: job.jobId },
    source: { values: queries, inputSize: INPUT_SIZE, scale: 1 },
  };
}

/** @param broken whether the model cannot run on that; absent: it always can */
export function inLine(broken: () => boolean = () => false): InferenceExecutor {
  const context = {
    secretRandom: simulationRandom(42),
    model: async () => {
      if (broken()) throw new Error("the model does not run");
      return loaded;
    },
  };
  return {
    run: (task: keyof typeof NUMERICS_TASKS, input: never) => NUMERICS_TASKS[task](input, context as never),
    close: async () => {},
  } as unknown as InferenceExecutor;
}

export function rowWorkspace(jobId: string, onDiffering: OnDiffering = () => {}): RowWorkspace {
  return new RowWorkspace(rowJobData(rowJob(jobId)), inLine(), simulationRandom(7), onDiffering);
}

export const first = (place: number): RowAttempt => ({ place, attempt: 0 });

/**
 * A claim goes to that volunteer, comes back whole, and its rows are taken in as what they went out for.
 * @param answerAt what it says of a row; absent: what the model gives
 */
export async function answered(
  workspace: RowWorkspace,
  assignmentId: number,
  volunteerId: string,
  rows: readonly ClaimRow[],
  answerAt: (place: number) => Float32Array = rightAt,
): Promise<void> {
  await workspace.wireRowsFor(assignmentId, rows);
  const outputs = new Float32Array(rows.length * WIDTH);
  rows.forEach(({ place }, r) => {
    outputs.set(answerAt(place), r * WIDTH);
  });
  workspace.holdPart(assignmentId, 0, outputs, null);
  const of = (as: ClaimRow["as"]) => rows.filter((row) => row.as === as);
  workspace.takeRows({
    ...{ type: "takeRows", assignmentId, volunteerId, precision: "float32" },
    ...{ answers: of("answer"), words: of("word") },
  });
}

export const answers = (...places: number[]): ClaimRow[] =>
  places.map((place) => ({ ...first(place), as: "answer" as const }));
export const words = (...places: number[]): ClaimRow[] =>
  places.map((place) => ({ ...first(place), as: "word" as const }));
