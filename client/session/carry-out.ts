/** One assignment from its message to its result: model, rows, run, frame, and an upload where the frame is large. */
import type { ComputeOutcome } from "../../shared/compute/compute-thread-api.ts";
import { decodeFrame, encodeFrame } from "../../shared/protocol/frame.ts";
import { LATE_FACTOR_MAX, RESULT_INLINE_BYTES_MAX, TAB_RUN_MS_MAX } from "../../shared/protocol/limits.ts";
import type { Assignment, Result } from "../../shared/protocol/messages.ts";
import { fetchBlob, uploadResult } from "./blobs.ts";
import { ComputeThreadError, type ComputeThreadLink } from "./compute-thread-link.ts";

export interface CarryOutOptions {
  readonly origin: string;
  readonly computeThread: ComputeThreadLink;
  onOutcome?(outcome: ComputeOutcome): void;
  /** Aborted where the assignment is no longer needed: transfers end, and nothing is uploaded. */
  readonly signal: AbortSignal;
}

/**
 * @returns the result to send, or null where an upload showed that nobody needs it any more
 * @throws Error where a transfer, a check or the model fails; the message may go to the coordinator
 */
export async function carryOut(assignment: Assignment, options: CarryOutOptions): Promise<Result | null> {
  const { token, rowCount, outputSize, model, jobId, roundIndex } = assignment;
  const transfer = { origin: options.origin, token, signal: options.signal };
  const { computeThread } = options;

  const [rows] = await Promise.all([inputRows(assignment, transfer), provideModel()]);
  options.signal.throwIfAborted();
  const isProbe = assignment.kind === "probe";
  const task = { modelSha256: model.sha256, rows, rowCount, jobId, roundIndex, isProbe };
  const outcome = await run();
  options.onOutcome?.(outcome);
  const { outputs, computeMs } = outcome;
  options.signal.throwIfAborted();
  if (outputs.length !== rowCount * outputSize) {
    throw new Error(`model: expected ${rowCount} x ${outputSize} outputs, got ${outputs.length}`);
  }

  const frame = encodeFrame({ outputs: { dtype: "F32", shape: [rowCount, outputSize], data: outputs } });
  if (frame.length <= RESULT_INLINE_BYTES_MAX) return { token, computeMs, output: { kind: "inline", frame } };
  if ((await uploadResult(frame, transfer)) === "stale") return null;
  return { token, computeMs, output: { kind: "uploaded" } };

  async function run(): Promise<ComputeOutcome> {
    const deadlineMs = runDeadlineMs(assignment.deadlineMs);
    try {
      return await computeThread.run(task, deadlineMs);
    } catch (error) {
      // A thread that took the place of another one in between holds no models yet.
      if (error instanceof ComputeThreadError || (await computeThread.holdsModel(model.sha256))) throw error;
      await provideModel();
      return computeThread.run(task, deadlineMs);
    }
  }

  async function provideModel(): Promise<void> {
    if (await computeThread.holdsModel(model.sha256)) return;
    await computeThread.addModel(model.sha256, await fetchBlob(model, transfer));
  }
}

async function inputRows(assignment: Assignment, transfer: Parameters<typeof fetchBlob>[1]): Promise<Float32Array> {
  const { input, rowCount, inputSize } = assignment;
  const frame = input.kind === "inline" ? input.frame : await fetchBlob(input, transfer);
  const { rows } = decodeFrame(frame);
  if (rows?.dtype !== "F32" || rows.shape.length !== 2 || rows.shape[0] !== rowCount || rows.shape[1] !== inputSize) {
    const got = rows === undefined ? "none" : `${rows.dtype} [${rows.shape}]`;
    throw new Error(`input: expected a tensor "rows" F32 [${rowCount},${inputSize}], got ${got}`);
  }
  return rows.data;
}

/** A late answer may still be of use; a thread that takes longer than that is taken for dead. */
function runDeadlineMs(deadlineMs: number): number {
  return Math.max(deadlineMs, Math.min(deadlineMs * LATE_FACTOR_MAX, TAB_RUN_MS_MAX));
}
