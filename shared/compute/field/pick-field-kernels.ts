/** Chooses a back-end for the field kernels: each candidate answers a known question and is timed; the fastest right one wins. */

import { FieldError } from "../../field/field-error.ts";
import { CENTRED_MAX, MODULUS } from "../../field/modulus.ts";
import { matrixProduct } from "../../field/products.ts";
import { medianOfSome } from "../../numbers/quantile.ts";
import { hash32 } from "../hash-noise.ts";
import type { FieldBackendName, FieldKernels } from "./field-kernels.ts";

/** About a megabyte of matrix: more than any call costs by itself, less than anybody notices. */
const SIZE = 512;
const REPEATS = 5;

export interface FieldCandidate {
  readonly backend: FieldBackendName;
  /** Rejects where the machine cannot. */
  create(): Promise<FieldKernels>;
}

export interface FieldChoice {
  readonly kernels: FieldKernels;
  /** Every candidate, why it was put aside (null: it answered right), and the median time of a product. */
  readonly candidates: readonly { backend: FieldBackendName; problem: string | null; msMedian: number | null }[];
}

interface Trial {
  readonly backend: FieldBackendName;
  readonly kernels: FieldKernels | null;
  readonly problem: string | null;
  readonly msMedian: number | null;
}

/**
 * @param nowMs a clock, milliseconds
 * @throws FieldError where no candidate answers right
 */
export async function pickFieldKernels(
  candidates: readonly FieldCandidate[],
  nowMs: () => number,
): Promise<FieldChoice> {
  const question = makeQuestion();
  const trials: Trial[] = [];
  for (const candidate of candidates) trials.push(await tried(candidate, question, nowMs));
  const right = trials.filter(({ problem }) => problem === null);
  const best = right.sort((a, b) => a.msMedian! - b.msMedian!)[0];
  for (const { kernels } of trials) if (kernels !== best?.kernels) kernels?.dispose();
  if (best === undefined) {
    const problems = trials.map(({ backend, problem }) => `${backend}: ${problem}`).join("; ");
    throw new FieldError(`pickFieldKernels: expected a back-end that answers right, got none (${problems})`);
  }
  return {
    kernels: best.kernels!,
    candidates: trials.map(({ backend, problem, msMedian }) => ({ backend, problem, msMedian })),
  };
}

interface Question {
  readonly matrix: Uint32Array;
  readonly vector: Uint32Array;
  readonly answer: Uint32Array;
}

/** Noise and the largest entries of either sign; rows of extremes alone come among them. */
function makeQuestion(): Question {
  const extremes = [MODULUS - 1, CENTRED_MAX, CENTRED_MAX + 1];
  const entry = (seed: number, at: number) => extremes[hash32(seed, at) % 8] ?? hash32(seed + 1, at) % MODULUS;
  const matrix = Uint32Array.from({ length: SIZE * SIZE }, (_, at) =>
    at < 3 * SIZE ? extremes[Math.floor(at / SIZE)]! : entry(21, at),
  );
  const vector = Uint32Array.from({ length: SIZE }, (_, at) => entry(23, at));
  return { matrix, vector, answer: matrixProduct(matrix, SIZE, SIZE, vector, 1, MODULUS) };
}

async function tried({ backend, create }: FieldCandidate, question: Question, nowMs: () => number): Promise<Trial> {
  let kernels: FieldKernels | null = null;
  try {
    kernels = await create();
    const matrix = kernels.loadMatrix(question.matrix, SIZE, SIZE);
    const times: number[] = [];
    // The first run warms up: programs are compiled then.
    for (let run = 0; run <= REPEATS; run++) {
      const startMs = nowMs();
      const got = await matrix.matVec(question.vector);
      if (run > 0) times.push(nowMs() - startMs);
      const at = question.answer.findIndex((value, r) => value !== got[r]);
      if (at >= 0) return { backend, kernels, problem: `wrong at row ${at}`, msMedian: null };
    }
    matrix.dispose();
    return { backend, kernels, problem: null, msMedian: medianOfSome(times) };
  } catch (error) {
    return { backend, kernels, problem: (error as Error).message, msMedian: null };
  }
}
