/** [RC9] What volunteers signed of their results, as it is kept with a round. */
import { rowHashesOf } from "../../../../shared/receipts/result-digest.ts";
import type { SignedResult } from "../../../../shared/receipts/signature-lines.ts";
import { inBase64 } from "../../../base64.ts";
import { nativeDigest } from "../../../native-digest.ts";
import type { ResultSignature } from "../../../shell/kind-desk.ts";

/** @param sent rows of that width, as they were sent */
export function signedResult(
  { assignmentId, publicKey, signature }: ResultSignature,
  sent: Float32Array,
  width: number,
): SignedResult {
  const hashes = rowHashesOf(sent, sent.length / width, nativeDigest);
  return { assignmentId, publicKey: inBase64(publicKey), rowHashes: inBase64(hashes), signature: inBase64(signature) };
}
