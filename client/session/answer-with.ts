import { encodeFrame, type Tensor } from "../../shared/protocol/frame.ts";
import { RESULT_INLINE_BYTES_MAX } from "../../shared/protocol/limits.ts";
import type { AssignmentBase, Result } from "../../shared/protocol/messages.ts";
import { resultDigest, resultStatement } from "../../shared/receipts/result-digest.ts";
import type { Workplace } from "./assignment-work.ts";
import { uploadResult } from "./blobs.ts";

/** Whose work it is, and what it answers; the volunteer's key signs both with the numbers. */
export interface Answering {
  readonly assignment: Pick<AssignmentBase, "jobId" | "assignmentId" | "token">;
  readonly workplace: Pick<Workplace, "origin" | "sign" | "onMoved">;
  readonly signal: AbortSignal;
  /** [PR106] So many rows were handed over before, and do not go again; what is signed has them. By default none. */
  readonly rowsSent?: number;
}

/**
 * The result message around one tensor, signed: in the message, or uploaded first where it is too large for one.
 * @returns null where the upload showed that nobody needs it any more
 */
export async function answerWith(
  name: string,
  tensor: Tensor,
  computeMs: number,
  { assignment, workplace, signal, rowsSent = 0 }: Answering,
): Promise<Result | null> {
  const { token } = assignment;
  const signature = await workplace.sign(resultStatement(assignment, resultDigest(tensor)));
  signal.throwIfAborted();
  const frame = encodeFrame({ [name]: rowsSent === 0 ? tensor : rowsFrom(tensor, rowsSent) });
  const said = { token, computeMs, signature };
  if (frame.length <= RESULT_INLINE_BYTES_MAX) return { ...said, output: { kind: "inline", frame } };
  const verdict = await uploadResult(frame, { origin: workplace.origin, token, signal });
  workplace.onMoved(frame.length, frame.length);
  return verdict === "stale" ? null : { ...said, output: { kind: "uploaded" } };
}

function rowsFrom(tensor: Tensor, first: number): Tensor {
  const [rows = 0, ...row] = tensor.shape;
  const width = row.reduce((product, size) => product * size, 1);
  return { ...tensor, shape: [rows - first, ...row], data: tensor.data.slice(first * width) } as Tensor;
}
