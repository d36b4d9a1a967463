/** From uploaded `.npy` files to the rows that are trained on and those that are held out. */
import { type NpyArray, parseNpy } from "../../../../shared/protocol/npy.ts";
import { shuffle, simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { DataError } from "../../../coded/engine/data-error.ts";
import { numberTableOf, plainNumbers, type TableValues } from "../../../coded/engine/number-table.ts";
import { labelsProblem } from "../labels-of-rows.ts";
import type { TrainingInput } from "./prepare-training.ts";
import type { Rounding } from "./rounding.ts";
import type { FeatureSource } from "./survey.ts";
import type { ModelKind } from "./targets.ts";

export interface TrainingFiles {
  readonly kind: ModelKind;
  /** X: rows x columns */
  readonly featuresNpy: Uint8Array;
  /** y: rows, or rows x 1 */
  readonly labelsNpy: Uint8Array;
  /** x = entry * inputScale */
  readonly inputScale: number;
  /** null: as jobs of before were rounded. */
  readonly rounding: Rounding | null;
  /** Share of the rows that is held out, and what draws them. */
  readonly validationShare: number;
  readonly splitSeed: number;
}

/** @throws DataError or NpyError, with words for the submitter */
export function trainingInput(files: TrainingFiles): TrainingInput {
  const features = featuresOf(parseNpy(files.featuresNpy), files.inputScale);
  const labels = labelsOf(parseNpy(files.labelsNpy), features.rows);
  const heldOutCount = Math.floor(features.rows * files.validationShare);
  const { kind, rounding } = files;
  if (heldOutCount === 0) return { kind, features, labels, rounding };
  const order = shuffle(
    Uint32Array.from({ length: features.rows }, (_, row) => row),
    simulationRandom(files.splitSeed),
  );
  // In the order of the upload, so that neighbours stay neighbours in memory.
  const heldOut = order.slice(0, heldOutCount).sort();
  const trained = order.slice(heldOutCount).sort();
  return {
    kind,
    features: rowsOf(features, trained),
    labels: pick(labels, trained),
    rounding,
    validation: { features: rowsOf(features, heldOut), labels: pick(labels, heldOut) },
  };
}

/** @throws DataError unless it is a table of numbers */
export function featuresOf(npy: NpyArray, inputScale: number): FeatureSource {
  return { ...numberTableOf("X", npy), inputScale };
}

/** @throws DataError unless there is one number a row */
export function labelsOf({ dtype, shape, data }: NpyArray, rows: number): Float64Array {
  const wrong = labelsProblem([rows], shape);
  if (wrong !== null) throw new DataError(`y: ${wrong}`);
  return Float64Array.from(plainNumbers("y", dtype, data));
}

function rowsOf({ values, columns, inputScale }: FeatureSource, rows: Uint32Array): FeatureSource {
  const chosen = new (values.constructor as new (length: number) => TableValues)(rows.length * columns);
  rows.forEach((row, i) => {
    chosen.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return { values: chosen, rows: rows.length, columns, inputScale };
}

function pick(values: Float64Array, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row]!);
}
