import type { BatchMessage } from "../../../../shared/kinds/inference/batch.ts";
import { toFloat32Rows } from "../../../../shared/kinds/inference/batch-rows.ts";
import { decodeFrame } from "../../../../shared/protocol/frame.ts";
import { type BlobTransfer, fetchBlob } from "../../../session/blobs.ts";

/**
 * The rows of a batch as its model takes them, whatever they travelled as: rowCount x inputSize.
 * @throws FrameError where it is no frame; Error where it cannot be fetched, or name, dtype or shape are others
 */
export async function fetchRows(
  { input, inputScale = 1, rowCount, inputSize }: BatchMessage,
  transfer: BlobTransfer,
): Promise<Float32Array> {
  const frame = input.kind === "inline" ? input.frame : await fetchBlob(input, transfer);
  const { rows } = decodeFrame(frame);
  const shape = [rowCount, inputSize];
  if (rows === undefined || rows.dtype === "U32" || String(rows.shape) !== String(shape)) {
    const got = rows === undefined ? "none" : `${rows.dtype} [${rows.shape}]`;
    throw new Error(`input: expected a tensor "rows" F32, F16 or U8 [${shape}], got ${got}`);
  }
  return toFloat32Rows(rows, inputScale);
}
