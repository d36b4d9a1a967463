/** Arrays of queries as a model gets them: whole numbers of any width, as long as float32 holds them. */
import type { NpyArray } from "../../../shared/protocol/npy.ts";

/**
 * @returns the same array where it is bytes, else float32; or why it cannot be, in words for the submitter. Numbers that are not
 *   finite, or not once they are float32, stay for whoever asks for them.
 */
export function queryValues({ dtype, data }: NpyArray): Float32Array | Uint8Array | string {
  if (data instanceof Uint8Array) return data;
  if (data instanceof Float32Array || data instanceof Float64Array) return Float32Array.from(data);
  if (data instanceof BigInt64Array) return ofLongs(data);
  const values = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const entry = data[i]!;
    values[i] = entry;
    if (values[i] !== entry) return notHeld(entry, dtype, i);
  }
  return values;
}

/** Ids come as int64: by their words, for a bigint made of each takes ten times as long. */
function ofLongs(data: BigInt64Array): Float32Array | string {
  const words = new Int32Array(data.buffer, data.byteOffset, 2 * data.length);
  const values = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const entry = words[2 * i + 1]! * 2 ** 32 + (words[2 * i]! >>> 0);
    values[i] = entry;
    // Beyond 2^53 the sum itself may have been rounded.
    if (values[i] !== entry || !(Math.abs(entry) <= Number.MAX_SAFE_INTEGER)) {
      if (BigInt(values[i]!) !== data[i]) return notHeld(data[i]!, "I64", i);
    }
  }
  return values;
}

function notHeld(entry: number | bigint, dtype: string, place: number): string {
  return `expected queries that float32 holds (whole numbers up to 2^24), got ${entry} of dtype ${dtype} at ${place}`;
}
