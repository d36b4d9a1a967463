/** An honest submitter's job, whose answers are known: what must end right and in time, whatever others do. */
import { hashNoise } from "../../../shared/compute/hash-noise.ts";
import { createPlainRuntime } from "../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import type { Answerer } from "../../crowd/answering-volunteer.ts";
import type { Submitter } from "./attacked-coordinator.ts";
import { dense, type HostileModel, sequence } from "./hostile-models.ts";

const INPUT_SIZE = 64;
const OUTPUT_SIZE = 4;
const TOLERANCE = 1e-3;

export interface HonestWork {
  readonly model: HostileModel;
  readonly queries: NpyArray;
  readonly outputs: Float32Array;
}

/** A dense network of two layers, and float queries from the seed. */
export async function honestWork(queryCount: number, seed: number): Promise<HonestWork> {
  const model = sequence([INPUT_SIZE], [dense(32, INPUT_SIZE), dense(OUTPUT_SIZE, 32)]);
  const data = Float32Array.from({ length: queryCount * INPUT_SIZE }, (_, i) => hashNoise(seed, i));
  const loaded = await createPlainRuntime().load(model.bundle);
  return {
    model,
    queries: { dtype: "F32", shape: [queryCount, INPUT_SIZE], data },
    outputs: await loaded.run(data, queryCount),
  };
}

/** What volunteers answer to its rows, each batch after a while; to other models they have no answer. */
export async function answersTo(work: HonestWork, batchMs: number): Promise<Answerer> {
  const loaded = await createPlainRuntime().load(work.model.bundle);
  return async (_, rows, rowCount) => {
    if (rows.length !== rowCount * INPUT_SIZE) return null;
    await new Promise((resolve) => setTimeout(resolve, batchMs));
    return loaded.run(rows, rowCount);
  };
}

/** @returns how many numbers of its answers are wrong, and how many there are */
export async function wrongOf(
  work: HonestWork,
  submitter: Submitter,
  jobId: string,
): Promise<{ wrong: number; answers: number }> {
  const outputs = await submitter.outputsOf(jobId);
  const wrong = outputs.filter((value, i) => !(Math.abs(value - work.outputs[i]!) <= TOLERANCE)).length;
  return { wrong, answers: outputs.length };
}
