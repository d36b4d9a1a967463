/** The model and the queries of a simulated run's inference jobs, and how right their answers are. */
import type { AllAnswers } from "../../../server/kinds/inference/port.ts";
import { hash32, hashNoise } from "../../../shared/compute/hash-noise.ts";
import type { LoadedModel } from "../../../shared/compute/model-runtime.ts";
import { packDenseModel } from "../../../shared/compute/runtimes/tfjs/dense-model.ts";
import { createPlainRuntime } from "../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import type { JobView } from "../../../shared/kinds/kinds.ts";
import { normal, simulationRandom } from "../../../shared/random/simulation-random.ts";
import { PRECISION_TOLERANCE, rowAgrees } from "../../../shared/verify/compare-rows.ts";

export const INPUT_SIZE = 8;
export const CLASSES = 4;
const MODEL_SEED = 77;
export const PARITY_SEED = 78;
const HALF_DEVIATION = 0.004;
const HALF_SEED = 79;
const MARK_AUDITED = 3;

export interface JobOutcome {
  readonly jobId: string;
  readonly scheme: string;
  readonly state: string;
  readonly waitingFor: string | null;
  /** Is it to end with the model's own answer to every query? */
  readonly isExact: boolean;
  readonly answers: number;
  readonly exactOrAudited: number;
  readonly wrongExactOrAudited: number;
  readonly missing: number;
  readonly final: number;
  /** They may be as many as its account bears. */
  readonly wrongFinal: number;
}

/** @param base what the model itself answers: queries x CLASSES */
export function jobOutcome(
  jobId: string,
  view: JobView | null,
  all: AllAnswers | null,
  base: Float32Array,
): JobOutcome {
  const counts = { exactOrAudited: 0, wrongExactOrAudited: 0, missing: 0, final: 0, wrongFinal: 0 };
  // Half-precision tabs answer for no query of an exact job.
  const isExact = view?.kind === "inference" && view.completion === "exact";
  const tolerance = PRECISION_TOLERANCE[isExact ? "float32" : "float16"];
  all?.marks.forEach((mark, query) => {
    if (mark === 0) counts.missing++;
    if (mark < MARK_AUDITED) return;
    counts.exactOrAudited++;
    const at = query * CLASSES;
    const isRight = rowAgrees(base.subarray(at, at + CLASSES), all.outputs.subarray(at, at + CLASSES), tolerance);
    if (!isRight) counts.wrongExactOrAudited++;
    if (all.final[query] !== 1) return;
    counts.final++;
    if (!isRight) counts.wrongFinal++;
  });
  return {
    jobId,
    scheme: view?.kind === "inference" ? view.scheme : "?",
    state: view?.state ?? "gone",
    waitingFor: view?.waitingFor ?? null,
    isExact,
    answers: base.length / CLASSES,
    ...counts,
  };
}

/** Two dense layers with fixed weights: a classifier whose regions are not linear. */
export function denseClassifier(seed = MODEL_SEED): Uint8Array {
  const random = simulationRandom(seed);
  const weights = (count: number) => Float32Array.from({ length: count }, () => normal(random));
  return packDenseModel([
    { kernel: weights(INPUT_SIZE * 6), bias: weights(6), activation: "relu" },
    { kernel: weights(6 * CLASSES), bias: weights(CLASSES), activation: "linear" },
  ]);
}

export function clusteredQueries(seed: number, count: number): Float32Array {
  const random = simulationRandom(seed + 11);
  const centres = Array.from({ length: 5 }, () => Float32Array.from({ length: INPUT_SIZE }, () => 2 * normal(random)));
  const queries = new Float32Array(count * INPUT_SIZE);
  for (let query = 0; query < count; query++) {
    const centre = centres[random.integer(centres.length)]!;
    for (let d = 0; d < INPUT_SIZE; d++) queries[query * INPUT_SIZE + d] = centre[d]! + 0.3 * normal(random);
  }
  return queries;
}

/** As a device that keeps its numbers in half precision: answers are off by some tenths of a percent. */
export async function loadHalfPrecise(bundle: Uint8Array): Promise<LoadedModel> {
  const loaded = await loadOnce(bundle);
  return {
    ...loaded,
    async run(rows, rowCount) {
      const outputs = await loaded.run(rows, rowCount);
      return outputs.map((value, at) => value * (1 + HALF_DEVIATION * hashNoise(HALF_SEED, at)));
    },
  };
}

const runtime = createPlainRuntime();
const loadedModels = new Map<string, Promise<LoadedModel>>();

/** A plain model has no state: everybody who has the same bytes has the same one. */
export function loadOnce(bundle: Uint8Array): Promise<LoadedModel> {
  const key = Buffer.from(bundle.buffer, bundle.byteOffset, bundle.byteLength).toString("latin1");
  const held = loadedModels.get(key) ?? runtime.load(bundle);
  loadedModels.set(key, held);
  return held;
}

/** Of so many rows in a hundred float32 says nothing: there this implementation answers something else, as honestly as the first. */
const UNSTABLE_PERCENT = 4;

export async function loadOther(bundle: Uint8Array): Promise<LoadedModel> {
  const model = await loadOnce(bundle);
  const { inputSize, outputSize } = model.facts;
  return {
    ...model,
    async run(rows, rowCount) {
      const outputs = await model.run(rows, rowCount);
      const words = new Int32Array(rows.buffer, rows.byteOffset, rows.length);
      for (let row = 0; row < rowCount; row++) {
        let hash = 0;
        for (let i = row * inputSize; i < (row + 1) * inputSize; i++) hash = hash32(hash, words[i]!);
        if (hash % 100 >= UNSTABLE_PERCENT) continue;
        for (let c = row * outputSize; c < (row + 1) * outputSize; c++) outputs[c] = outputs[c]! * 1.5 + 0.1;
      }
      return outputs;
    },
  };
}
