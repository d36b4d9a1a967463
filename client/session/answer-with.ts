import { encodeFrame, type Tensor } from "../../shared/protocol/frame.ts";
import { RESULT_INLINE_BYTES_MAX } from "../../shared/protocol/limits.ts";
import type { Result } from "../../shared/protocol/messages.ts";
import { type BlobTransfer, uploadResult } from "./blobs.ts";

/**
 * The result message around tensors: in the message, or uploaded first where they are too large for one.
 * @returns null where the upload showed that nobody needs it any more
 */
export async function answerWith(
  tensors: Readonly<Record<string, Tensor>>,
  computeMs: number,
  transfer: BlobTransfer,
): Promise<Result | null> {
  const { token } = transfer;
  const frame = encodeFrame(tensors);
  if (frame.length <= RESULT_INLINE_BYTES_MAX) return { token, computeMs, output: { kind: "inline", frame } };
  if ((await uploadResult(frame, transfer)) === "stale") return null;
  return { token, computeMs, output: { kind: "uploaded" } };
}
