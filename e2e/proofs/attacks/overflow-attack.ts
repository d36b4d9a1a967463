/** A few queries that overflow, among many that do not: no tab is at fault, and the job goes on. */
import { hashNoise } from "../../../shared/compute/hash-noise.ts";
import { packDenseModel } from "../../../shared/compute/runtimes/tfjs/dense-model.ts";
import { createPlainRuntime } from "../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import type { AttackOptions, AttackReport } from "./attack-report.ts";
import { attackedCoordinator } from "./attacked-coordinator.ts";
import { answersTo, honestWork, wrongOf } from "./honest-job.ts";
import { filesOf } from "./hostile-models.ts";

const VOLUNTEERS = 4;
const BATCH_MS = 10;
const QUERIES = { short: 400, long: 4_000 };
const OVERFLOWING = 4;
const WIDTH = 48;
const OUTPUTS = 4;
/** Eight times as large is infinite. */
const LARGEST = 3e38;
const HONEST_QUERIES = 200;

/** @returns whether the overflowing rows are marked, the job ends, nobody is quarantined, and an honest job ends right */
export async function overflow({ seed, isLong }: AttackOptions): Promise<AttackReport> {
  const count = QUERIES[isLong ? "long" : "short"];
  const work = await honestWork(HONEST_QUERIES, seed);
  const honest = await answersTo(work, BATCH_MS);
  const kernel = Float32Array.from({ length: WIDTH * OUTPUTS }, (_, i) => 8 * hashNoise(seed, i));
  const bundle = packDenseModel([{ kernel, bias: new Float32Array(OUTPUTS), activation: "linear" }]);
  const model = await createPlainRuntime().load(bundle);
  const world = await attackedCoordinator({
    volunteers: VOLUNTEERS,
    answer: async (sha256, rows, rowCount, isDropped) =>
      rows.length === rowCount * WIDTH ? model.run(rows, rowCount) : honest(sha256, rows, rowCount, isDropped),
  });
  try {
    const [ada, mallory] = [await world.submitter("ada"), await world.submitter("mallory")];
    const data = Float32Array.from({ length: count * WIDTH }, (_, i) => {
      const isLarge = Math.floor(i / WIDTH) % (count / OVERFLOWING) === 1;
      return isLarge ? LARGEST : hashNoise(seed + 1, i);
    });
    const queries: NpyArray = { dtype: "F32", shape: [count, WIDTH], data };
    const jobId = await mallory.submit({ files: filesOf(bundle) }, queries);
    const ended = ada.submit(work.model, work.queries, { task: "regression" });
    let last: InferenceJobView | null = null;
    for await (const job of mallory.client.watch(jobId)) last = job as InferenceJobView;
    const { wrong, answers } = await wrongOf(work, ada, await ended);
    const named = await world.quarantined();
    const { state, answersByMark } = last!;
    const after =
      `the job is ${state}, ${answersByMark["non-finite"]} of ${count} answers non-finite, ${answersByMark.missing} missing; ` +
      `${named} of ${VOLUNTEERS} honest volunteers quarantined; an honest job meanwhile: ${wrong} of ${answers} numbers wrong`;
    const isMarked = answersByMark["non-finite"] === OVERFLOWING && answersByMark.missing === 0;
    return {
      before: "honest tabs malformed, closed and resting; four such rows in 4,000 failed the whole job",
      after,
      holds: state === "done" && isMarked && named === 0 && wrong === 0,
    };
  } finally {
    await world.close();
  }
}
