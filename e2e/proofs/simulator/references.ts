/** [EV2] Events and effects name things; they carry neither tensors nor what opens something. */

/** What the simulator's coordinator makes in place of random tokens, and of ids of jobs. */
const TOKEN = /^token-\d{20}$/;

/** @returns what in it is no reference, as a path and a word; null: nothing */
export function noReference(it: object): string | null {
  if (ArrayBuffer.isView(it) || it instanceof ArrayBuffer) return "bytes";
  for (const [key, value] of Object.entries(it)) {
    if (key === "refused" && Array.isArray(value)) continue; // ids of jobs (WC1)
    if (typeof value === "string" && key !== "jobId" && TOKEN.test(value)) return `${key}: a token`;
    if (typeof value !== "object" || value === null) continue;
    const inside = noReference(value);
    if (inside !== null) return `${key}: ${inside}`;
  }
  return null;
}
