/** Arrays of queries as a model gets them: whole numbers of any width, as long as float32 holds them. */
import type { NpyArray } from "../../../shared/protocol/npy.ts";

/**
 * @returns the same array where it is bytes, else float32; or why it cannot be, in words for the submitter. Numbers that are not
 *   finite, or not once they are float32, stay for whoever asks for them.
 */
export function queryValues({ dtype, data }: NpyArray): Float32Array | Uint8Array | string {
  if (data instanceof Uint8Array) return data;
  if (data instanceof Float32Array || data instanceof Float64Array) return Float32Array.from(data);
  const values = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const entry = data[i]!;
    values[i] = Number(entry);
    const held = values[i]!;
    if (typeof entry === "bigint" ? BigInt(held) !== entry : held !== entry) {
      return `expected queries that float32 holds (whole numbers up to 2^24), got ${entry} of dtype ${dtype} at ${i}`;
    }
  }
  return values;
}
