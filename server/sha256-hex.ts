import { createHash } from "node:crypto";

/** @returns 64 digits in lower-case hex; of a text, the hash of its UTF-8 bytes */
export function sha256Hex(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}
