/** Chooses a back-end for the field kernels: each candidate answers a known question, and the first that is right is taken. */

import { FieldError } from "../../field/field-error.ts";
import { CENTRED_MAX, MODULUS } from "../../field/modulus.ts";
import { matrixProduct } from "../../field/products.ts";
import { hash32 } from "../hash-noise.ts";
import type { FieldBackendName, FieldKernels } from "./field-kernels.ts";

/** About a megabyte of matrix: more than one register's or one cache line's worth of every step. */
const SIZE = 512;

export interface FieldCandidate {
  readonly backend: FieldBackendName;
  /** Rejects where the machine cannot. */
  create(): Promise<FieldKernels>;
}

/**
 * @param candidates the preferred one first; those behind the chosen one are not started
 * @throws FieldError where no candidate answers right; the message says what was wrong with each
 */
export async function pickFieldKernels(candidates: readonly FieldCandidate[]): Promise<FieldKernels> {
  const question = makeQuestion();
  const problems: string[] = [];
  for (const { backend, create } of candidates) {
    try {
      const kernels = await create();
      const problem = await problemOf(kernels, question);
      if (problem === null) return kernels;
      kernels.dispose();
      problems.push(`${backend}: ${problem}`);
    } catch (error) {
      problems.push(`${backend}: ${(error as Error).message}`);
    }
  }
  throw new FieldError(`pickFieldKernels: expected a back-end that answers right, got none (${problems.join("; ")})`);
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

/** @returns null: the answer is right */
async function problemOf(kernels: FieldKernels, { matrix, vector, answer }: Question): Promise<string | null> {
  const loaded = kernels.loadMatrix(matrix, SIZE, SIZE);
  const got = await loaded.matVec(vector);
  loaded.dispose();
  const at = answer.findIndex((value, r) => value !== got[r]);
  return at < 0 ? null : `wrong at row ${at}`;
}
