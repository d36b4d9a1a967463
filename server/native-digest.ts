import { hash } from "node:crypto";
import { DIGEST_BYTES, type DigestInto } from "../shared/receipts/sha256.ts";

/**
 * SHA-256 by OpenSSL. As a text of one unit a byte: a Buffer for each hash costs more than the hash.
 * @example nativeDigest(record, hashes, 32 * row)
 */
export const nativeDigest: DigestInto = (bytes, into, at) => {
  const digest = hash("sha256", bytes, "binary");
  for (let i = 0; i < DIGEST_BYTES; i++) into[at + i] = digest.charCodeAt(i);
};
