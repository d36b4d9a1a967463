import { expect, test } from "vitest";
import { piecesOf } from "./blob-pieces.ts";
import { MODEL_IN_PIECES_BYTES_MIN, MODEL_PIECE_BYTES } from "./limits.ts";

test("[PR94] pieces follow each other without gaps to the last byte; a small blob is one", () => {
  expect(piecesOf(0)).toEqual([{ start: 0, end: 0 }]);
  expect(piecesOf(MODEL_IN_PIECES_BYTES_MIN - 1)).toEqual([{ start: 0, end: MODEL_IN_PIECES_BYTES_MIN - 1 }]);
  for (const bytes of [MODEL_IN_PIECES_BYTES_MIN, MODEL_IN_PIECES_BYTES_MIN + 1, 5 * MODEL_PIECE_BYTES - 7]) {
    const pieces = piecesOf(bytes);
    expect(pieces[0]!.start).toBe(0);
    expect(pieces.at(-1)!.end).toBe(bytes);
    for (const [n, { start, end }] of pieces.entries()) {
      expect(end - start).toBeGreaterThan(0);
      expect(end - start).toBeLessThanOrEqual(MODEL_PIECE_BYTES);
      if (n > 0) expect(start).toBe(pieces[n - 1]!.end);
    }
  }
});
