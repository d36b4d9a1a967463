/** Something small of each channel of a model's output, as a text for a job's record: there may be a million, most of them like their neighbours. */
import { deflateSync, inflateSync } from "node:zlib";

/** Levels of a difference are half octaves: level 1 is 2^-90, the last one 2^37. 0: nothing differs. */
const LEVEL_OF_ONE = 181;
const LEVEL_LAST = 255;

/** @param differences of each channel, 0 or more @returns what unpackDifferences makes the next half octave above each of */
export function packDifferences(differences: Float32Array): string {
  return packed(Uint8Array.from(differences, levelOf));
}

function levelOf(difference: number): number {
  if (difference === 0) return 0;
  const level = Math.ceil(2 * Math.log2(difference)) + LEVEL_OF_ONE;
  return Number.isNaN(level) ? LEVEL_LAST : Math.min(LEVEL_LAST, Math.max(1, level));
}

/** @returns of each channel, in shared memory: tasks on threads get it as it is */
export function unpackDifferences(text: string): Float32Array {
  const levels = unpacked(text);
  const differences = new Float32Array(new SharedArrayBuffer(levels.length * Float32Array.BYTES_PER_ELEMENT));
  for (let c = 0; c < levels.length; c++) {
    differences[c] = levels[c] === 0 ? 0 : 2 ** ((levels[c]! - LEVEL_OF_ONE) / 2);
  }
  return differences;
}

/** @param groups one for each channel, below 65,536 */
export function packGroups(groups: Uint16Array): string {
  return packed(new Uint8Array(groups.buffer, groups.byteOffset, groups.byteLength));
}

/** @returns of each channel, in shared memory */
export function unpackGroups(text: string): Uint16Array {
  const bytes = unpacked(text);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return new Uint16Array(shared.buffer);
}

function packed(bytes: Uint8Array): string {
  return deflateSync(bytes).toString("base64");
}

function unpacked(text: string): Uint8Array {
  return inflateSync(Buffer.from(text, "base64"));
}
