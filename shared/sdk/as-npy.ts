/** What people have at hand as the bytes of a `.npy` file. */
import { encodeNpy, type NpyArray } from "../protocol/npy.ts";

/**
 * Numbers to send: the bytes of a `.npy` file (Uint8Array or Blob), an array with its shape, rows of numbers (sent as
 * float32), or, for labels, whole numbers (sent as int32).
 */
export type Numbers =
  | Blob
  | Uint8Array<ArrayBuffer>
  | Extract<NpyArray, { dtype: "F32" | "F64" | "U8" | "U16" | "I32" | "U32" }>
  | readonly ArrayLike<number>[]
  | readonly number[];

/** @throws RangeError where rows differ in length, or a label is no whole number */
export function asNpy(numbers: Numbers): Blob | Uint8Array<ArrayBuffer> {
  if (numbers instanceof Blob || numbers instanceof Uint8Array) return numbers;
  if ("dtype" in numbers) return encoded(numbers);
  const [first] = numbers;
  return typeof first === "number"
    ? vector(numbers as readonly number[])
    : matrix(numbers as readonly ArrayLike<number>[]);
}

/** The same, whole in memory. @throws RangeError as asNpy does */
export async function npyBytes(numbers: Numbers): Promise<Uint8Array<ArrayBuffer>> {
  const npy = asNpy(numbers);
  return npy instanceof Blob ? new Uint8Array(await npy.arrayBuffer()) : npy;
}

function vector(values: readonly number[]): Uint8Array<ArrayBuffer> {
  const bad = values.findIndex((value) => !Number.isInteger(value) || value !== (value | 0));
  if (bad >= 0) throw new RangeError(`labels: expected whole numbers, got ${values[bad]} at index ${bad}`);
  return encoded({ dtype: "I32", shape: [values.length], data: Int32Array.from(values) });
}

function matrix(rows: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const width = rows[0]?.length ?? 0;
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    if (row.length !== width) {
      throw new RangeError(`rows: expected ${width} numbers in each, as in the first, got ${row.length} in row ${i}`);
    }
    data.set(row, i * width);
  });
  return encoded({ dtype: "F32", shape: [rows.length, width], data });
}

const encoded = (array: Parameters<typeof encodeNpy>[0]) => encodeNpy(array) as Uint8Array<ArrayBuffer>;
