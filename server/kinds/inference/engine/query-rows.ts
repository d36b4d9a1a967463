/** Rows of a job's queries, as they are stored, as they travel, and as models take them. */

import type { QueryNumbers } from "../../../../shared/coding/query-numbers.ts";
import type { ModelInput } from "../../../../shared/compute/model-runtime.ts";
import { scaleBytes } from "../../../../shared/kinds/inference/batch-rows.ts";
import { fromHalf, toHalf } from "../../../../shared/protocol/half-floats.ts";
import { isWhole, sizeOfInput } from "../whole-numbers.ts";
import { isQueryFile, numberBytesOf, readFileRows, readFileRowsInto } from "./query-file.ts";
import type { QuerySource } from "./query-source.ts";

/** Rows of the job's queries as float32, scaled as tabs scale them (batch-rows.ts): |rows| x D. */
export function gatherRows(source: QuerySource, rows: Uint32Array): Float32Array {
  const { scale, inputs } = source;
  const stored = storedRows(source, rows);
  if (inputs !== undefined) return scaledRows(stored, inputs, scale);
  if (stored instanceof Uint8Array) return scaleBytes(stored, scale);
  const gathered = Float32Array.from(stored);
  if (scale !== 1) for (let i = 0; i < gathered.length; i++) gathered[i] = gathered[i]! * scale;
  return gathered;
}

/** Rows as they are stored: |rows| x D. */
export function storedRows({ values, inputSize }: QuerySource, rows: Uint32Array): QueryNumbers {
  return isQueryFile(values) ? readFileRows(values, inputSize, rows) : gatherEntries(values, inputSize, rows);
}

/** The same of queries of bytes, into room that is there: what is read from a file on its way to a tab is copied once. */
export function storedBytesInto(bytes: Uint8Array, { values, inputSize }: QuerySource, rows: Uint32Array): void {
  if (isQueryFile(values)) return readFileRowsInto(bytes, values, inputSize, rows);
  for (const [r, row] of rows.entries())
    bytes.set((values as Uint8Array).subarray(row * inputSize, (row + 1) * inputSize), r * inputSize);
}

/** Rows that follow each other, as they are stored; a view where they are held. */
export function storedWindow({ values, inputSize }: QuerySource, first: number, end: number): QueryNumbers {
  if (!isQueryFile(values)) return values.subarray(first * inputSize, end * inputSize);
  return readFileRows(
    values,
    inputSize,
    Uint32Array.from({ length: end - first }, (_, i) => first + i),
  );
}

/** Is a number of a query a byte? */
export function isOfBytes({ values }: QuerySource): boolean {
  return isQueryFile(values) ? values.dtype === "U8" : values instanceof Uint8Array;
}

/** Of one query, as it is stored. */
export function bytesOfRow({ values, inputSize }: QuerySource): number {
  return inputSize * (isQueryFile(values) ? numberBytesOf(values) : values.BYTES_PER_ELEMENT);
}

/** Bytes of memory that they take. */
export function heldBytesOf({ values }: QuerySource): number {
  return isQueryFile(values) ? 0 : values.byteLength;
}

/** Of whole numbers beside others: these alone are scaled. */
function scaledRows(entries: QueryNumbers, inputs: readonly ModelInput[], scale: number): Float32Array {
  const rows = Float32Array.from(entries);
  if (scale === 1) return rows;
  const sizes = inputs.map(sizeOfInput);
  for (let at = 0; at < rows.length; ) {
    for (const [i, input] of inputs.entries()) {
      const end = at + sizes[i]!;
      if (isWhole(input)) at = end;
      for (; at < end; at++) rows[at] = rows[at]! * scale;
    }
  }
  return rows;
}

/** Rows of a matrix, copied one after the other. */
export function gatherEntries<A extends QueryNumbers>(values: A, width: number, rows: Uint32Array): A {
  const gathered = emptyLike(values, rows.length * width);
  rows.forEach((row, r) => {
    gathered.set(values.subarray(row * width, (row + 1) * width), r * width);
  });
  return gathered;
}

function emptyLike<A extends QueryNumbers>(values: A, length: number): A {
  if (values instanceof Uint8Array) return new Uint8Array(length) as A;
  return (values instanceof Uint16Array ? new Uint16Array(length) : new Float32Array(length)) as A;
}

/** What a tab makes of the halves that it is sent (halvesOf), in place. */
export function roundToHalf(rows: Float32Array, scale: number): void {
  for (let i = 0; i < rows.length; i++) rows[i] = fromHalf(toHalf(rows[i]! / scale)) * scale;
}

/**
 * Rounded rows as the halves that they were made of: the float32 product differs from half * scale by 2^-24 of it, and a
 * half has 11 bits, so that dividing and rounding again finds it.
 */
export function halvesOf(rounded: Float32Array, scale: number): Uint16Array {
  const halves = new Uint16Array(rounded.length);
  for (let i = 0; i < rounded.length; i++) halves[i] = toHalf(rounded[i]! / scale);
  return halves;
}
