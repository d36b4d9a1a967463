/**
 * A model that makes much of rounding, on honest volunteers whose back-end is not the coordinator's: submitted openly, and with queries
 * that hide it from the trial. Nobody honest may be quarantined, and an honest job ends right meanwhile. (Volunteers in WebAssembly: sensitivity.test.ts.)
 */

import { chaoticNet } from "../../../shared/compute/runtimes/tfjs/testing/chaotic-net.ts";
import { createTfjsRuntime } from "../../../shared/compute/runtimes/tfjs/tfjs-runtime.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import { normal, simulationRandom } from "../../../shared/random/simulation-random.ts";
import { waitMs } from "../../../shared/sdk/patience.ts";
import type { AttackOptions, AttackReport } from "./attack-report.ts";
import { attackedCoordinator, type Submitter } from "./attacked-coordinator.ts";
import { answersTo, honestWork, wrongOf } from "./honest-job.ts";
import { filesOf } from "./hostile-models.ts";

const WIDTH = 32;
const VOLUNTEERS = { short: 4, long: 9 };
const QUERIES = { short: 80, long: 400 };
const HONEST_QUERIES = 200;
const BATCH_MS = 20;
/** In which each volunteer is asked, and answers. */
const OPEN_MS = 3_000;
/** Of inputs so small every tanh is a straight line: rounding stays what it is, and the trial sees nothing. */
const HIDDEN = 1e-24;
/** The trial takes sixteen that are spread evenly, of 80 or 400 those whose places are multiples of 5. */
const isChaotic = (query: number) => query % 5 === 1;

/** @returns whether the model has nothing of theirs taken openly, goes on without them where it hides, and nobody is quarantined by either */
export async function chaotic({ seed, isLong }: AttackOptions): Promise<AttackReport> {
  const form = isLong ? "long" : "short";
  const bundle = chaoticNet({ layers: 20, gain: 10, width: WIDTH, seed });
  const work = await honestWork(HONEST_QUERIES, seed);
  const honest = await answersTo(work, BATCH_MS);
  // Honest, and on other code than the coordinator's.
  const cpu = await (await createTfjsRuntime("cpu")).load(bundle);
  const world = await attackedCoordinator({
    volunteers: VOLUNTEERS[form],
    answer: async (sha256, rows, rowCount, isDropped) =>
      rows.length === rowCount * WIDTH ? cpu.run(rows, rowCount) : honest(sha256, rows, rowCount, isDropped),
  });
  try {
    const [ada, mallory] = [await world.submitter("ada"), await world.submitter("mallory")];
    const model = { files: filesOf(bundle) };
    // WebAssembly alone computes it, and nobody here does.
    const open = await mallory.submit(
      model,
      queriesOf(QUERIES[form], seed, () => true),
    );
    await waitMs(OPEN_MS);
    const opened = (await mallory.client.job(open)) as InferenceJobView;
    const { errors } = opened;
    const isForWebAssembly = errors?.webAssembly === 0 && errors.others.length === 0 && isNoneTheirs(opened);
    await mallory.client.cancel(open);
    const hidden = queriesOf(QUERIES[form], seed, isChaotic);
    const jobId = await mallory.submit(model, hidden);
    const ended = ada.submit(work.model, work.queries, { task: "regression" });

    const withoutThem = await withoutThemBecause(mallory, jobId);
    const { wrong, answers } = await wrongOf(work, ada, await ended);
    const seen = (await mallory.client.job(jobId)) as InferenceJobView;
    const { finalCount } = seen;
    await mallory.client.cancel(jobId);
    const named = await world.quarantined();
    const after =
      `openly: ${isForWebAssembly ? "for WebAssembly alone, nothing of theirs taken" : "taken from anybody"}; hidden in some rows: none of ${finalCount} final answers is theirs, ${withoutThem}; ` +
      `${named} of ${VOLUNTEERS[form]} honest volunteers quarantined; an honest job meanwhile: ${wrong} of ${answers} numbers wrong`;
    const holds =
      isForWebAssembly && withoutThem !== null && finalCount <= seen.answersByMark.exact && named === 0 && wrong === 0;
    return { before: "one job of 80 queries quarantined 8 of 9 honest tabs, for good", after, holds };
  } finally {
    await world.close();
  }
}

/** A small job's rows the coordinator computes itself. */
function isNoneTheirs({ answersByMark: { audited, unchecked, estimated } }: InferenceJobView): boolean {
  return audited + unchecked + estimated === 0;
}

function queriesOf(count: number, seed: number, isLarge: (query: number) => boolean): NpyArray {
  const random = simulationRandom(seed);
  const data = Float32Array.from({ length: count * WIDTH }, (_, i) => {
    return normal(random) * (isLarge(Math.floor(i / WIDTH)) ? 1 : HIDDEN);
  });
  return { dtype: "F32", shape: [count, WIDTH], data };
}

/** Waits until they are asked no more, or the job ends. @returns why; null: it ended with them */
async function withoutThemBecause({ client }: Submitter, jobId: string): Promise<string | null> {
  for await (const job of client.watch(jobId)) {
    const { fixedOnly } = job as InferenceJobView;
    if (fixedOnly !== undefined) return fixedOnly;
  }
  return null;
}
