/** A key that makes a repeated submission the same job: hard to guess, for the job's id is made from it. */
const KEY_BYTES = 16;

export function submissionKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
