/**
 * One generation of a job's code over its data: blocks of X and X^T, masks, shards, keys. Masks and keys stay inside; shards
 * go to the volunteers that they are meant for, one index each.
 */
import { LagrangeCode } from "../../../shared/coding/lagrange-code.ts";
import type { FieldKernels } from "../../../shared/compute/field/field-kernels.ts";
import { MODULUS } from "../../../shared/field/modulus.ts";
import type { RandomSource } from "../../../shared/random/random.ts";
import { KEY_COUNT } from "../../../shared/verify/freivalds.ts";
import type { CodeReference } from "../core/run-effects.ts";
import type { RunPlan } from "../core/run-plan.ts";
import { PRODUCT_DEGREE } from "../core/run-plan.ts";
import { type BlockShape, blocksOf } from "./blocks.ts";
import {
  type Decoded,
  decodeBelieving,
  decodeByCorrecting,
  decodeByVotes,
  type ShardResult,
} from "./decode-results.ts";
import { encodeBlocks } from "./encode-blocks.ts";
import { KeyVault } from "./key-vault.ts";

/** One matrix under one code. */
export class CodedMatrix {
  readonly shape: BlockShape;
  readonly #plan: RunPlan;
  readonly #blockCount: number;
  readonly #kernels: FieldKernels;
  readonly #random: RandomSource;
  /** K blocks, then T masks. */
  readonly #blocks: readonly Uint32Array[];
  /** null: shards are copies of blocks. */
  readonly #code: LagrangeCode | null;
  readonly #vault = new KeyVault();

  /** @param random cryptographic: masks, keys and projections come from it, fresh for each matrix and generation */
  constructor(
    plan: RunPlan,
    reference: CodeReference,
    matrix: { residues: Uint32Array; rows: number; columns: number },
    kernels: FieldKernels,
    random: RandomSource,
  ) {
    const { blockCount, maskCount } = reference;
    const { blocks, shape } = blocksOf(matrix.residues, matrix.rows, matrix.columns, blockCount);
    this.shape = shape;
    this.#plan = plan;
    this.#blockCount = blockCount;
    this.#kernels = kernels;
    this.#random = random;
    this.#code = plan.holdsCopies
      ? null
      : new LagrangeCode({
          blockCount,
          maskCount,
          workerCount: plan.shardCount,
          degree: PRODUCT_DEGREE,
          modulus: MODULUS,
        });
    this.#blocks = [...blocks, ...(this.#code?.drawMasks(blocks[0]!.length, random) ?? [])];
  }

  /** Once, before anything is verified. */
  async drawKeys(): Promise<void> {
    if (!this.#plan.isVerified) return;
    await this.#vault.draw(this.#kernels, this.#blocks, this.shape, KEY_COUNT, this.#random);
  }

  /** height x columns each. Plain blocks are views of the data, not copies. */
  async shards(shardIndices: readonly number[]): Promise<Uint32Array[]> {
    const code = this.#code;
    if (code === null) return shardIndices.map((index) => this.#blocks[index % this.#blockCount]!);
    const isMixture = (index: number) => code.options.maskCount > 0 || index >= this.#blockCount;
    const mixtures = shardIndices.filter(isMixture);
    const encoded = await encodeBlocks(
      this.#kernels,
      mixtures.map((index) => code.encodeRow(index)),
      this.#blocks,
    );
    return shardIndices.map((index) => (isMixture(index) ? encoded[mixtures.indexOf(index)]! : this.#blocks[index]!));
  }

  /** Never false for a right result; true for a wrong one with probability q^-t. */
  verify(shardIndex: number, vector: Uint32Array, result: Uint32Array): boolean {
    if (this.#code === null || !this.#plan.isVerified) return true;
    return this.#vault.verify(shardIndex, this.#code.encodeRow(shardIndex), vector, result);
  }

  /** @param believes wrong results are not looked for */
  decode(results: readonly ShardResult[], believes: boolean): Decoded {
    if (this.#code === null) return decodeByVotes(this.#blockCount, results, this.#plan.votesNeeded);
    if (this.#plan.verification === "reed-solomon" && !believes)
      return decodeByCorrecting(this.#code, results, this.#random);
    return decodeBelieving(this.#code, results);
  }
}
