/** Pieces of a model on its way to a tab: GET /blobs/<sha256>/pieces/<piece>. PROTOCOL.md PR94. */
import { MODEL_IN_PIECES_BYTES_MIN, MODEL_PIECE_BYTES } from "./limits.ts";

export interface PieceRange {
  readonly start: number;
  /** Behind its last byte. */
  readonly end: number;
}

/**
 * Where the pieces of a blob lie: it is one piece, or many of one size and a rest.
 * @example piecesOf(5) // -> [{ start: 0, end: 5 }]
 */
export function piecesOf(bytes: number): PieceRange[] {
  const size = bytes < MODEL_IN_PIECES_BYTES_MIN ? Math.max(bytes, 1) : MODEL_PIECE_BYTES;
  return Array.from({ length: Math.max(1, Math.ceil(bytes / size)) }, (_, piece) => ({
    start: piece * size,
    end: Math.min(bytes, (piece + 1) * size),
  }));
}
