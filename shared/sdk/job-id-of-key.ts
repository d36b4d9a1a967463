/** The id of a job, from the key that it is submitted with: whoever submits several that belong together knows all ids before the first is sent. */
import { utf8 } from "../receipts/bytes.ts";
import { digestOf } from "../receipts/sha256.ts";

const JOB_ID_BYTES = 18;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * Like any other job id: url-safe, hard to guess, and no minus in front, which a command line would take for a flag.
 * @param submitter whose key it is, as GET /api/whoami names it: the same letters of two submitters are two keys
 * @example jobIdOfKey("", "a-key-of-22-letters-at-least").length // 24
 */
export function jobIdOfKey(submitter: string, key: string): string {
  const digest = digestOf(utf8(`${submitter}\0${key}`)).subarray(0, JOB_ID_BYTES);
  let id = "";
  for (let at = 0; at < JOB_ID_BYTES; at += 3) {
    const three = (digest[at]! << 16) | (digest[at + 1]! << 8) | digest[at + 2]!;
    for (const shift of [18, 12, 6, 0]) id += LETTERS[(three >> shift) & 63];
  }
  return id.replace(/^-/, "_");
}
