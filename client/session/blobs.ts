/** What goes over HTTP instead of the socket: models and larger inputs down, larger results up. */

import { TAB_TRANSFER_MS_MAX, TAB_TRANSFER_TRIES_MAX } from "../../shared/protocol/limits.ts";
import { reconnectDelayMs } from "./reconnect-delay.ts";
import { sha256Hex } from "./sha256-hex.ts";

export interface BlobRef {
  readonly sha256: string;
  readonly bytes: number;
}

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
export async function fetchBlob(blob: BlobRef, transfer: BlobTransfer): Promise<Uint8Array<ArrayBuffer>> {
  return verifiedBlob(blob, await fetchPart(`/blobs/${blob.sha256}`, blob.bytes, transfer));
}

/**
 * GET. A connection that breaks off says nothing of this tab: the transfer is tried again.
 * @throws Error where the answer is no success, or of another length; TypeError where no try brought one
 */
export async function fetchPart(
  path: string,
  expected: number,
  transfer: BlobTransfer,
  cache: RequestCache = "default",
): Promise<Uint8Array<ArrayBuffer>> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await fetchOnce(path, expected, transfer, cache);
    } catch (error) {
      transfer.signal.throwIfAborted();
      if (!(error instanceof TypeError) || attempt === TAB_TRANSFER_TRIES_MAX - 1) throw error;
      await waited(reconnectDelayMs(attempt, Math.random()), transfer.signal);
    }
  }
}

async function fetchOnce(
  path: string,
  expected: number,
  { origin, token, signal, onMoved }: BlobTransfer,
  cache: RequestCache,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(new URL(path, origin), {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TAB_TRANSFER_MS_MAX)]),
    cache,
  });
  if (!response.ok) throw new Error(`fetchBlob: expected status 200, got ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  // As it travelled: compressed, where it was.
  onMoved(Number(response.headers.get("content-length") ?? bytes.length));
  if (bytes.length !== expected) throw new Error(`fetchBlob: expected ${expected} bytes, got ${bytes.length}`);
  return bytes;
}

function waited(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", ended);
      resolve();
    }, ms);
    signal.addEventListener("abort", ended, { once: true });
  });
}

/** @throws Error where they are not the bytes that were named */
export async function verifiedBlob(
  { sha256 }: BlobRef,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const digest = await sha256Hex(bytes);
  if (digest !== sha256) throw new Error(`fetchBlob: expected sha-256 ${sha256}, got ${digest}`);
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
