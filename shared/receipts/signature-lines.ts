/**
 * signatures.jsonl: the results that stand and that their volunteers have signed, one line each, in the order of rounds and worker
 * indices:
 *
 *   [roundIndex, workerIndex, assignmentId, publicKey, rowHashes, signature]
 *
 * canonical JSON and a newline; the last three in base64. rowHashes has 16 bytes for each row that was sent, golden rows and duplicates
 * among them, in the order in which they travelled.
 */

import { z } from "zod";
import { jsonOrNull } from "../protocol/json-or-null.ts";
import { hexOf } from "./bytes.ts";
import { canonical } from "./canonical.ts";
import { bytesOfBase64 } from "./ed25519.ts";
import { SIGNATURE_LINE_BYTES_MAX } from "./limits.ts";
import { ROW_HASH_BYTES, resultStatement } from "./result-digest.ts";
import { DIGEST_BYTES, type DigestInto, digestInto } from "./sha256.ts";
import type { VolunteerKeys } from "./volunteer-keys.ts";

/** What is kept of a result that was signed. */
export interface SignedResult {
  /** As its volunteer was told it; it is drawn for this assignment alone. */
  readonly assignmentId: string;
  /** 65 bytes, in base64. */
  readonly publicKey: string;
  /** 16 bytes a row, in base64. */
  readonly rowHashes: string;
  /** 64 bytes, in base64. */
  readonly signature: string;
}

export interface SignatureLine extends SignedResult {
  readonly roundIndex: number;
  readonly workerIndex: number;
}

const count = z.number().int().min(0);
const base64 = z.string().regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);
const lineSchema = z.tuple([
  count,
  count,
  z.string().min(1),
  z.string().regex(/^[A-Za-z0-9+/]{86}[AEIMQUYcgkosw048]=$/, "expected 65 bytes in base64"),
  base64,
  z.string().regex(/^[A-Za-z0-9+/]{85}[AQgw]==$/, "expected 64 bytes in base64"),
]);

/** @returns without the newline, which is no part of the leaf */
export function signatureLine(line: SignatureLine): string {
  const { roundIndex, workerIndex, assignmentId, publicKey, rowHashes, signature } = line;
  return canonical([roundIndex, workerIndex, assignmentId, publicKey, rowHashes, signature]);
}

/** @returns null: no coordinator writes such a line */
export function readSignatureLine(line: string): SignatureLine | null {
  if (line.length > SIGNATURE_LINE_BYTES_MAX) return null;
  const parsed = lineSchema.safeParse(jsonOrNull(line));
  if (!parsed.success) return null;
  const [roundIndex, workerIndex, assignmentId, publicKey, rowHashes, signature] = parsed.data;
  const read = { roundIndex, workerIndex, assignmentId, publicKey, rowHashes, signature };
  return signatureLine(read) === line && bytesOfBase64(rowHashes).length % ROW_HASH_BYTES === 0 ? read : null;
}

/**
 * Is it signed by the key that it names, as a result of that job?
 * @param digest SHA-256, where there is a faster one than ours
 */
export function isSignedResult(
  jobId: string,
  result: SignedResult,
  keys: VolunteerKeys,
  digest: DigestInto = digestInto,
): Promise<boolean> {
  const { assignmentId, publicKey, rowHashes, signature } = result;
  const ofRows = new Uint8Array(DIGEST_BYTES);
  digest(bytesOfBase64(rowHashes), ofRows, 0);
  return keys.isSigned(publicKey, resultStatement({ jobId, assignmentId }, hexOf(ofRows)), bytesOfBase64(signature));
}

/** The 16 bytes of a row's hash as text: eight characters, each of two bytes. For maps alone: of hex there would be four times as much. */
export function rowKey(bytes: Uint8Array, at: number): string {
  const end = at + ROW_HASH_BYTES;
  let text = "";
  for (let i = at; i < end; i += 2) text += String.fromCharCode(bytes[i]! | (bytes[i + 1]! << 8));
  return text;
}

/** The rows that were signed, with how often each is there. */
export function rowsSigned({ rowHashes }: SignedResult): Map<string, number> {
  const bytes = bytesOfBase64(rowHashes);
  const rows = new Map<string, number>();
  for (let at = 0; at < bytes.length; at += ROW_HASH_BYTES) {
    const row = rowKey(bytes, at);
    rows.set(row, (rows.get(row) ?? 0) + 1);
  }
  return rows;
}
