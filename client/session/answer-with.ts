import { encodeFrame, type Tensor } from "../../shared/protocol/frame.ts";
import { RESULT_INLINE_BYTES_MAX } from "../../shared/protocol/limits.ts";
import type { AssignmentBase, Result } from "../../shared/protocol/messages.ts";
import { resultDigest, resultStatement } from "../../shared/receipts/result-digest.ts";
import type { Workplace } from "./assignment-work.ts";
import { uploadResult } from "./blobs.ts";

/** Whose work it is, and what it answers; the volunteer's key signs both with the numbers. */
export interface Answering {
  readonly assignment: Pick<AssignmentBase, "jobId" | "assignmentId" | "token">;
  readonly workplace: Pick<Workplace, "origin" | "sign">;
  readonly signal: AbortSignal;
}

/**
 * The result message around one tensor, signed: in the message, or uploaded first where it is too large for one.
 * @returns null where the upload showed that nobody needs it any more
 */
export async function answerWith(
  name: string,
  tensor: Tensor,
  computeMs: number,
  { assignment, workplace, signal }: Answering,
): Promise<Result | null> {
  const { token } = assignment;
  const signature = await workplace.sign(resultStatement(assignment, resultDigest(tensor)));
  signal.throwIfAborted();
  const frame = encodeFrame({ [name]: tensor });
  const said = { token, computeMs, signature };
  if (frame.length <= RESULT_INLINE_BYTES_MAX) return { ...said, output: { kind: "inline", frame } };
  if ((await uploadResult(frame, { origin: workplace.origin, token, signal })) === "stale") return null;
  return { ...said, output: { kind: "uploaded" } };
}
