/**
 * What a matrix job adds to a coded run: A times B, slice after slice of B's columns, each a forward product. Everything is
 * whole numbers: the product is exact, or the data is refused.
 */

import { CENTRED_MAX, centredOf, MODULUS, residueOf } from "../../../../shared/field/modulus.ts";
import { largestColumnNorm } from "../../../../shared/field/norms.ts";
import { factorsProblem } from "../../../../shared/kinds/matmul/factors.ts";
import { parseNpy } from "../../../../shared/protocol/npy.ts";
import type { RunProduct } from "../../../coded/core/run-events.ts";
import { DataError } from "../../../coded/engine/data-error.ts";
import type {
  EngineJob,
  Evaluation,
  HeldArrays,
  KindNumerics,
  NamedArrays,
  PreparedData,
  RoundVector,
} from "../../../coded/engine/kind-numerics.ts";
import { type NumberTable, numberTableOf } from "../../../coded/engine/number-table.ts";
import { transposeMatrix } from "../../../coded/engine/transpose.ts";

interface MatmulSettings extends EngineJob {
  readonly leftFractionBits: number;
  readonly rightFractionBits: number;
  readonly sliceColumns: number;
}

export interface MatmulJob extends MatmulSettings {
  /** A: rows x inner */
  readonly left: NumberTable;
  /** B: inner x columns */
  readonly right: NumberTable;
}

/** The same with its matrices as they were uploaded. */
export interface MatmulFiles extends MatmulSettings {
  readonly leftNpy: Uint8Array;
  readonly rightNpy: Uint8Array;
}

export function numericsOf(job: EngineJob): KindNumerics {
  const { leftNpy, rightNpy, ...settings } = job as MatmulFiles;
  const [left, right] = [numberTableOf("A", parseNpy(leftNpy)), numberTableOf("B", parseNpy(rightNpy))];
  return new MatmulNumerics({ ...settings, left, right });
}

/** Sums of products of whole numbers are added in Float64, which holds every whole number up to this size. */
const EXACT_MAX = 2 ** 53;
/** Keeps norms, which are rounded, on the safe side of a bound. */
const CLEARANCE = 1 - 1e-9;

interface PreparedMatrices {
  /** inner x columns residues */
  readonly right: Uint32Array;
  /** Where chunks of the inner sum begin, and at last its length. */
  readonly bounds: readonly number[];
}

export class MatmulNumerics implements KindNumerics {
  readonly #job: MatmulJob;
  #prepared: PreparedMatrices | null = null;
  #slice = 0;
  /** Of the current slice. */
  #width = 0;
  #decoded: readonly Uint32Array[] = [];
  /** rows x columns, whole numbers of 2^-(fraction bits of both); filled up slice by slice. */
  #product: Float64Array = new Float64Array(0);

  constructor(job: MatmulJob) {
    this.#job = job;
  }

  /** Checks the data and makes whole numbers of it. */
  prepare(): PreparedData {
    const { left, right } = this.#job;
    const { rows, columns: inner } = left;
    const { a, b, bounds } = wholeFactors(this.#job);
    this.#prepared = { right: b, bounds };
    this.#product = new Float64Array(rows * right.columns);
    const matrices = { forward: { residues: a, rows, columns: inner } };
    return { matrices, chunkCount: bounds.length - 1, notes: [] };
  }

  /** The next slice of B: inner x (chunks * slice columns); column k C + c is column c of the slice in chunk k, else zeros. */
  vector(_product: RunProduct): RoundVector {
    const { right, bounds } = this.#data();
    const { rows: inner, columns } = this.#job.right;
    const { from, to } = this.#sliceAt(this.#slice);
    const wide = to - from;
    const chunkCount = bounds.length - 1;
    const width = wide * chunkCount;
    const residues = new Uint32Array(inner * width);
    for (let k = 0; k < chunkCount; k++) {
      for (let i = bounds[k]!; i < bounds[k + 1]!; i++) {
        residues.set(right.subarray(i * columns + from, i * columns + to), i * width + k * wide);
      }
    }
    this.#width = width;
    return { residues, width };
  }

  take(_product: RunProduct, blocks: readonly Uint32Array[]): void {
    this.#decoded = blocks;
  }

  /** Adds the decoded slice to the product. */
  link(): Evaluation {
    const { rows } = this.#job.left;
    const { columns } = this.#job.right;
    const { from, to } = this.#sliceAt(this.#slice);
    const wide = to - from;
    const width = this.#width;
    let row = 0;
    for (const block of this.#decoded) {
      for (let at = 0; at < block.length && row < rows; at += width, row++) {
        for (let c = 0; c < width; c++) {
          // At most EXACT_MAX in all: exactChunks saw to it.
          this.#product[row * columns + from + (c % wide)]! += centredOf(block[at + c]!, MODULUS);
        }
      }
    }
    this.#decoded = [];
    this.#slice++;
    return { loss: 0, accuracy: null };
  }

  /** There is no backward product. */
  update(): null {
    return null;
  }

  /** The product so far. */
  checkpoint(): NamedArrays {
    return { product: this.#product.slice() };
  }

  /** An iteration is a slice. */
  restore({ iteration, arrays }: HeldArrays): void {
    this.#product = arrays.product!.slice();
    this.#slice = iteration;
  }

  #sliceAt(slice: number): { from: number; to: number } {
    const from = slice * this.#job.sliceColumns;
    return { from, to: Math.min(this.#job.right.columns, from + this.#job.sliceColumns) };
  }

  #data(): PreparedMatrices {
    if (this.#prepared === null) throw new Error("MatmulNumerics: expected prepare to come first");
    return this.#prepared;
  }
}

/** A and B, and how their entries become whole numbers. */
export type Factors = Pick<MatmulJob, "left" | "right" | "leftFractionBits" | "rightFractionBits">;

/**
 * A and B as residues, and where their inner sums are cut so that every part is exact.
 * @throws DataError where there is no exact product, with words for the submitter
 */
export function wholeFactors({ left, right, leftFractionBits, rightFractionBits }: Factors) {
  const { rows, columns: inner } = left;
  const wrong = factorsProblem(left, right);
  if (wrong !== null) throw new DataError(wrong);
  const [a, b] = [wholeNumbers("A", left, leftFractionBits), wholeNumbers("B", right, rightFractionBits)];
  const bounds = exactChunks(a, rows, b, right.columns, inner, leftFractionBits + rightFractionBits > 0);
  return { a, b, bounds };
}

/** @returns round(x 2^bits), half up, as residues */
function wholeNumbers(name: string, { values, rows, columns }: NumberTable, fractionBits: number): Uint32Array {
  const scale = 2 ** fractionBits;
  const residues = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const scaled = value * scale;
    const whole = Math.floor(scaled + 0.5);
    const isRefused = !(Math.abs(whole) <= CENTRED_MAX) || (fractionBits === 0 && whole !== value);
    if (isRefused) {
      const where = `row ${Math.floor(i / columns)}, column ${i % columns}`;
      const most = CENTRED_MAX / scale;
      const expected =
        fractionBits === 0 && Math.abs(value) <= CENTRED_MAX
          ? "expected whole numbers (or set its fraction bits)"
          : `expected numbers of at most ${most.toPrecision(6)} with ${fractionBits} fraction bits`;
      throw new DataError(`${name}: ${expected}, got ${value} in ${where} of ${rows} x ${columns}`);
    }
    residues[i] = residueOf(whole, MODULUS);
  }
  return residues;
}

/**
 * Cuts the inner sums so that no part can leave the field's range: |sum| <= |a| |b| <= (q-1)/2 (Cauchy-Schwarz), a row of A
 * and a column of B within the part.
 * @throws DataError where single products are too large, or a whole sum for Float64
 */
function exactChunks(
  a: Uint32Array,
  rows: number,
  b: Uint32Array,
  columns: number,
  inner: number,
  hasFractions: boolean,
): number[] {
  const advice = hasFractions
    ? "take fewer fraction bits"
    : "divide by a common factor, or multiply parts of fewer digits";
  const transposed = transposeMatrix(a, rows, inner);
  const limit = CENTRED_MAX * CLEARANCE;
  const boundOf = (from: number, to: number) =>
    largestColumnNorm(transposed, rows, from, to, MODULUS) * largestColumnNorm(b, columns, from, to, MODULUS);
  const largest = boundOf(0, inner);
  if (largest > EXACT_MAX * CLEARANCE) {
    const got = `a row and a column whose sum may reach 2^${Math.log2(largest).toFixed(1)}`;
    throw new DataError(`A, B: expected sums below 2^53, where Float64 is exact, got ${got}; ${advice}`);
  }
  for (let count = 1; count < 2 * inner; count *= 2) {
    const length = Math.ceil(inner / count);
    const bounds = Array.from({ length: Math.ceil(inner / length) + 1 }, (_, i) => Math.min(i * length, inner));
    if (bounds.slice(1).every((to, i) => boundOf(bounds[i]!, to) <= limit)) return bounds;
  }
  throw new DataError(
    `A, B: expected products of two entries of at most ${CENTRED_MAX} (2^30 - 1), got larger ones; ${advice}`,
  );
}
