/**
 * `npm run bench -- kernels`: multiply-adds a second of the field kernels, beside tfjs-wasm float32 matMul of the same shape
 * and the machine's copy bandwidth, all in one thread and interleaved.
 */

import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { tfjsWasmFiles } from "../../server/numerics/runtime-assets.ts";
import type { FieldKernels } from "../../shared/compute/field/field-kernels.ts";
import { createPlainKernels } from "../../shared/compute/field/plain-kernels.ts";
import { createWasmKernels } from "../../shared/compute/field/wasm-kernels.ts";
import { MODULUS } from "../../shared/field/modulus.ts";
import { randomResidues } from "../../shared/field/random-residues.ts";
import { medianOfSome } from "../../shared/numbers/quantile.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import type { Measurement, MeasureOptions, Measurer } from "./measurement.ts";

const SIZE = 4096;
/** Columns of the thin matrix: ten classes, as softmax regression on digits has. */
const THIN_WIDTH = 10;
const REPEATS = 15;
/** Plain TypeScript is an oracle and not meant to be fast. */
const PLAIN_REPEATS = 3;

interface Candidate {
  readonly kernel: string;
  readonly shape: string;
  /** Multiply-adds of one run; 0 for a copy. */
  readonly macs: number;
  readonly repeats: number;
  /** The tfjs candidate of the same shape. */
  readonly twin: string | null;
  run(): Promise<unknown>;
}

export const kernels: Measurer = {
  name: "kernels",
  title: "Field kernels against tfjs-wasm float32, 4096 x 4096, one thread",
  run,
};

async function run({ seed, progress }: MeasureOptions): Promise<Measurement> {
  progress("Filling two matrices of 4096 x 4096");
  const random = simulationRandom(seed);
  const entries = randomResidues(SIZE * SIZE, MODULUS, random);
  const vector = randomResidues(SIZE, MODULUS, random);
  const thin = randomResidues(SIZE * THIN_WIDTH, MODULUS, random);
  const [wasm, plain] = [await createWasmKernels(), createPlainKernels()];
  const candidates = [
    ...(await tfjsCandidates(entries, vector, thin)),
    ...fieldCandidates(wasm, entries, vector, thin, REPEATS),
    ...fieldCandidates(plain, entries, vector, thin, PLAIN_REPEATS),
    copyCandidate(entries),
  ];
  const medians = await medianSeconds(candidates, progress);
  wasm.dispose();
  plain.dispose();
  const rateOf = (kernel: string) => {
    const { macs } = candidates.find((candidate) => candidate.kernel === kernel)!;
    return macs / medians.get(kernel)! / 1e9;
  };
  const copyGigabytes = (entries.byteLength / medians.get("copy")!) * 1e-9;
  return {
    name: "kernels",
    title: `Field kernels mod 2^31-1 on ${SIZE} x ${SIZE} residues against tfjs-wasm float32 matMul, one thread`,
    columns: [
      { key: "kernel", title: "kernel" },
      { key: "shape", title: "shape" },
      { key: "gmacPerSecond", title: "G multiply-adds/s", digits: 2 },
      { key: "ratioToTfjsFloat", title: "ratio to tfjs", digits: 2 },
    ],
    rows: candidates
      .filter(({ macs }) => macs > 0)
      .map(({ kernel, shape, twin }) => ({
        kernel,
        shape,
        gmacPerSecond: rateOf(kernel),
        ratioToTfjsFloat: twin === null ? null : rateOf(kernel) / rateOf(twin),
      })),
    notes: [
      `Memory copy: ${copyGigabytes.toFixed(1)} GB/s copied (as many read and as many written).`,
      `Medians of ${REPEATS} interleaved runs (plain: ${PLAIN_REPEATS}). A field product is exact; float32 rounds.`,
      "vecMat (encoding, keys) is compared with tfjs matMul of the transposed shape, 1 x 4096 times 4096 x 4096.",
    ],
  };
}

function fieldCandidates(
  { backend, loadMatrix }: FieldKernels,
  entries: Uint32Array,
  vector: Uint32Array,
  thin: Uint32Array,
  repeats: number,
): Candidate[] {
  const matrix = loadMatrix(entries, SIZE, SIZE);
  const macs = SIZE * SIZE;
  return [
    {
      kernel: `${backend} matVec`,
      shape: `${SIZE}x${SIZE}x1`,
      macs,
      repeats,
      twin: "tfjs-wasm matMul vector",
      run: () => matrix.matVec(vector),
    },
    {
      kernel: `${backend} matThin`,
      shape: `${SIZE}x${SIZE}x${THIN_WIDTH}`,
      macs: macs * THIN_WIDTH,
      repeats,
      twin: "tfjs-wasm matMul thin",
      run: () => matrix.matThin(thin, THIN_WIDTH),
    },
    {
      kernel: `${backend} vecMat`,
      shape: `1x${SIZE}x${SIZE}`,
      macs,
      repeats,
      twin: "tfjs-wasm matMul row",
      run: () => matrix.vecMat(vector),
    },
  ];
}

async function tfjsCandidates(entries: Uint32Array, vector: Uint32Array, thin: Uint32Array): Promise<Candidate[]> {
  tf.enableProdMode();
  // One thread, as the field kernels have.
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  setWasmPaths(tfjsWasmFiles());
  if (!(await tf.setBackend("wasm"))) throw new Error("bench kernels: expected tfjs-wasm to start, got none");
  const real = (residues: Uint32Array) => Float32Array.from(residues, (residue) => residue / MODULUS);
  const matrix = tf.tensor2d(real(entries), [SIZE, SIZE]);
  const column = tf.tensor2d(real(vector), [SIZE, 1]);
  const row = tf.tensor2d(real(vector), [1, SIZE]);
  const wide = tf.tensor2d(real(thin), [SIZE, THIN_WIDTH]);
  const product = async (a: tf.Tensor2D, b: tf.Tensor2D) => {
    const result = tf.matMul(a, b);
    const values = await result.data();
    result.dispose();
    return values;
  };
  const common = { repeats: REPEATS, twin: null };
  const macs = SIZE * SIZE;
  return [
    {
      ...common,
      kernel: "tfjs-wasm matMul vector",
      shape: `${SIZE}x${SIZE}x1`,
      macs,
      run: () => product(matrix, column),
    },
    {
      ...common,
      kernel: "tfjs-wasm matMul thin",
      shape: `${SIZE}x${SIZE}x${THIN_WIDTH}`,
      macs: macs * THIN_WIDTH,
      run: () => product(matrix, wide),
    },
    {
      ...common,
      kernel: "tfjs-wasm matMul row",
      shape: `1x${SIZE}x${SIZE}`,
      macs,
      run: () => product(row, matrix),
    },
  ];
}

function copyCandidate(entries: Uint32Array): Candidate {
  const target = new Uint32Array(entries.length);
  return {
    kernel: "copy",
    shape: `${SIZE}x${SIZE}`,
    macs: 0,
    repeats: REPEATS,
    twin: null,
    run: async () => target.set(entries),
  };
}

/** One round runs every candidate once, so that what slows the machine down slows all of them. */
async function medianSeconds(
  candidates: readonly Candidate[],
  progress: (line: string) => void,
): Promise<Map<string, number>> {
  const times = new Map<string, number[]>(candidates.map(({ kernel }) => [kernel, []]));
  for (const { run: warmUp } of candidates) await warmUp();
  for (let round = 0; round < REPEATS; round++) {
    progress(`Round ${round + 1} of ${REPEATS}`);
    for (const { kernel, repeats, run: once } of candidates) {
      if (round >= repeats) continue;
      const startMs = performance.now();
      await once();
      times.get(kernel)!.push((performance.now() - startMs) / 1000);
    }
  }
  return new Map([...times].map(([kernel, seconds]) => [kernel, medianOfSome(seconds)]));
}
