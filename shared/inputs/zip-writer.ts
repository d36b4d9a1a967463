/** Writes `.zip` files, and `.npz`, numpy's archive of named arrays, entry by entry. */
import { Zip, ZipPassThrough } from "fflate";
import { ZIP_BYTES_MAX } from "../protocol/limits.ts";
import { encodeNpy, type NpyArray, parseNpy } from "../protocol/npy.ts";
import { InputError } from "./input-error.ts";

export interface ZipEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** So that the same entries make the same bytes. */
const WRITTEN = new Date(1980, 0, 1);

/**
 * Entries are stored as they are: pictures are packed already, and floats do not get much smaller.
 * @param write gets the bytes of the file, in order
 * @throws InputError where it would be larger than a `.zip` of this form may be
 */
export async function writeZip(
  entries: Iterable<ZipEntry> | AsyncIterable<ZipEntry>,
  write: (bytes: Uint8Array) => Promise<unknown> | undefined,
): Promise<void> {
  const made: Uint8Array[] = [];
  const zip = new Zip((_error, bytes) => made.push(bytes));
  let total = 0;
  for await (const { name, bytes } of entries) {
    total += bytes.length;
    if (total > ZIP_BYTES_MAX)
      throw new InputError(
        `.zip: expected at most ${ZIP_BYTES_MAX} bytes in it, got more; write fewer answers to a file`,
      );
    const entry = new ZipPassThrough(name);
    entry.mtime = WRITTEN;
    zip.add(entry);
    entry.push(bytes, true);
    for (const part of made.splice(0)) await write(part);
  }
  zip.end();
  for (const part of made.splice(0)) await write(part);
}

/** One of a model's outputs. */
export interface OutputShape {
  readonly name: string;
  /** The shape of one row. */
  readonly shape: readonly number[];
}

/**
 * @param rows n x C, the outputs of each row one after the other
 * @param outputs in that order
 * @returns an array for each: its name, n x its shape
 * @throws InputError where they have more or fewer numbers than a row
 */
export function arraysOf(rows: Extract<NpyArray, { dtype: "F32" }>, outputs: readonly OutputShape[]) {
  const [count, width] = rows.shape as [number, number];
  const sizes = outputs.map(({ shape }) => shape.reduce((product, length) => product * length, 1));
  const all = sizes.reduce((sum, size) => sum + size, 0);
  if (all !== width) throw new InputError(`outputs: expected ${width} numbers a row, got ${all} by their shapes`);
  let from = 0;
  return outputs.map(({ name, shape }, i) => {
    const size = sizes[i]!;
    const data = new Float32Array(count * size);
    for (let row = 0; row < count; row++) {
      data.set(rows.data.subarray(row * width + from, row * width + from + size), row * size);
    }
    from += size;
    return { name, array: { dtype: "F32", shape: [count, ...shape], data } as const };
  });
}

/** @param npy as of npzEntries @returns the same where there is one output alone, in its shape */
export function shapedNpy(npy: Uint8Array, outputs: readonly OutputShape[]): Uint8Array {
  const rows = parseNpy(npy);
  if (rows.dtype !== "F32" || outputs.length !== 1) return npy;
  return encodeNpy(arraysOf(rows, outputs)[0]!.array);
}

/** @param npy the answers of a job, n x C float32, a `.npy` file @returns the arrays of arraysOf, each by its name, as `.npz` wants them */
export function* npzEntries(npy: Uint8Array, outputs: readonly OutputShape[]): Generator<ZipEntry> {
  const rows = parseNpy(npy);
  if (rows.dtype !== "F32") throw new InputError(`answers: expected float32, got ${rows.dtype}`);
  for (const { name, array } of arraysOf(rows, outputs)) yield { name: `${name}.npy`, bytes: encodeNpy(array) };
}
