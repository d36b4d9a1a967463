/** From what a submitter uploaded to what training works with: checked, quantized, transposed; done once. */

import { CODED_DATA_BYTES_MAX } from "../../../../shared/coded/limits.ts";
import { REGRESSION_CLASSES_MAX } from "../../../../shared/kinds/regression/limits.ts";
import type { RunProduct } from "../../../coded/core/run-events.ts";
import { DataError } from "../../../coded/engine/data-error.ts";
import { transposeMatrix } from "../../../coded/engine/transpose.ts";
import { BITS_LEAST, type ChunkPlan, planChunks } from "./broadcast.ts";
import { type QuantizedFeatures, quantizeFeatures } from "./features.ts";
import { bitsOfLimb, type Rounding } from "./rounding.ts";
import type { FeatureSource } from "./survey.ts";
import { type ModelKind, type Targets, targetsOf } from "./targets.ts";

export interface TrainingInput {
  readonly kind: ModelKind;
  readonly features: FeatureSource;
  readonly labels: ArrayLike<number>;
  /** null: as jobs of before were rounded. */
  readonly rounding: Rounding | null;
  /** Rows that are not trained on; the coordinator evaluates them itself. */
  readonly validation?: { readonly features: FeatureSource; readonly labels: ArrayLike<number> };
}

/** X as it is coded. */
export interface CodedFeatures {
  readonly quantized: QuantizedFeatures;
  /** limbs x columns x rows residues */
  readonly transposed: Uint32Array;
  readonly chunks: Readonly<Record<RunProduct, ChunkPlan>>;
}

export interface PreparedTraining extends CodedFeatures {
  readonly targets: Targets;
  readonly validationTargets: Float64Array | null;
}

/** @throws DataError, with words for the submitter */
export function prepareTraining({ kind, features, labels, rounding, validation }: TrainingInput): PreparedTraining {
  if (labels.length !== features.rows) {
    throw new DataError(`y: expected ${features.rows} labels, one a row of X, got ${labels.length}`);
  }
  const targets = targetsOf(kind, labels, REGRESSION_CLASSES_MAX);
  const coded = codeFeatures(features, rounding);
  const columns = features.columns;
  return {
    ...coded,
    targets,
    validationTargets: validation === undefined ? null : validationTargets(kind, targets, columns, validation),
  };
}

/** @throws DataError where it is too large, or a number is not finite */
export function codeFeatures(features: FeatureSource, rounding: Rounding | null): CodedFeatures {
  const bytes = 4 * features.values.length * (rounding?.featureLimbs ?? 1);
  if (bytes > CODED_DATA_BYTES_MAX) {
    throw new DataError(`X: expected at most ${CODED_DATA_BYTES_MAX} bytes at 4 an entry, got ${bytes}`);
  }
  const quantized = quantizeFeatures(features, rounding);
  const { rows, columns, matrix, limbs } = quantized;
  const byLimb = (all: Uint32Array) =>
    Array.from({ length: limbs }, (_, limb) => all.subarray(limb * rows * columns, (limb + 1) * rows * columns));
  const transposed = new Uint32Array(matrix.length);
  byLimb(matrix).forEach((one, limb) => {
    transposed.set(transposeMatrix(one, rows, columns), limb * rows * columns);
  });
  const bitsOf = (product: RunProduct) =>
    rounding === null ? BITS_LEAST : bitsOfLimb(rounding.vectorBits, rounding[product].limbs);
  return {
    quantized,
    transposed,
    chunks: {
      forward: planChunks(byLimb(transposed), columns, rows, bitsOf("forward")),
      backward: planChunks(byLimb(matrix), rows, columns, bitsOf("backward")),
    },
  };
}

/** Held-out labels must be ones that training knows. */
function validationTargets(
  kind: ModelKind,
  { labelOfClass, classes }: Targets,
  columns: number,
  { features, labels }: NonNullable<TrainingInput["validation"]>,
): Float64Array {
  if (labels.length !== features.rows || features.columns !== columns) {
    throw new DataError(
      `validation: expected a label a row and ${columns} columns, got ${labels.length} labels for ${features.rows} x ${features.columns}`,
    );
  }
  if (kind === "linear") return targetsOf(kind, labels, 1).values;
  const values = new Float64Array(labels.length * classes);
  for (let row = 0; row < labels.length; row++) {
    const index = labelOfClass.indexOf(labels[row]!);
    if (index < 0) throw new DataError(`validation: expected labels of the training rows, got ${labels[row]}`);
    if (kind === "logistic") values[row] = index;
    else values[row * classes + index] = 1;
  }
  return values;
}
