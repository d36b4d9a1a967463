/** What goes over HTTP instead of the socket: models and larger inputs down, larger results up. */

import { TAB_TRANSFER_MS_MAX } from "../../shared/protocol/limits.ts";
import { sha256Hex } from "./sha256-hex.ts";

/** @param token of a live assignment, which opens its blobs and nothing else */
export interface BlobTransfer {
  readonly origin: string;
  readonly token: string;
  readonly signal: AbortSignal;
  /** Told what came. */
  onMoved(bytes: number): void;
}

/**
 * GET /blobs/<sha256>
 * @throws Error where the answer is no success, or is not the bytes that were named
 */
export async function fetchBlob(
  blob: { sha256: string; bytes: number },
  { origin, token, signal, onMoved }: BlobTransfer,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(new URL(`/blobs/${blob.sha256}`, origin), {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TAB_TRANSFER_MS_MAX)]),
  });
  if (!response.ok) throw new Error(`fetchBlob: expected status 200, got ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  onMoved(bytes.length);
  if (bytes.length !== blob.bytes) throw new Error(`fetchBlob: expected ${blob.bytes} bytes, got ${bytes.length}`);
  const digest = await sha256Hex(bytes);
  if (digest !== blob.sha256) throw new Error(`fetchBlob: expected sha-256 ${blob.sha256}, got ${digest}`);
  return bytes;
}

/**
 * PUT /results: the frame of a result too large for one socket message.
 * @returns "stale" where the coordinator no longer needs it
 */
export async function uploadResult(
  frame: Uint8Array,
  { origin, token, signal }: Omit<BlobTransfer, "onMoved">,
): Promise<"received" | "stale"> {
  const response = await fetch(new URL("/results", origin), {
    method: "PUT",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/octet-stream" },
    body: frame as Uint8Array<ArrayBuffer>,
    signal: AbortSignal.any([signal, AbortSignal.timeout(TAB_TRANSFER_MS_MAX)]),
  });
  if (response.status === 409) return "stale";
  if (!response.ok) throw new Error(`uploadResult: expected success, got status ${response.status}`);
  return "received";
}
