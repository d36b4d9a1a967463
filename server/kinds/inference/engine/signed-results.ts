/** [RC9] What volunteers signed of their results, as it is kept with a round. */
import { rowHashesOf } from "../../../../shared/receipts/result-digest.ts";
import type { SignedResult } from "../../../../shared/receipts/signature-lines.ts";
import { inBase64 } from "../../../base64.ts";
import { nativeDigest } from "../../../native-digest.ts";
import type { ResultSignature } from "../../../shell/kind-desk.ts";
import type { BatchSource } from "../core/batch-source.ts";

type Origin = { readonly workerIndex: number; readonly volunteerId: string };
type Sources = readonly (Pick<BatchSource, "volunteerId"> | null)[];

export function originOf({ workerIndex, volunteerId }: Origin): string {
  return `${workerIndex} ${volunteerId}`;
}

/** @param sent rows of that width, as they were sent */
export function signedResult(
  { assignmentId, publicKey, signature }: ResultSignature,
  sent: Float32Array,
  width: number,
): SignedResult {
  const hashes = rowHashesOf(sent, sent.length / width, nativeDigest);
  return { assignmentId, publicKey: inBase64(publicKey), rowHashes: inBase64(hashes), signature: inBase64(signature) };
}

/** By worker index, of whose result stands. @returns null: none of them is signed */
export function signedOf(sources: Sources, signed: ReadonlyMap<string, SignedResult>): (SignedResult | null)[] | null {
  const found = sources.map((source, workerIndex) =>
    source === null ? null : (signed.get(originOf({ workerIndex, volunteerId: source.volunteerId })) ?? null),
  );
  return found.every((one) => one === null) ? null : found;
}

export function signedByOrigin(sources: Sources, signed: readonly (SignedResult | null)[]): Map<string, SignedResult> {
  const byOrigin = new Map<string, SignedResult>();
  signed.forEach((one, workerIndex) => {
    const volunteerId = sources[workerIndex]?.volunteerId;
    if (one !== null && volunteerId !== undefined) byOrigin.set(originOf({ workerIndex, volunteerId }), one);
  });
  return byOrigin;
}
