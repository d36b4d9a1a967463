/**
 * The same fixed-point training on one machine, without field, code or crowd: what a coded run must equal bit for bit. Every
 * product is a sum of whole numbers in Float64, exact as long as it stays below 2^53; that no sum leaves the field's range is
 * checked here, not assumed.
 */

import type { EngineJob } from "../../../server/coded/engine/kind-numerics.ts";
import { type Broadcast, quantizeBroadcast } from "../../../server/kinds/regression/engine/broadcast.ts";
import { joinLimbs } from "../../../server/kinds/regression/engine/features.ts";
import { link } from "../../../server/kinds/regression/engine/link.ts";
import { descend, type OptimizerSettings, zeroWeights } from "../../../server/kinds/regression/engine/optimizer.ts";
import { prepareTraining } from "../../../server/kinds/regression/engine/prepare-training.ts";
import { numericsOf } from "../../../server/kinds/regression/engine/regression-engine.ts";
import type { Rounding } from "../../../server/kinds/regression/engine/rounding.ts";
import type { FeatureSource } from "../../../server/kinds/regression/engine/survey.ts";
import { type ModelKind, targetsOf } from "../../../server/kinds/regression/engine/targets.ts";
import { matrixProduct } from "../../../shared/field/products.ts";
import { REGRESSION_CLASSES_MAX } from "../../../shared/kinds/regression/limits.ts";

const Q = 2 ** 31 - 1;
const signed = (residue: number) => (residue > Q / 2 ? residue - Q : residue);

export interface ReferenceJob {
  readonly kind: ModelKind;
  readonly features: FeatureSource;
  readonly labels: ArrayLike<number>;
  /** null: as jobs of before were rounded. */
  readonly rounding: Rounding | null;
  readonly optimizer: OptimizerSettings;
}

/** @returns the weights after so many iterations, d x C */
export function trainOnOneMachine(
  job: ReferenceJob,
  iterations: number,
  onUpdate?: (iteration: number, weights: Float64Array) => void,
): Float64Array {
  const { kind, rounding, optimizer } = job;
  const { quantized, transposed, targets: prepared, chunks } = prepareTraining(job);
  const { classes, values: targets } = prepared;
  const { rows, columns, limbs, limbBits, matrix, scales } = quantized;
  const x = Float64Array.from(matrix, signed);
  const xTransposed = Float64Array.from(transposed, signed);
  const perFeature = (all: Float64Array) => all.map((value, i) => value / scales[Math.floor(i / classes)]!);

  let weights = zeroWeights(columns * classes);
  for (let iteration = 1; iteration <= iterations; iteration++) {
    const out = quantizeBroadcast(
      perFeature(weights.lookahead),
      columns,
      classes,
      chunks.forward,
      rounding?.forward.limbs,
    );
    const z = joinLimbs(product(x, limbs * rows, columns, out, classes), limbs, limbBits);
    const { residuals } = link(kind, z, targets, classes);
    const back = quantizeBroadcast(residuals, rows, classes, chunks.backward, rounding?.backward.limbs);
    const sums = joinLimbs(product(xTransposed, limbs * columns, rows, back, classes), limbs, limbBits);
    weights = descend(weights, perFeature(sums), rows, optimizer);
    onUpdate?.(iteration, weights.weights);
  }
  return weights.weights;
}

/** Whatever a job prepares and however it descends, with exact products on one machine. @returns the weights after so many iterations */
export function trainAlone(job: EngineJob, iterations: number): Float64Array {
  const numerics = numericsOf(job);
  const { matrices } = numerics.prepare();
  for (let iteration = 0; iteration < iterations; iteration++) {
    for (const which of ["forward", "backward"] as const) {
      const { residues, rows, columns } = matrices[which]!;
      const vector = numerics.vector(which);
      numerics.take(which, [matrixProduct(residues, rows, columns, vector.residues, vector.width, Q)]);
      if (which === "forward") numerics.link();
      else numerics.update();
    }
  }
  return numerics.checkpoint().weights!;
}

/** matrix (rows x length) times thin (length x width), dequantized, chunks and limbs added in order: rows x C */
function product(
  matrix: Float64Array,
  rows: number,
  length: number,
  { residues: thin, width, scales }: Broadcast,
  classes: number,
): Float64Array {
  const out = new Float64Array(rows * classes);
  const columnsOfThin = Array.from({ length: width }, (_, w) =>
    Float64Array.from({ length }, (_, i) => signed(thin[i * width + w]!)),
  );
  for (let r = 0; r < rows; r++) {
    const row = matrix.subarray(r * length, (r + 1) * length);
    columnsOfThin.forEach((column, w) => {
      let sum = 0;
      for (let i = 0; i < length; i++) sum += row[i]! * column[i]!;
      if (Math.abs(sum) > (Q - 1) / 2) throw new Error(`reference: a sum of ${sum} leaves the field's range`);
      out[r * classes + (w % classes)]! += sum / scales[Math.floor(w / classes)]!;
    });
  }
  return out;
}

/** Plain descent in Float64, no fixed point anywhere: what rounding is measured against. @returns d x C */
export function trainInFloat64({ kind, features, labels, optimizer }: ReferenceJob, iterations: number): Float64Array {
  const { classes, values: targets } = targetsOf(kind, labels, REGRESSION_CLASSES_MAX);
  const { values, rows, columns, inputScale } = features;
  let weights = zeroWeights(columns * classes);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const z = new Float64Array(rows * classes);
    for (let r = 0; r < rows; r++) {
      for (let j = 0; j < columns; j++) {
        const x = values[r * columns + j]! * inputScale;
        for (let c = 0; c < classes; c++) z[r * classes + c]! += x * weights.lookahead[j * classes + c]!;
      }
    }
    const { residuals } = link(kind, z, targets, classes);
    const sums = new Float64Array(columns * classes);
    for (let r = 0; r < rows; r++) {
      for (let j = 0; j < columns; j++) {
        const x = values[r * columns + j]! * inputScale;
        for (let c = 0; c < classes; c++) sums[j * classes + c]! += x * residuals[r * classes + c]!;
      }
    }
    weights = descend(weights, sums, rows, optimizer);
  }
  return weights.weights;
}
