/** [PR94] A model on its way to this tab: in pieces, of which those that came before are not fetched again. */
import { piecesOf } from "../../shared/protocol/blob-pieces.ts";
import { TAB_TRANSFER_MS_MAX } from "../../shared/protocol/limits.ts";
import type { BlobTransfer } from "./blobs.ts";
import { type KeptModels, keptModels } from "./kept-models.ts";
import { sha256Hex } from "./sha256-hex.ts";

interface Model {
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * GET /blobs/<sha256>/pieces/<piece>, of those that this browser does not keep.
 * @throws Error where a piece cannot be had, or the bytes are not those that were named
 */
export async function fetchModel(
  model: Model,
  transfer: BlobTransfer,
  kept: KeptModels | null = keptModels(),
): Promise<Uint8Array<ArrayBuffer>> {
  if (kept === null) return verified(model, (await inPieces(model, transfer, null)).bytes);
  return kept.alone(model.sha256, transfer.signal, async () => {
    const first = await inPieces(model, transfer, kept);
    if ((await sha256Hex(first.bytes)) === model.sha256) return first.bytes;
    await kept.forget(model.sha256);
    // What was kept had spoilt: all of it comes anew, once.
    const bytes = first.isAllNew ? first.bytes : (await inPieces(model, transfer, kept)).bytes;
    return verified(model, bytes).catch(async (error: unknown) => {
      await kept.forget(model.sha256);
      throw error;
    });
  });
}

async function inPieces(model: Model, transfer: BlobTransfer, kept: KeptModels | null) {
  const bytes = new Uint8Array(model.bytes);
  let isAllNew = true;
  for (const [piece, { start, end }] of piecesOf(model.bytes).entries()) {
    const had = (await kept?.piece(model.sha256, piece)) ?? null;
    transfer.signal.throwIfAborted();
    if (had?.length === end - start) {
      bytes.set(had, start);
      isAllNew = false;
      continue;
    }
    const came = await fetchPiece(model, piece, end - start, transfer, kept === null ? "default" : "no-store");
    bytes.set(came, start);
    await kept?.keep(model.sha256, piece, came);
  }
  return { bytes, isAllNew };
}

async function fetchPiece(
  { sha256 }: Model,
  piece: number,
  expected: number,
  { origin, token, signal, onMoved }: BlobTransfer,
  cache: RequestCache,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(new URL(`/blobs/${sha256}/pieces/${piece}`, origin), {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TAB_TRANSFER_MS_MAX)]),
    cache,
  });
  if (!response.ok) throw new Error(`fetchModel: expected status 200, got ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  // As it travelled: compressed, where it was.
  onMoved(Number(response.headers.get("content-length") ?? bytes.length));
  if (bytes.length !== expected) throw new Error(`fetchModel: expected ${expected} bytes, got ${bytes.length}`);
  return bytes;
}

async function verified({ sha256 }: Model, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const digest = await sha256Hex(bytes);
  if (digest !== sha256) throw new Error(`fetchModel: expected sha-256 ${sha256}, got ${digest}`);
  return bytes;
}
