/**
 * What a stranger's small job waits for somebody else's slow model:
 *
 *     npm run bench -- fairness [--pairs N] [--seed N] [--json FILE]
 *
 * The real coordinator with its model processes; volunteers look answers up, so that nobody but the coordinator computes. The slow model
 * is legal: just below 20 GMAC a query, in an operator that is slow at them. Each pair is the small job alone, then the same beside the
 * slow one; the goal is 1.5 times its time alone, and 2 s.
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ModelRuns } from "../../server/trusted/model-runs.ts";
import { medianOfSome } from "../../shared/numbers/quantile.ts";
import type { NpyArray } from "../../shared/protocol/npy.ts";
import { MODEL_FOLDERS, modelFilesOf } from "../models/model-files.ts";
import {
  type AttackedCoordinator,
  attackedCoordinator,
  byteQueries,
  type Submitter,
} from "../proofs/attacks/attacked-coordinator.ts";
import { type HostileModel, SLOWEST_SIDE, slowModel } from "../proofs/attacks/hostile-models.ts";
import { countFlag } from "./flags.ts";
import { knownCasesOf, loadKnownCase } from "./inference-case.ts";
import { meanInterval } from "./mean-interval.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";

const QUERIES = 400;
const PAIRS = 5;
const VOLUNTEERS = 6;
/** So many rows of the slow model, two of them different: what is looked up has to be computed once. */
const SLOW_QUERIES = 60;
const SLOW_DISTINCT = 2;
/** Until its trial, or its audits, are under way. */
const HEAD_START_MS = 1_500;
const FACTOR_MAX = 1.5;
const MORE_MS_MAX = 2_000;
const BESIDE = ["trial", "audits"] as const;

export interface FairnessOptions extends MeasureOptions {
  readonly pairs?: number;
  /** Of the slow model's pictures. */
  readonly side?: number;
}

interface Timed {
  readonly aloneMs: number;
  readonly besideMs: number;
  readonly strangerCpuMs: number;
  readonly slowCpuMs: number;
}

export async function run({ seed, progress, flags = {}, ...options }: FairnessOptions): Promise<Measurement> {
  const pairs = options.pairs ?? countFlag(flags, "pairs") ?? PAIRS;
  const mnist = knownCasesOf(["mnist"])[0]!;
  const known = await loadKnownCase(mnist, QUERIES, progress);
  const ownFiles = await modelFilesOf(MODEL_FOLDERS[mnist.model]);
  const files = ownFiles.map(({ name, bytes }) => ({ name, data: bytes }));
  const slow = slowModel(options.side ?? SLOWEST_SIDE);
  const slowQueries = repeated(byteQueries(SLOW_DISTINCT, slow.inputShape, seed), SLOW_QUERIES);
  const table = new Map<string, Float32Array>();
  progress("answers are computed once, to be looked up");
  remember(table, known.queries, await known.model.run(known.queries, QUERIES), QUERIES);
  await rememberSlow(table, slow, slowQueries);
  const world = await attackedCoordinator({
    volunteers: VOLUNTEERS,
    answer: async (_, rows, rowCount) => lookedUp(table, rows, rowCount),
  });
  try {
    const [stranger, mallory] = [await world.submitter("stranger"), await world.submitter("mallory")];
    const small = async () => {
      const queries: NpyArray = { dtype: "F32", shape: [QUERIES, 784], data: known.queries };
      const startMs = performance.now();
      await stranger.outputsOf(await stranger.submit({ files }, queries));
      return performance.now() - startMs;
    };
    await small();
    const source = await mallory.upload(slow, slowQueries);
    const rows: Measurement["rows"][number][] = [];
    for (const beside of BESIDE) {
      const timed: Timed[] = [];
      for (let n = 0; n < pairs; n++) {
        progress(`beside ${beside}, pair ${n + 1} of ${pairs}`);
        const aloneMs = await small();
        timed.push({ aloneMs, ...(await besideSlow(world, mallory, { source, beside }, small)) });
      }
      rows.push(summed(beside, timed));
    }
    return { name: fairness.name, title: fairness.title, columns: COLUMNS, rows, notes: NOTES };
  } finally {
    await world.close();
  }
}

interface SlowWork {
  readonly source: Awaited<ReturnType<Submitter["upload"]>>;
  readonly beside: (typeof BESIDE)[number];
}

async function besideSlow(
  world: AttackedCoordinator,
  mallory: Submitter,
  { source, beside }: SlowWork,
  small: () => Promise<number>,
): Promise<Omit<Timed, "aloneMs">> {
  let isOver = false;
  const submitted = () => mallory.submitUploaded(source);
  // Trial after trial, as long as the small job runs; or one job, whose rows are audited.
  const attack = async () => {
    if (beside === "audits") return;
    while (!isOver) await mallory.client.cancel(await submitted());
  };
  const running = beside === "audits" ? await submitted() : null;
  const attacking = attack();
  await sleep(HEAD_START_MS);
  const before = world.times.bySubmitter();
  const besideMs = await small();
  isOver = true;
  if (running !== null) await mallory.client.cancel(running);
  await attacking;
  const after = world.times.bySubmitter();
  const spent = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  return { besideMs, strangerCpuMs: spent("stranger"), slowCpuMs: spent("mallory") };
}

function summed(beside: string, timed: readonly Timed[]) {
  const median = (of: keyof Timed) => medianOfSome(timed.map((one) => one[of]));
  const [aloneMs, besideMs] = [median("aloneMs"), median("besideMs")];
  const isKept = besideMs <= FACTOR_MAX * aloneMs + MORE_MS_MAX;
  return {
    beside,
    aloneMs,
    besideMs,
    pairs: timed.length,
    ratio: besideMs / aloneMs,
    ratioHalfWidth: meanInterval(timed.map((one) => one.besideMs / one.aloneMs)).halfWidth,
    strangerCpuMs: median("strangerCpuMs"),
    slowCpuMs: median("slowCpuMs"),
    kept: isKept ? "yes" : "NO",
  };
}

function keyOf(row: Float32Array): string {
  return createHash("sha1")
    .update(new Uint8Array(row.buffer, row.byteOffset, row.byteLength))
    .digest("base64");
}

function remember(table: Map<string, Float32Array>, rows: Float32Array, outputs: Float32Array, rowCount: number): void {
  const [inputSize, outputSize] = [rows.length / rowCount, outputs.length / rowCount];
  for (let r = 0; r < rowCount; r++) {
    const row = rows.subarray(r * inputSize, (r + 1) * inputSize);
    table.set(keyOf(row), outputs.subarray(r * outputSize, (r + 1) * outputSize));
  }
}

function lookedUp(table: ReadonlyMap<string, Float32Array>, rows: Float32Array, rowCount: number): Float32Array | null {
  const inputSize = rows.length / rowCount;
  const found = Array.from({ length: rowCount }, (_, r) =>
    table.get(keyOf(rows.subarray(r * inputSize, (r + 1) * inputSize))),
  );
  if (found.some((output) => output === undefined)) return null;
  return Float32Array.from(found.flatMap((output) => [...output!]));
}

/** By the same processes as the coordinator's. */
async function rememberSlow(
  table: Map<string, Float32Array>,
  { bundle }: HostileModel,
  queries: NpyArray,
): Promise<void> {
  const runs = new ModelRuns({ processes: 2 });
  const size = queries.data.length / SLOW_QUERIES;
  const inputs = Float32Array.from(queries.data.subarray(0, SLOW_DISTINCT * size) as Uint8Array, (byte) =>
    Math.fround(byte * (1 / 255)),
  );
  const work = { model: { sha256: "slow", bundle }, inputs, rowCount: SLOW_DISTINCT };
  remember(table, inputs, await runs.run({ ...work, jobId: "slow", submitter: "bench", lane: "check" }), SLOW_DISTINCT);
  runs.close();
}

function repeated({ dtype, shape: [count, ...shape], data }: NpyArray, times: number): NpyArray {
  const size = data.length / count!;
  const all = Uint8Array.from({ length: times * size }, (_, i) => (data as Uint8Array)[i % data.length]!);
  return { dtype, shape: [times, ...shape], data: all } as NpyArray;
}

const COLUMNS: readonly Column[] = [
  { key: "beside", title: "beside a slow model's" },
  { key: "aloneMs", title: "alone ms" },
  { key: "besideMs", title: "beside it ms" },
  { key: "ratio", title: "ratio", digits: 2 },
  { key: "strangerCpuMs", title: "trusted processor ms for the small job" },
  { key: "slowCpuMs", title: "for the slow one" },
  { key: "kept", title: `within ${FACTOR_MAX} times and ${MORE_MS_MAX / 1000} s` },
];
const NOTES = [
  `Medians of pairs in one run. The small job: ${QUERIES} MNIST queries; ${VOLUNTEERS} volunteers, who look all answers up. Processor time is counted from the beginning of the small job to the end of the slow trial under way, or of the slow job, which is cancelled then.`,
];

export const fairness: Measurer = {
  name: "fairness",
  title:
    "A stranger's small job beside a legal model of just below 20 GMAC a query, on trial and while its rows are audited",
  flags: ["pairs"],
  run,
};
