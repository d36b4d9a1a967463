/** Models that overrun a WebAssembly heap: submitted beside an honest job, and in the audits that run many rows at once. */
import { CLASSIFICATION } from "../../../server/kinds/inference/engine/answer-rule.ts";
import { openCompute } from "../../../server/open-compute.ts";
import { medianOfSome } from "../../../shared/numbers/quantile.ts";
import { ParitabApiError } from "../../../shared/sdk/paritab-api-error.ts";
import type { AttackOptions, AttackReport } from "./attack-report.ts";
import { attackedCoordinator, byteQueries, type Submitter } from "./attacked-coordinator.ts";
import { answersTo, honestWork, wrongOf } from "./honest-job.ts";
import { convBomb, type HostileModel, onnxBomb } from "./hostile-models.ts";

const VOLUNTEERS = 4;
const BATCH_MS = 240;
const HONEST_QUERIES = 600;

/** Rows whose activations, run at once, overrun 2 GiB: the fewest in the short form. */
const BOMB_ROWS = { short: 16, long: 64 };
const TIMES = { short: 1, long: 10 };

const BEFORE_BOMB =
  "refused with 'memory access out of bounds'; a stranger's running job failed, the next submission was refused";

export const bomb = (options: AttackOptions) => submittedBomb(options, convBomb(), BEFORE_BOMB);
export const onnxBombed = (options: AttackOptions) => submittedBomb(options, onnxBomb(), "the same, by an ONNX file");

/** Beside hostile submissions an honest job may take so much of its time alone, and so many milliseconds more. */
const SLOWER_MAX = { factor: 1.5, ms: 2_000 };
/** Jobs alone and jobs beside hostile submissions take turns: a machine is not as busy all the time. So many turns at least, of so many submissions at most. */
const PAIRS_MIN = 5;
const PER_BLOCK_MAX = 10;
const TELL_EVERY_MS = 10_000;

/** Hostile submissions one after the other, honest jobs one after the other before them, meanwhile, and one more after that. */
async function submittedBomb(
  { seed, isLong, times, progress = () => {} }: AttackOptions,
  model: HostileModel,
  before: string,
): Promise<AttackReport> {
  const form = isLong ? "long" : "short";
  const work = await honestWork(HONEST_QUERIES, seed);
  const world = await attackedCoordinator({ volunteers: VOLUNTEERS, answer: await answersTo(work, BATCH_MS) });
  try {
    const [ada, mallory] = [await world.submitter("ada"), await world.submitter("mallory")];
    const fates = new Map<string, number>();
    let [numbers, wrong] = [0, 0];
    const honestJob = async (): Promise<number> => {
      const startMs = performance.now();
      const ended = await wrongOf(work, ada, await ada.submit(work.model, work.queries, { task: "regression" }));
      numbers += ended.answers;
      wrong += ended.wrong;
      return performance.now() - startMs;
    };
    const hostile = times ?? TIMES[form];
    const perBlock = isLong ? Math.ceil(hostile / Math.max(PAIRS_MIN, hostile / PER_BLOCK_MAX)) : hostile;
    const [aloneMs, besideMs]: [number[], number[]] = [[], []];
    const telling = setInterval(() => {
      const tried = [...fates.values()].reduce((sum, count) => sum + count, 0);
      const jobs = `${aloneMs.length + besideMs.length} honest jobs, ${wrong} of their ${numbers} numbers wrong`;
      progress(`${tried} of ${hostile} hostile submissions, ${jobs}`);
    }, TELL_EVERY_MS);
    try {
      for (let begun = 0; begun < hostile; begun += perBlock) {
        aloneMs.push(await honestJob());
        const seeds = Array.from({ length: Math.min(perBlock, hostile - begun) }, (_, n) => seed + begun + n);
        besideMs.push(...(await honestJobsBeside(honestJob, mallory, model, BOMB_ROWS[form], seeds, fates)));
      }
      // The next submission works.
      await honestJob();
    } finally {
      clearInterval(telling);
    }
    const said = [...fates].map(([fate, count]) => `${count} ${fate}`).join(", ");
    const [alone, beside] = [medianOfSome(aloneMs), medianOfSome(besideMs)];
    const after =
      `${said}; ${besideMs.length} honest jobs meanwhile and one after it: ${wrong} of ${numbers} numbers wrong, ${seconds(beside)} each, ` +
      `the slowest ${seconds(Math.max(...besideMs))}, alone ${seconds(alone)} (medians); told to come back later ${ada.toldToWait} times`;
    // One pair of jobs says nothing of times.
    const isInTime = !isLong || beside <= SLOWER_MAX.factor * alone + SLOWER_MAX.ms;
    const isRight = wrong === 0 && besideMs.length > 0 && !said.includes("out of bounds");
    return { before, after, holds: isRight && isInTime };
  } finally {
    await world.close();
  }
}

/** @returns how long each honest job took that began while hostile submissions went on */
async function honestJobsBeside(
  honestJob: () => Promise<number>,
  mallory: Submitter,
  model: HostileModel,
  rows: number,
  seeds: readonly number[],
  fates: Map<string, number>,
): Promise<number[]> {
  let isOver = false;
  const attack = async () => {
    for (const seed of seeds) {
      const fate = await fateOf(mallory, model, rows, seed);
      fates.set(fate, (fates.get(fate) ?? 0) + 1);
    }
  };
  const attacking = attack().finally(() => {
    isOver = true;
  });
  const tookMs: number[] = [];
  while (!isOver) tookMs.push(await honestJob());
  await attacking;
  return tookMs;
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** What becomes of one hostile submission; one that is accepted is cancelled. */
async function fateOf(mallory: Submitter, model: HostileModel, rows: number, seed: number): Promise<string> {
  try {
    const jobId = await mallory.submit(model, byteQueries(rows, model.inputShape, seed), { task: "regression" });
    await mallory.client.cancel(jobId);
    return "tried in pieces and accepted";
  } catch (error) {
    if (error instanceof ParitabApiError) return `refused (${error.message})`;
    throw error;
  }
}

/** The audit at a job's end that brings a newcomer's record to the bound: 41 rows of it, formerly in one call of the model. */
export async function topUp({ seed, isLong }: AttackOptions): Promise<AttackReport> {
  const model = convBomb();
  const rowCount = isLong ? 41 : 16;
  const { executor, modelRuns } = openCompute({
    numericsThreads: 1,
    trustedProcesses: 2,
    submitterOf: () => "mallory",
  });
  try {
    const { data } = byteQueries(rowCount, model.inputShape, seed);
    const source = { values: data as Uint8Array, inputSize: 512 * 512, scale: 1 / 255 };
    const outputs = new Float32Array(rowCount);
    const { failedRows, ownOutputs } = await executor.run("recompute", {
      model: { sha256: "conv-bomb", bundle: model.bundle, jobId: "bombed" },
      rule: CLASSIFICATION,
      source,
      rows: Uint32Array.from({ length: rowCount }, (_, row) => row),
      outputs,
      precisions: Array.from({ length: rowCount }, () => "float32" as const),
      isAnswered: false,
    });
    const { lost } = modelRuns.figures();
    const finite = ownOutputs.filter(Number.isFinite).length;
    const after = `${finite} of ${rowCount} rows recomputed in pieces, ${lost} processes lost`;
    return {
      before: "all rows in one call: the runtime broke, and stayed broken",
      after,
      holds: finite === rowCount && failedRows.length === rowCount && lost === 0,
    };
  } finally {
    await executor.close();
  }
}
