/**
 * Rounds of a regression done again by whoever has its data: from the arrays of a checkpoint the exact products, the update in Float64,
 * and the digest of the arrays after it. Of codes without masks the products that volunteers sent follow too, and are compared.
 */
import { LagrangeCode } from "../../../../shared/coding/lagrange-code.ts";
import { MODULUS } from "../../../../shared/field/modulus.ts";
import { combineRows, matrixProduct } from "../../../../shared/field/products.ts";
import type { Checkpoint, RoundLine, RoundProduct } from "../../../../shared/receipts/round-lines.ts";
import type { RunProduct } from "../../../coded/core/run-events.ts";
import { PRODUCT_DEGREE, type RunPlan } from "../../../coded/core/run-plan.ts";
import { blocksOf } from "../../../coded/engine/blocks.ts";
import type { NamedArrays, PreparedData } from "../../../coded/engine/kind-numerics.ts";
import { sha256Hex } from "../../../sha256-hex.ts";
import { numericsOf, type RegressionFiles } from "../engine/regression-engine.ts";
import type { TableJob } from "../engine/table/table-numerics.ts";

export interface Recomputed {
  readonly rounds: number;
  /** Products of volunteers that were made again and compared. */
  readonly products: number;
  /** null: everything agrees; else the first thing that does not, in words. */
  readonly problem: string | null;
}

/**
 * @param drawn iterations, from 1 on; those between a checkpoint and a drawn one are done as well
 * @throws DataError where the files are no data of a regression
 */
export function recomputeRounds(
  job: RegressionFiles | TableJob,
  lines: readonly RoundLine[],
  checkpoints: readonly Checkpoint[],
  drawn: readonly number[],
): Recomputed {
  const numerics = numericsOf(job);
  const data = numerics.prepare();
  let [rounds, products] = [0, 0];
  for (const { start, end } of stretchesOf(checkpoints, drawn)) {
    if (start === null) numerics.prepare();
    else numerics.restore({ iteration: start.iteration, arrays: arraysOf(start, lines, numerics.checkpoint()) });
    for (let iteration = (start?.iteration ?? 0) + 1; iteration <= end; iteration++) {
      const line = lines[iteration - 1]!;
      for (const product of ["forward", "backward"] as const) {
        const all = productOf(data, product, numerics.vector(product));
        for (const sent of line.products.filter((one) => one.product === product && one.maskCount === 0)) {
          if (sha256Hex(bytesOf(shardOf(sent, all, job.plan))) !== sent.sha256) {
            const problem = `iteration ${iteration}: the ${product} product of shard ${sent.shardIndex}, of ${sent.volunteerId}, is another`;
            return { rounds, products, problem };
          }
          products++;
        }
        numerics.take(product, [all.residues]);
        if (product === "forward") numerics.link();
        else numerics.update();
      }
      const after = numerics.checkpoint();
      const wrong = line.arrays.find(
        ([name, sha256]) => sha256Hex(bytesOf(after[name] ?? new Float64Array())) !== sha256,
      );
      if (wrong !== undefined)
        return { rounds, products, problem: `iteration ${iteration}: its ${wrong[0]} are others` };
      rounds++;
    }
  }
  return { rounds, products, problem: null };
}

/** From which checkpoint to which iteration; null: from the beginning. */
function stretchesOf(checkpoints: readonly Checkpoint[], drawn: readonly number[]) {
  const ends = new Map<Checkpoint | null, number>();
  for (const iteration of drawn) {
    const start = checkpoints.findLast((one) => one.iteration < iteration) ?? null;
    ends.set(start, Math.max(ends.get(start) ?? 0, iteration));
  }
  return [...ends].map(([start, end]) => ({ start, end }));
}

/** @param alike arrays of the same names and sizes */
function arraysOf(
  { iteration, bytes }: Checkpoint,
  lines: readonly RoundLine[],
  alike: NamedArrays,
): Record<string, Float64Array> {
  const all = new Float64Array(Uint8Array.from(bytes).buffer);
  let at = 0;
  return Object.fromEntries(
    lines[iteration - 1]!.arrays.map(([name]) => {
      const from = at;
      at += alike[name]?.length ?? 0;
      return [name, all.slice(from, at)];
    }),
  );
}

interface Product {
  /** rows x width */
  readonly residues: Uint32Array;
  readonly rows: number;
  readonly width: number;
}

function productOf(
  { matrices }: PreparedData,
  product: RunProduct,
  { residues, width }: { readonly residues: Uint32Array; readonly width: number },
): Product {
  const matrix = matrices[product];
  if (matrix === undefined)
    throw new Error(`recomputeRounds: expected a kind with a ${product} product, got one without`);
  const { rows, columns } = matrix;
  return { residues: matrixProduct(matrix.residues, rows, columns, residues, width, MODULUS), rows, width };
}

/** What the shard of a code without masks gives: products are linear, so it is the same mixture of the blocks' products. */
function shardOf(
  { blockCount, shardIndex }: RoundProduct,
  { residues, rows, width }: Product,
  plan: RunPlan,
): Uint32Array {
  const { blocks } = blocksOf(residues, rows, width, blockCount);
  if (plan.holdsCopies) return blocks[shardIndex % blockCount]!;
  const code = new LagrangeCode({
    ...{ blockCount, maskCount: 0, workerCount: plan.shardCount },
    ...{ degree: PRODUCT_DEGREE, modulus: MODULUS },
  });
  return combineRows(code.encodeRow(shardIndex), blocks, blocks[0]!.length, MODULUS);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
