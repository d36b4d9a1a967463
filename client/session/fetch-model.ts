/** [PR94] A model on its way to this tab: in pieces, of which those that came before are not fetched again. */
import { piecesOf } from "../../shared/protocol/blob-pieces.ts";
import { type BlobRef, type BlobTransfer, fetchPart, verifiedBlob } from "./blobs.ts";
import { type KeptModels, keptModels } from "./kept-models.ts";
import { sha256Hex } from "./sha256-hex.ts";

/**
 * GET /blobs/<sha256>/pieces/<piece>, of those that this browser does not keep.
 * @throws Error where a piece cannot be had, or the bytes are not those that were named
 */
export async function fetchModel(
  model: BlobRef,
  transfer: BlobTransfer,
  kept: KeptModels | null = keptModels(),
): Promise<Uint8Array<ArrayBuffer>> {
  if (kept === null) return verifiedBlob(model, (await inPieces(model, transfer, null)).bytes);
  return kept.alone(model.sha256, transfer.signal, async () => {
    const first = await inPieces(model, transfer, kept);
    if ((await sha256Hex(first.bytes)) === model.sha256) return first.bytes;
    await kept.forget(model.sha256);
    // What was kept had spoilt: all of it comes anew, once.
    const bytes = first.isAllNew ? first.bytes : (await inPieces(model, transfer, kept)).bytes;
    return verifiedBlob(model, bytes).catch(async (error: unknown) => {
      await kept.forget(model.sha256);
      throw error;
    });
  });
}

async function inPieces(model: BlobRef, transfer: BlobTransfer, kept: KeptModels | null) {
  const bytes = new Uint8Array(model.bytes);
  let isAllNew = true;
  for (const [piece, { start, end }] of piecesOf(model.bytes).entries()) {
    const had = (await kept?.piece(model.sha256, piece, end - start)) ?? null;
    transfer.signal.throwIfAborted();
    if (had?.length === end - start) {
      bytes.set(had, start);
      isAllNew = false;
      continue;
    }
    const path = `/blobs/${model.sha256}/pieces/${piece}`;
    const came = await fetchPart(path, end - start, transfer, kept === null ? "default" : "no-store");
    bytes.set(came, start);
    await kept?.keep(model.sha256, piece, came);
  }
  return { bytes, isAllNew };
}
