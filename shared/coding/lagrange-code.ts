/** A Lagrange code over blocks of residues: encode, and decode from any recovery threshold of right results. */
import { combineRows } from "../field/products.ts";
import { type ResidueSource, randomResidues } from "../field/random-residues.ts";
import { checkArrived } from "./arrivals.ts";
import { DECODE_MATRICES_HELD_MAX } from "./code-limits.ts";
import { CodingError } from "./coding-error.ts";
import { evaluationPointAt, lagrangeMatrix, lagrangePoints } from "./lagrange.ts";
import { recoveryThreshold } from "./lagrange-thresholds.ts";

export interface LagrangeCodeOptions {
  /** K */
  readonly blockCount: number;
  /** T */
  readonly maskCount: number;
  /** N, how many have shards at first; more may join. */
  readonly workerCount: number;
  /** Total degree of the kernel in the coded block; 1 for a matrix product. */
  readonly degree: number;
  readonly modulus: number;
}

/**
 * @example
 * const code = new LagrangeCode({ blockCount: 2, maskCount: 0, workerCount: 3, degree: 1, modulus: 7 });
 * const shards = [0, 1, 2].map((workerIndex) => code.encode(workerIndex, [Uint32Array.of(5), Uint32Array.of(6)]));
 * shards // -> [[5], [6], [0]]
 * code.decode([0, 2], [shards[0], shards[2]]) // -> [[5], [6]]
 */
export class LagrangeCode {
  readonly options: LagrangeCodeOptions;
  /** Right results that suffice: (K+T-1) deg + 1. */
  readonly threshold: number;
  readonly dataPoints: Uint32Array;
  readonly #decodeMatrices = new Map<string, Uint32Array>();

  constructor(options: LagrangeCodeOptions) {
    this.options = options;
    const { blockCount, maskCount, workerCount, degree, modulus } = options;
    this.threshold = recoveryThreshold(blockCount, maskCount, degree);
    this.dataPoints = lagrangePoints(blockCount, maskCount, workerCount).dataPoints;
    if (this.evaluationPoint(workerCount - 1) >= modulus || this.dataPoints.at(-1)! >= modulus) {
      throw new CodingError(`LagrangeCode: expected points below the modulus ${modulus}, got ${workerCount} workers`);
    }
  }

  evaluationPoint(workerIndex: number): number {
    return evaluationPointAt(this.options.blockCount, this.options.maskCount, workerIndex);
  }

  /** K+T residues: shard = sum_j row[j] * (blocks, then masks)[j]. Worker indices from N on are those that joined. */
  encodeRow(workerIndex: number): Uint32Array {
    return lagrangeMatrix([this.evaluationPoint(workerIndex)], this.dataPoints, this.options.modulus);
  }

  /**
   * T masks as long as a block. Every encoding takes fresh ones, X and X^T too: two encodings under the same masks differ
   * by data alone.
   * @param random cryptographic
   */
  drawMasks(blockLength: number, random: ResidueSource): Uint32Array[] {
    const { maskCount, modulus } = this.options;
    return Array.from({ length: maskCount }, () => randomResidues(blockLength, modulus, random));
  }

  /** @param blocksAndMasks K blocks, then T masks, of equal length. @returns the shard of that worker index */
  encode(workerIndex: number, blocksAndMasks: readonly Uint32Array[]): Uint32Array {
    const { length } = blocksAndMasks[0] ?? [];
    if (blocksAndMasks.length !== this.dataPoints.length || length === undefined) {
      throw new CodingError(
        `encode: expected ${this.dataPoints.length} blocks and masks, got ${blocksAndMasks.length}`,
      );
    }
    return combineRows(this.encodeRow(workerIndex), blocksAndMasks, length, this.options.modulus);
  }

  /**
   * K x threshold: block results from the first `threshold` of the results. Worked out once per set of arrivals.
   * @param arrived at least `threshold` strictly increasing worker indices; only the first `threshold` are used
   */
  decodeMatrix(arrived: readonly number[]): Uint32Array {
    const used = this.#usedOf(arrived);
    const key = used.join();
    const held = this.#decodeMatrices.get(key);
    if (held !== undefined) return held;
    const nodes = used.map((workerIndex) => this.evaluationPoint(workerIndex));
    const { blockCount, modulus } = this.options;
    const matrix = lagrangeMatrix(this.dataPoints.subarray(0, blockCount), nodes, modulus);
    if (this.#decodeMatrices.size === DECODE_MATRICES_HELD_MAX) {
      this.#decodeMatrices.delete(this.#decodeMatrices.keys().next().value!);
    }
    this.#decodeMatrices.set(key, matrix);
    return matrix;
  }

  /**
   * Exact, if the first `threshold` results are right: erasure decoding believes what it is given.
   * @param arrived strictly increasing worker indices, at least `threshold`
   * @param results results[r] is what worker index arrived[r] returned; equal lengths
   * @returns K results, one a block
   * @throws CodingError where there are too few, or they do not belong together
   */
  decode(arrived: readonly number[], results: readonly Uint32Array[]): Uint32Array[] {
    if (results.length !== arrived.length) {
      throw new CodingError(`decode: expected ${arrived.length} results, got ${results.length}`);
    }
    const matrix = this.decodeMatrix(arrived);
    const used = results.slice(0, this.threshold);
    return Array.from({ length: this.options.blockCount }, (_, j) => {
      const row = matrix.subarray(j * this.threshold, (j + 1) * this.threshold);
      return combineRows(row, used, used[0]!.length, this.options.modulus);
    });
  }

  #usedOf(arrived: readonly number[]): readonly number[] {
    checkArrived("decode", arrived, this.options.modulus);
    if (arrived.length < this.threshold) {
      throw new CodingError(`decode: expected at least ${this.threshold} results, got ${arrived.length}`);
    }
    return arrived.slice(0, this.threshold);
  }
}
