/** What a model is on its way to a browser: in pieces, each compressed where the coordinator compresses it. */
import { createPackedPieces } from "../../server/web/packed-pieces.ts";
import { piecesOf } from "../../shared/protocol/blob-pieces.ts";

export async function travelledBytes(bundle: Uint8Array): Promise<number> {
  const packed = createPackedPieces();
  let bytes = 0;
  for (const [piece, { start, end }] of piecesOf(bundle.length).entries()) {
    const plain = bundle.subarray(start, end);
    bytes += (await packed.of(String(piece), plain))?.length ?? plain.length;
  }
  return bytes;
}
