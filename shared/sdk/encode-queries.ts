/** Queries of a stream as the body of a POST: a `.npy` file. */
import { encodeNpy } from "../protocol/npy.ts";

/** A query, copied when it was pushed: whoever pushed it may use its array again. */
export type Query = Float32Array | Uint8Array;

/** @param asBytes where a query of whole numbers from 0 to 255 travels as bytes */
export function copied(numbers: ArrayLike<number>, asBytes: boolean): Query {
  if (numbers instanceof Uint8Array) return numbers.slice();
  const isBytes =
    asBytes && Array.from(numbers).every((value) => Number.isInteger(value) && value >= 0 && value <= 255);
  return isBytes ? Uint8Array.from(numbers) : Float32Array.from(numbers);
}

/** @param queries at least one; all of one length, and all bytes or none */
export function encodeQueries(queries: readonly Query[]): Uint8Array<ArrayBuffer> {
  const width = queries[0]!.length;
  const shape = [queries.length, width];
  const fill = <Data extends Query>(data: Data): Data => {
    for (const [i, query] of queries.entries()) data.set(query, i * width);
    return data;
  };
  const size = queries.length * width;
  const array =
    queries[0] instanceof Uint8Array
      ? ({ dtype: "U8", shape, data: fill(new Uint8Array(size)) } as const)
      : ({ dtype: "F32", shape, data: fill(new Float32Array(size)) } as const);
  return encodeNpy(array) as Uint8Array<ArrayBuffer>;
}
