/**
 * What a volunteer signs of a result, with the key that it has anyway: of which job it is, which assignment it answers, and the digest of
 * its numbers. Rows of floats are hashed one by one, so that a receipt can show which answer is which row without showing numbers.
 */
import type { Tensor } from "../protocol/frame.ts";
import { hexOf, utf8 } from "./bytes.ts";
import { canonical } from "./canonical.ts";
import { DIGEST_BYTES, type DigestInto, digestInto, digestOf } from "./sha256.ts";

const RESULT_FORMAT = "paritab-result-1";
/** Of each row of floats, so many bytes of its SHA-256: nobody finds another row for 128 bits that are given. */
export const ROW_HASH_BYTES = 16;

/**
 * @param values rowCount rows of equal width, as they are sent
 * @param digest SHA-256, where there is a faster one than ours
 * @returns 16 bytes a row, in their order
 */
export function rowHashesOf(
  values: Float32Array,
  rowCount: number,
  digest: DigestInto = digestInto,
): Uint8Array<ArrayBuffer> {
  const bytes = bytesIn(values);
  const rowBytes = rowCount === 0 ? 0 : bytes.length / rowCount;
  // Each hash covers what is left over of the one before it.
  const hashes = new Uint8Array(rowCount * ROW_HASH_BYTES + DIGEST_BYTES - ROW_HASH_BYTES);
  for (let row = 0; row < rowCount; row++) {
    digest(bytes.subarray(row * rowBytes, (row + 1) * rowBytes), hashes, row * ROW_HASH_BYTES);
  }
  return hashes.slice(0, rowCount * ROW_HASH_BYTES);
}

/** @returns of floats the digest of their rows' hashes, of anything else that of its bytes: hex */
export function resultDigest({ dtype, shape, data }: Tensor): string {
  if (dtype !== "F32") return hexOf(digestOf(bytesIn(data)));
  return hexOf(digestOf(rowHashesOf(data as Float32Array, shape[0] ?? 0)));
}

/** The bytes that are signed. @param digest hex, see resultDigest */
export function resultStatement(
  { jobId, assignmentId }: { readonly jobId: string; readonly assignmentId: string },
  digest: string,
): Uint8Array<ArrayBuffer> {
  return utf8(`${RESULT_FORMAT}\n${canonical([jobId, assignmentId, digest])}`);
}

function bytesIn({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
