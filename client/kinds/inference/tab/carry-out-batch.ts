/** A batch of rows: model, rows, run, outputs. */
import type { ComputeOutcome } from "../../../../shared/compute/compute-thread-api.ts";
import type { BatchAssignment, Result } from "../../../../shared/protocol/messages.ts";
import { answerWith } from "../../../session/answer-with.ts";
import { type BlobTransfer, fetchBlob } from "../../../session/blobs.ts";
import type { CarryOutOptions } from "../../../session/carry-out.ts";
import { ComputeThreadError } from "../../../session/compute-thread-link.ts";
import { runDeadlineMs } from "../../../session/run-deadline.ts";
import { fetchRows } from "./fetch-rows.ts";

export async function carryOutBatch(assignment: BatchAssignment, options: CarryOutOptions): Promise<Result | null> {
  const { token, rowCount, outputSize, model, jobId, roundIndex } = assignment;
  const transfer: BlobTransfer = { origin: options.origin, token, signal: options.signal };
  const { computeThread, earlyRows } = options;

  const [rows] = await Promise.all([earlyRows ?? fetchRows(assignment, transfer), provideModel()]);
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
  return answerWith({ outputs: { dtype: "F32", shape: [rowCount, outputSize], data: outputs } }, computeMs, transfer);

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
