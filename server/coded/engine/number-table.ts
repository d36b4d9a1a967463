/** A table of numbers as somebody uploaded it. */
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import { DataError } from "./data-error.ts";

export type TableValues = Float32Array | Float64Array | Uint8Array | Uint16Array | Int16Array | Int32Array;

export interface NumberTable {
  /** rows x columns, row-major */
  readonly values: TableValues;
  readonly rows: number;
  readonly columns: number;
}

/**
 * @param name what the submitter calls it, for the message
 * @throws DataError unless it is a table of numbers
 */
export function numberTableOf(name: string, { dtype, shape, data }: NpyArray): NumberTable {
  const [rows, columns] = shape;
  if (shape.length !== 2 || rows === undefined || columns === undefined || rows < 1 || columns < 1) {
    throw new DataError(`${name}: expected shape (rows, columns), got (${shape.join(", ")})`);
  }
  return { values: plainNumbers(name, dtype, data), rows, columns };
}

/** @throws DataError where an entry is no number that Float64 holds */
export function plainNumbers(name: string, dtype: string, data: NpyArray["data"]): TableValues {
  if (data instanceof BigInt64Array) {
    const wide = data.findIndex((value) => value !== BigInt(Number(value)));
    if (wide >= 0) throw new DataError(`${name}: expected whole numbers below 2^53, got ${data[wide]}`);
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
  throw new DataError(`${name}: expected numbers, got dtype ${dtype}`);
}
