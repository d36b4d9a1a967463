/** From uploaded `.npy` files to the rows that are trained on and those that are held out, or to matrices to multiply. */
import { type NpyArray, parseNpy } from "../../../../shared/protocol/npy.ts";
import { shuffle, simulationRandom } from "../../../../shared/random/simulation-random.ts";
import type { FeatureSource, FeatureValues } from "./features.ts";
import type { TrainingInput } from "./prepare-training.ts";
import { type ModelKind, TrainingDataError } from "./targets.ts";

export interface TrainingFiles {
  readonly kind: ModelKind;
  /** X: rows x columns */
  readonly featuresNpy: Uint8Array;
  /** y: rows, or rows x 1 */
  readonly labelsNpy: Uint8Array;
  /** x = entry * inputScale */
  readonly inputScale: number;
  /** Share of the rows that is held out, and what draws them. */
  readonly validationShare: number;
  readonly splitSeed: number;
}

/** @throws TrainingDataError or NpyError, with words for the submitter */
export function trainingInput(files: TrainingFiles): TrainingInput {
  const features = featuresOf(parseNpy(files.featuresNpy), files.inputScale);
  const labels = labelsOf(parseNpy(files.labelsNpy), features.rows);
  const heldOutCount = Math.floor(features.rows * files.validationShare);
  const { kind } = files;
  if (heldOutCount === 0) return { kind, features, labels };
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
    validation: { features: rowsOf(features, heldOut), labels: pick(labels, heldOut) },
  };
}

export interface MatrixFiles {
  /** A: rows x inner */
  readonly leftNpy: Uint8Array;
  /** B: inner x columns */
  readonly rightNpy: Uint8Array;
  readonly leftFractionBits: number;
  readonly rightFractionBits: number;
  readonly sliceColumns: number;
}

/** @throws TrainingDataError or NpyError, with words for the submitter */
export function matmulInput({ leftNpy, rightNpy, leftFractionBits, rightFractionBits, sliceColumns }: MatrixFiles) {
  const left = tableOf("A", parseNpy(leftNpy), 1);
  const right = tableOf("B", parseNpy(rightNpy), 1);
  return { left, right, leftFractionBits, rightFractionBits, sliceColumns };
}

/** @throws TrainingDataError unless it is a table of numbers */
export function featuresOf(npy: NpyArray, inputScale: number): FeatureSource {
  return tableOf("X", npy, inputScale);
}

export function tableOf(name: string, { dtype, shape, data }: NpyArray, inputScale: number): FeatureSource {
  const [rows, columns] = shape;
  if (shape.length !== 2 || rows === undefined || columns === undefined || rows < 1 || columns < 1) {
    throw new TrainingDataError(`${name}: expected shape (rows, columns), got (${shape.join(", ")})`);
  }
  return { values: plainNumbers(name, dtype, data), rows, columns, inputScale };
}

/** @throws TrainingDataError unless there is one number a row */
export function labelsOf({ dtype, shape, data }: NpyArray, rows: number): Float64Array {
  const isColumn = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  if (!isColumn || shape[0] !== rows) {
    throw new TrainingDataError(`y: expected shape (${rows},), one number a row of X, got (${shape.join(", ")})`);
  }
  return Float64Array.from(plainNumbers("y", dtype, data));
}

function plainNumbers(name: string, dtype: string, data: NpyArray["data"]): FeatureValues {
  if (data instanceof BigInt64Array) {
    const wide = data.findIndex((value) => value !== BigInt(Number(value)));
    if (wide >= 0) throw new TrainingDataError(`${name}: expected whole numbers below 2^53, got ${data[wide]}`);
    return Float64Array.from(data, Number);
  }
  // Every unsigned 32-bit number is a Float64.
  if (data instanceof Uint32Array) return Float64Array.from(data);
  if (
    data instanceof Float32Array ||
    data instanceof Float64Array ||
    data instanceof Uint8Array ||
    data instanceof Uint16Array ||
    data instanceof Int32Array
  ) {
    return data;
  }
  throw new TrainingDataError(`${name}: expected numbers, got dtype ${dtype}`);
}

function rowsOf({ values, columns, inputScale }: FeatureSource, rows: Uint32Array): FeatureSource {
  const chosen = new (values.constructor as new (length: number) => FeatureValues)(rows.length * columns);
  rows.forEach((row, i) => {
    chosen.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return { values: chosen, rows: rows.length, columns, inputScale };
}

function pick(values: Float64Array, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row]!);
}
