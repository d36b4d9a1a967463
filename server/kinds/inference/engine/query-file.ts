/** Queries that are too large to be held: rows are read from their file, by whichever thread wants them, as they are wanted. */
import { closeSync, openSync } from "node:fs";
import type { QueryNumbers } from "../../../../shared/coding/query-numbers.ts";
import type { PartRange } from "../../../../shared/kinds/inference/parts.ts";
import { readWhole } from "../../../read-whole.ts";

/** A `.npy` file of rows, little-endian and row by row, whose numbers were looked at when it came. */
export interface QueryFile {
  readonly path: string;
  /** The first byte of its numbers. */
  readonly dataStart: number;
  readonly dtype: "U8" | "U16" | "F32";
  /** Numbers in all. */
  readonly length: number;
}

const BYTES: Readonly<Record<QueryFile["dtype"], number>> = { U8: 1, U16: 2, F32: 4 };

export function isQueryFile(values: QueryNumbers | QueryFile): values is QueryFile {
  return "path" in values;
}

export function numberBytesOf({ dtype }: QueryFile): number {
  return BYTES[dtype];
}

/** [CE10] A range of them, where they lie. @param width numbers of a row */
export function rowsAlone<Values extends QueryNumbers | QueryFile>(
  values: Values,
  width: number,
  { firstQuery, queryCount }: PartRange,
): Values {
  if (!isQueryFile(values)) return values.subarray(firstQuery * width, (firstQuery + queryCount) * width) as Values;
  const dataStart = values.dataStart + firstQuery * width * numberBytesOf(values);
  return { ...values, dataStart, length: queryCount * width };
}

/**
 * Copies of rows, one after the other. Rows that follow each other are read together.
 * @param width numbers of a row
 * @throws Error where the file is gone or too short
 */
export function readFileRows(file: QueryFile, width: number, rows: Uint32Array): QueryNumbers {
  const bytes = new Uint8Array(rows.length * width * BYTES[file.dtype]);
  readFileRowsInto(bytes, file, width, rows);
  return numbersOf(file.dtype, bytes);
}

/** The same, as bytes. @param bytes room for all of them */
export function readFileRowsInto(
  bytes: Uint8Array,
  { path, dataStart, dtype }: QueryFile,
  width: number,
  rows: Uint32Array,
): void {
  const rowBytes = width * BYTES[dtype];
  // Opened for each reading: a few microseconds, and nothing that has to be let go when its job ends.
  const file = openSync(path, "r");
  try {
    for (let first = 0; first < rows.length; ) {
      let end = first + 1;
      while (end < rows.length && rows[end] === rows[end - 1]! + 1) end++;
      readWhole(file, bytes.subarray(first * rowBytes, end * rowBytes), dataStart + rows[first]! * rowBytes);
      first = end;
    }
  } finally {
    closeSync(file);
  }
}

function numbersOf(dtype: QueryFile["dtype"], { buffer }: Uint8Array<ArrayBuffer>): QueryNumbers {
  if (dtype === "U8") return new Uint8Array(buffer);
  return dtype === "U16" ? new Uint16Array(buffer) : new Float32Array(buffer);
}
