/**
 * The secrets of Freivalds checks, in the memory of one numerics thread alone: no method returns a key, and nothing of it is
 * ever logged. One secret serves all shards of a product and generation, so the key of a tab that joins is combined from the
 * blocks' keys without touching its shard.
 */
import type { FieldKernels } from "../../../shared/compute/field/field-kernels.ts";
import { MODULUS } from "../../../shared/field/modulus.ts";
import { randomResidues } from "../../../shared/field/random-residues.ts";
import type { RandomSource } from "../../../shared/random/random.ts";
import { combineKeys, type VerificationKey, verifyWithAll } from "../../../shared/verify/freivalds.ts";
import type { BlockShape } from "./blocks.ts";

export class KeyVault {
  /** keyCount x (K+T) */
  readonly #blockKeys: VerificationKey[][] = [];
  readonly #shardKeys = new Map<number, VerificationKey[]>();

  /**
   * @param blocks K blocks, then T masks
   * @param random cryptographic
   */
  async draw(
    kernels: FieldKernels,
    blocks: readonly Uint32Array[],
    { height, columns }: BlockShape,
    keyCount: number,
    random: RandomSource,
  ): Promise<void> {
    const secrets = Array.from({ length: keyCount }, () => randomResidues(height, MODULUS, random));
    for (let l = 0; l < keyCount; l++) this.#blockKeys.push([]);
    for (const block of blocks) {
      const matrix = kernels.loadMatrix(block, height, columns);
      try {
        for (const [l, secret] of secrets.entries()) {
          this.#blockKeys[l]!.push({ secret, product: await matrix.vecMat(secret) });
        }
      } finally {
        matrix.dispose();
      }
    }
  }

  /**
   * The joint verdict of all keys.
   * @param encodeRow of that shard
   * @param vector what was broadcast, columns x width
   * @param result what came back, height x width
   */
  verify(shardIndex: number, encodeRow: Uint32Array, vector: Uint32Array, result: Uint32Array): boolean {
    let keys = this.#shardKeys.get(shardIndex);
    if (keys === undefined) {
      keys = this.#blockKeys.map((blockKeys) => combineKeys(encodeRow, blockKeys, MODULUS));
      this.#shardKeys.set(shardIndex, keys);
    }
    return verifyWithAll(keys, vector, result, MODULUS);
  }
}
