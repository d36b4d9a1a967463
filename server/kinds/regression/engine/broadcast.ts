/**
 * What goes out to all tabs: weights or residuals as residues, so fine as the Cauchy-Schwarz bound allows; and what comes
 * back, as real numbers. Where one sum would leave a vector too few bits, it is cut in chunks: chunk k has columns of its own,
 * zero outside of its rows, with its own scale, and chunks are added in Float64. Where one number has too few bits still, it is cut
 * in limbs: each further limb is what the ones before have rounded away, in columns of its own, with a finer scale.
 */
import { centredOf, MODULUS } from "../../../../shared/field/modulus.ts";
import { largestColumnNorm } from "../../../../shared/field/norms.ts";
import { quantizeSafely, rowChunks } from "../../../../shared/field/safe-scale.ts";

/** Bits that each entry of a broadcast has at least, in the root mean square of the worst case (MATH: 8 to 10 suffice). */
export const BITS_LEAST = 7;

/** How one product's inner sums are cut, and what each part is bounded by. */
export interface ChunkPlan {
  /** Where chunks begin, and at last the length of a sum. */
  readonly bounds: readonly number[];
  /** R of each chunk: the largest norm of what the vector is multiplied with, within the chunk. */
  readonly norms: readonly number[];
}

export interface Broadcast {
  /** length x width residues, width = chunks x limbs x C; column (k limbs + l) C + c is class c of limb l of chunk k */
  readonly residues: Uint32Array;
  readonly width: number;
  /** One a limb of a chunk */
  readonly scales: readonly number[];
}

/**
 * @param limbs of the matrix, length x others residues each: column i holds the terms of the i-th inner product (X for X^T R, X^T
 *   for X W)
 * @throws FieldError where even single terms are too coarse
 */
export function planChunks(
  limbs: readonly Uint32Array[],
  length: number,
  others: number,
  bitsLeast: number,
): ChunkPlan {
  // Each limb's chunks are halves of halves: what is fine enough for the one that needs most is so for all.
  const bounds = limbs
    .map((matrix) => rowChunks(matrix, length, others, bitsLeast, MODULUS))
    .reduce((most, one) => (one.length > most.length ? one : most));
  const norms = bounds
    .slice(1)
    .map((to, k) => Math.max(...limbs.map((one) => largestColumnNorm(one, others, bounds[k]!, to, MODULUS))));
  return { bounds, norms };
}

/**
 * @param values length x C
 * @param limbs of each number
 */
export function quantizeBroadcast(
  values: Float64Array,
  length: number,
  classes: number,
  plan: ChunkPlan,
  limbs = 1,
): Broadcast {
  const chunkCount = plan.norms.length;
  const width = chunkCount * limbs * classes;
  const scales: number[] = [];
  if (chunkCount * limbs === 1) {
    const { residues, scale } = quantizeSafely(values, length, classes, plan.norms[0]!, MODULUS);
    return { residues, width, scales: [scale] };
  }
  const residues = new Uint32Array(length * width);
  for (let k = 0; k < chunkCount; k++) {
    const [from, to] = [plan.bounds[k]!, plan.bounds[k + 1]!];
    let rest = values.subarray(from * classes, to * classes);
    for (let limb = 0; limb < limbs; limb++) {
      const quantized = quantizeSafely(rest, to - from, classes, plan.norms[k]!, MODULUS);
      const column = scales.push(quantized.scale) - 1;
      for (let i = from; i < to; i++) {
        const row = quantized.residues.subarray((i - from) * classes, (i - from + 1) * classes);
        residues.set(row, i * width + column * classes);
      }
      if (limb < limbs - 1) {
        rest = rest.map((value, i) => value - centredOf(quantized.residues[i]!, MODULUS) / quantized.scale);
      }
    }
  }
  return { residues, width, scales };
}

/**
 * Blocks of decoded residues as one matrix of real numbers; chunks and limbs are added in order, so that it is the same every time.
 * @param blocks each height x width; together at least rowCount rows, the rest is padding
 * @returns rowCount x C
 */
export function joinBlocks(blocks: readonly Uint32Array[], rowCount: number, broadcast: Broadcast): Float64Array {
  const { width, scales } = broadcast;
  const classes = width / scales.length;
  const joined = new Float64Array(rowCount * classes);
  let row = 0;
  for (const block of blocks) {
    for (let at = 0; at < block.length && row < rowCount; at += width, row++) {
      for (let k = 0; k < scales.length; k++) {
        for (let c = 0; c < classes; c++) {
          joined[row * classes + c]! += centredOf(block[at + k * classes + c]!, MODULUS) / scales[k]!;
        }
      }
    }
  }
  return joined;
}
