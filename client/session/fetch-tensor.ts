import { decodeFrame, type Tensor, type TensorDtype } from "../../shared/protocol/frame.ts";
import type { Payload } from "../../shared/protocol/messages.ts";
import { type BlobTransfer, fetchBlob } from "./blobs.ts";

/**
 * The one tensor that a payload is expected to bring, in the message or by GET.
 * @throws FrameError where it is no frame; Error where it cannot be fetched, or name, dtype or shape are others
 */
export async function fetchTensor<Dtype extends TensorDtype>(
  name: string,
  dtype: Dtype,
  shape: readonly number[],
  payload: Payload,
  transfer: BlobTransfer,
): Promise<Extract<Tensor, { dtype: Dtype }>> {
  const frame = payload.kind === "inline" ? payload.frame : await fetchBlob(payload, transfer);
  const tensor = decodeFrame(frame)[name];
  if (tensor?.dtype !== dtype || String(tensor.shape) !== String(shape)) {
    const got = tensor === undefined ? "none" : `${tensor.dtype} [${tensor.shape}]`;
    throw new Error(`input: expected a tensor "${name}" ${dtype} [${shape}], got ${got}`);
  }
  return tensor as Extract<Tensor, { dtype: Dtype }>;
}
