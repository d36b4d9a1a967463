import { packDenseModel } from "../../../shared/compute/runtimes/tfjs/dense-model.ts";
import { createPlainRuntime } from "../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import { normal, randomAt, simulationRandom } from "../../../shared/random/simulation-random.ts";
import type { JobsRun } from "../../proofs/simulator/run-jobs.ts";
import { type InferenceCase, knownCasesOf, loadKnownCase } from "../inference-case.ts";
import { type JobWorld, jobWorld } from "../job-world.ts";
import type { CoalitionData } from "./coalition-cases.ts";

export interface CoalitionWorld extends Pick<JobsRun, "bundle" | "load"> {
  readonly jobs: readonly { readonly queries: NpyArray /** rows x outputSize */; readonly outputs: Float32Array }[];
  /** Different queries in these jobs. */
  distinctOf(jobs: readonly number[]): number;
}

const QUERY_DRAW = 81;
const MODEL_SEED = 82;
const INPUT_SIZE = 8;
const WIDTHS = [32, 32, 4];

/** @param rowsOfJobs of each job of the crowd, one after another */
export async function coalitionWorld(
  data: CoalitionData,
  seed: number,
  rowsOfJobs: readonly number[],
): Promise<CoalitionWorld> {
  const isRandom = data === "random";
  const most = rowsOfJobs.reduce((sum, rows) => sum + rows, 0);
  const world = isRandom ? await jobWorld(await randomCase(seed, most)) : await imagesOf(data);
  const { inferenceCase, common } = world;
  const { inputShape, inputSize, outputSize } = inferenceCase.model.facts;
  let from = 0;
  const jobs = rowsOfJobs.map((rows) => {
    const first = from;
    // Images are the same in every job.
    if (isRandom) from += rows;
    if (first + rows > inferenceCase.count)
      throw new RangeError(`attacks: expected at most ${inferenceCase.count} rows of ${data}, got ${rows}`);
    const queries = inferenceCase.queries.subarray(first * inputSize, (first + rows) * inputSize);
    return {
      queries: { dtype: "F32", shape: [rows, ...inputShape], data: queries } as const,
      outputs: inferenceCase.outputs.subarray(first * outputSize, (first + rows) * outputSize),
    };
  });
  return {
    ...{ bundle: common.bundle, load: common.load, jobs },
    distinctOf(at) {
      const rows = at.map((job) => rowsOfJobs[job]!);
      return isRandom ? rows.reduce((sum, count) => sum + count, 0) : Math.max(...rows);
    },
  };
}

const worlds = new Map<string, Promise<JobWorld>>();

function imagesOf(data: Exclude<CoalitionData, "random">): Promise<JobWorld> {
  const [known] = knownCasesOf([data]);
  const world = worlds.get(data) ?? loadKnownCase(known!, Number.POSITIVE_INFINITY, () => {}).then(jobWorld);
  worlds.set(data, world);
  return world;
}

/** Wide random layers, and queries that are nowhere near each other: what one answer says of another is nothing. */
async function randomCase(seed: number, count: number): Promise<InferenceCase> {
  const weights = simulationRandom(MODEL_SEED);
  const layers = WIDTHS.map((width, at) => {
    const inputs = at === 0 ? INPUT_SIZE : WIDTHS[at - 1]!;
    const drawn = (size: number) => Float32Array.from({ length: size }, () => normal(weights) / Math.sqrt(inputs));
    const activation = at === WIDTHS.length - 1 ? ("linear" as const) : ("relu" as const);
    return { kernel: drawn(inputs * width), bias: drawn(width), activation };
  });
  const bundle = packDenseModel(layers);
  const model = await createPlainRuntime().load(bundle);
  const random = randomAt(seed, QUERY_DRAW);
  const queries = Float32Array.from({ length: count * INPUT_SIZE }, () => 3 * normal(random));
  const outputs = await model.run(queries, count);
  const common = { dataset: "random", modelName: "random", model, bundle, queries, count, outputs };
  return { ...common, labels: new Uint8Array(count), base: 0, parityModels: new Map() };
}
