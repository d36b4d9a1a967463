/** Rows of a job's queries, as they are stored, as they travel, and as models take them. */

import { scaleBytes } from "../../../../shared/kinds/inference/batch-rows.ts";
import { fromHalf, toHalf } from "../../../../shared/protocol/half-floats.ts";
import type { QuerySource } from "./query-source.ts";

/** Rows of the job's queries as float32, scaled as tabs scale them (batch-rows.ts): |rows| x D. */
export function gatherRows(source: QuerySource, rows: Uint32Array): Float32Array {
  const { values, inputSize, scale } = source;
  if (values instanceof Uint8Array) return scaleBytes(gatherEntries(values, inputSize, rows), scale);
  const gathered = gatherEntries(values, inputSize, rows);
  if (scale !== 1) for (let i = 0; i < gathered.length; i++) gathered[i] = gathered[i]! * scale;
  return gathered;
}

/** Rows of a matrix, copied one after the other. */
export function gatherEntries<A extends Float32Array | Uint8Array>(values: A, width: number, rows: Uint32Array): A {
  const length = rows.length * width;
  const gathered = (values instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length)) as A;
  rows.forEach((row, r) => {
    gathered.set(values.subarray(row * width, (row + 1) * width), r * width);
  });
  return gathered;
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
