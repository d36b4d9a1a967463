/** [PR94] What of a model is compressed on its way to tabs: pieces that get smaller by a tenth at least. Weights of float32 seldom do. */

import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import { PACKED_PIECES_BYTES_MAX } from "../../shared/protocol/limits.ts";

const compressed = promisify(brotliCompress);

/** From the middle, where weights lie: it tells whether the whole piece is worth it. */
const SAMPLE_BYTES = 64 * 1024;
/** Smaller ones are a packet or two. */
const PACKED_BYTES_MIN = 4 * 1024;
const WORTH_SHARE = 0.9;
/** Faster than a gigabit, and within some hundredths of the smallest. */
const QUALITY = 5;

export interface PackedPieces {
  /** @param name of the piece, the same for the same bytes. @returns its Brotli form; null: it travels as it is */
  of(name: string, bytes: Uint8Array): Promise<Uint8Array | null>;
}

/** Each piece is compressed once, however many ask for it, and kept while there is room. */
export function createPackedPieces(bytesMax = PACKED_PIECES_BYTES_MAX): PackedPieces {
  const pieces = new Map<string, { readonly packed: Promise<Uint8Array | null>; bytes: number }>();
  let total = 0;

  function drop(name: string): void {
    total -= pieces.get(name)?.bytes ?? 0;
    pieces.delete(name);
  }

  return {
    async of(name, bytes) {
      const held = pieces.get(name);
      if (held !== undefined) {
        // The least recently asked for stands first.
        pieces.delete(name);
        pieces.set(name, held);
        return held.packed;
      }
      const entry = { packed: worthPacking(bytes), bytes: 0 };
      pieces.set(name, entry);
      const packed = await entry.packed.catch((error: unknown) => {
        drop(name);
        throw error;
      });
      if (pieces.get(name) !== entry) return packed;
      // What is not worth it is remembered too, as if it took a line.
      entry.bytes = packed?.length ?? 256;
      total += entry.bytes;
      for (const oldest of pieces.keys()) {
        if (total <= bytesMax || oldest === name) break;
        drop(oldest);
      }
      return packed;
    },
  };
}

async function worthPacking(bytes: Uint8Array): Promise<Uint8Array | null> {
  if (bytes.length < PACKED_BYTES_MIN) return null;
  const start = Math.max(0, Math.floor((bytes.length - SAMPLE_BYTES) / 2));
  const sample = bytes.subarray(start, start + SAMPLE_BYTES);
  if ((await brotli(sample)).length > WORTH_SHARE * sample.length) return null;
  if (sample.length === bytes.length) return brotli(bytes);
  const packed = await brotli(bytes);
  return packed.length <= WORTH_SHARE * bytes.length ? packed : null;
}

function brotli(bytes: Uint8Array): Promise<Uint8Array> {
  return compressed(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
}
