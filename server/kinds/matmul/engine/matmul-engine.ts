/**
 * The trusted side's compute of one matrix job: A times B, slice after slice of B's columns, in the same rounds as the forward
 * products of a gradient job. Everything is whole numbers: the product is exact, or the data is refused.
 */
import type { FieldKernels } from "../../../../shared/compute/field/field-kernels.ts";
import { areResidues, CENTRED_MAX, centredOf, MODULUS, residueOf } from "../../../../shared/field/modulus.ts";
import { largestColumnNorm } from "../../../../shared/field/norms.ts";
import type { RandomSource } from "../../../../shared/random/random.ts";
import type { CodeReference } from "../../../coded/core/run-effects.ts";
import type { DecodeVerdict, RunProduct } from "../../../coded/core/run-events.ts";
import type { RunPlan } from "../../../coded/core/run-plan.ts";
import { CodedMatrix } from "../../../coded/engine/coded-matrix.ts";
import type { ShardResult } from "../../../coded/engine/decode-results.ts";
import type { MasterEngine } from "../../../coded/engine/engine-of-kind.ts";
import type { Broadcast } from "../../regression/engine/broadcast.ts";
import { type FeatureSource, transpose } from "../../regression/engine/features.ts";
import type { Weights } from "../../regression/engine/optimizer.ts";
import type { Evaluation } from "../../regression/engine/predict.ts";
import type { PreparedFacts } from "../../regression/engine/regression-engine.ts";
import { TrainingDataError } from "../../regression/engine/targets.ts";

export interface MatmulJob {
  readonly plan: RunPlan;
  /** A: rows x inner */
  readonly left: FeatureSource;
  /** B: inner x columns */
  readonly right: FeatureSource;
  readonly leftFractionBits: number;
  readonly rightFractionBits: number;
  readonly sliceColumns: number;
}

/** Sums of products of whole numbers are added in Float64, which holds every whole number up to this size. */
const EXACT_MAX = 2 ** 53;
/** Keeps norms, which are rounded, on the safe side of a bound. */
const CLEARANCE = 1 - 1e-9;

interface PreparedMatrices {
  /** rows x inner and inner x columns residues */
  readonly left: Uint32Array;
  readonly right: Uint32Array;
  /** Where chunks of the inner sum begin, and at last its length. */
  readonly bounds: readonly number[];
}

export class MatmulEngine implements MasterEngine {
  readonly #job: MatmulJob;
  readonly #kernels: FieldKernels;
  readonly #random: RandomSource;
  #prepared: PreparedMatrices | null = null;
  readonly #codes = new Map<number, CodedMatrix>();
  #broadcast: Broadcast | null = null;
  #slice = 0;
  #decoded: readonly Uint32Array[] = [];
  /** rows x columns, whole numbers of 2^-(fraction bits of both); filled up slice by slice. */
  #product: Float64Array = new Float64Array(0);

  /** @param secretRandom cryptographic; a simulation's replayable one only where nothing is at stake */
  constructor(job: MatmulJob, kernels: FieldKernels, secretRandom: RandomSource) {
    this.#job = job;
    this.#kernels = kernels;
    this.#random = secretRandom;
  }

  /** Checks the data and makes whole numbers of it. @throws TrainingDataError, with words for the submitter */
  prepare(): PreparedFacts {
    const { left, right, leftFractionBits, rightFractionBits } = this.#job;
    if (left.columns !== right.rows) {
      const got = `${left.rows} x ${left.columns} and ${right.rows} x ${right.columns}`;
      throw new TrainingDataError(`A, B: expected A's columns to be as many as B's rows, got ${got}`);
    }
    const [a, b] = [wholeNumbers("A", left, leftFractionBits), wholeNumbers("B", right, rightFractionBits)];
    const bounds = exactChunks(a, left.rows, b, right.columns, left.columns);
    this.#prepared = { left: a, right: b, bounds };
    this.#product = new Float64Array(left.rows * right.columns);
    return {
      rows: left.rows,
      columns: left.columns,
      classes: right.columns,
      forwardChunks: bounds.length - 1,
      backwardChunks: 1,
      constantColumns: [],
      labelOfClass: [],
    };
  }

  async encodeShards(reference: CodeReference, shardIndices: readonly number[]) {
    let code = this.#codes.get(reference.generation);
    if (code === undefined) {
      const { rows, columns } = this.#job.left;
      const matrix = { residues: this.#data().left, rows, columns };
      code = new CodedMatrix(this.#job.plan, reference, matrix, this.#kernels, this.#random);
      await code.drawKeys();
      this.#codes.set(reference.generation, code);
    }
    const shards = await code.shards(shardIndices);
    return shardIndices.map((shardIndex, i) => ({ shardIndex, forward: shards[i]!, backward: null }));
  }

  shapesOf(generation: number) {
    return { forward: this.#code(generation).shape, backward: null };
  }

  releaseCode(generation: number): void {
    this.#codes.delete(generation);
  }

  /** The next slice of B: inner x (chunks * slice columns); column k C + c is column c of the slice in chunk k, else zeros. */
  broadcast(_product: RunProduct): Broadcast {
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
    this.#broadcast = { residues, width, scales: Array.from({ length: chunkCount }, () => 1) };
    return this.#broadcast;
  }

  verify(generation: number, _product: RunProduct, { shardIndex, residues }: ShardResult): boolean {
    return this.#code(generation).verify(shardIndex, this.#sent().residues, residues);
  }

  isWellFormed(generation: number, _product: RunProduct, residues: Uint32Array): boolean {
    const { height } = this.#code(generation).shape;
    return residues.length === height * this.#sent().width && areResidues(residues, MODULUS);
  }

  decode(generation: number, _product: RunProduct, results: readonly ShardResult[], believes: boolean): DecodeVerdict {
    const decoded = this.#code(generation).decode(results, believes);
    if (decoded.kind !== "decoded") return decoded;
    this.#decoded = decoded.blocks;
    return { kind: "decoded", wrongShards: decoded.wrongShards };
  }

  /** Takes the decoded slice into the product. */
  link(): Evaluation {
    const { rows } = this.#job.left;
    const { columns } = this.#job.right;
    const { from, to } = this.#sliceAt(this.#slice);
    const wide = to - from;
    const { width } = this.#sent();
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

  update(): Evaluation | null {
    return null;
  }

  /** `weights`: the product so far; `lookahead`: one entry, the slices that are in it. */
  checkpoint(): Weights {
    return { weights: this.#product.slice(), lookahead: Float64Array.of(this.#slice) };
  }

  restore({ weights, lookahead }: Weights): void {
    this.#product = weights.slice();
    this.#slice = lookahead[0]!;
  }

  #sliceAt(slice: number): { from: number; to: number } {
    const from = slice * this.#job.sliceColumns;
    return { from, to: Math.min(this.#job.right.columns, from + this.#job.sliceColumns) };
  }

  #data(): PreparedMatrices {
    if (this.#prepared === null) throw new Error("MatmulEngine: expected prepare to come first");
    return this.#prepared;
  }

  #code(generation: number): CodedMatrix {
    const code = this.#codes.get(generation);
    if (code === undefined) throw new Error(`MatmulEngine: expected a generation that is held, got ${generation}`);
    return code;
  }

  #sent(): Broadcast {
    if (this.#broadcast === null) throw new Error("MatmulEngine: expected a broadcast to come first");
    return this.#broadcast;
  }
}

/** @returns round(x 2^bits), half up, as residues */
function wholeNumbers(name: string, { values, rows, columns }: FeatureSource, fractionBits: number): Uint32Array {
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
      throw new TrainingDataError(`${name}: ${expected}, got ${value} in ${where} of ${rows} x ${columns}`);
    }
    residues[i] = residueOf(whole, MODULUS);
  }
  return residues;
}

/**
 * Cuts the inner sums so that no part can leave the field's range: |sum| <= |a| |b| <= (q-1)/2 (Cauchy-Schwarz), a row of A
 * and a column of B within the part.
 * @throws TrainingDataError where single products are too large, or a whole sum for Float64
 */
function exactChunks(a: Uint32Array, rows: number, b: Uint32Array, columns: number, inner: number): number[] {
  const transposed = transpose(a, rows, inner);
  const limit = CENTRED_MAX * CLEARANCE;
  const boundOf = (from: number, to: number) =>
    largestColumnNorm(transposed, rows, from, to, MODULUS) * largestColumnNorm(b, columns, from, to, MODULUS);
  if (boundOf(0, inner) > EXACT_MAX * CLEARANCE) {
    throw new TrainingDataError("A, B: expected sums below 2^53, where Float64 is exact; take fewer fraction bits");
  }
  for (let count = 1; count < 2 * inner; count *= 2) {
    const length = Math.ceil(inner / count);
    const bounds = Array.from({ length: Math.ceil(inner / length) + 1 }, (_, i) => Math.min(i * length, inner));
    if (bounds.slice(1).every((to, i) => boundOf(bounds[i]!, to) <= limit)) return bounds;
  }
  throw new TrainingDataError(
    `A, B: expected products of entries of at most ${CENTRED_MAX}, got larger ones; take fewer fraction bits`,
  );
}
