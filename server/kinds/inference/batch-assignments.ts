/** Batches of an inference job on their way to a tab, and what comes back. */
import { NOTHING_UPLOADED, type Outgoing, type SendEffect } from "../../shell/kind-desk.ts";
import { readOutputs } from "../../shell/result-frames.ts";
import { batchMessage } from "./batch-message.ts";
import type { Batch, GoldenSent } from "./core/job.ts";
import type { Workspaces } from "./workspaces.ts";

/** Nobody waits for it then. */
const JOB_RELEASED = "expected all rows of a batch whose job is not held any more";

/** @throws Error where its rows cannot be made */
export async function batchAssignment(effect: SendEffect, workspaces: Workspaces): Promise<Outgoing> {
  const { assignmentId, volunteerId, jobId, roundIndex, workerIndex, deadlineMs } = effect;
  const { generation, goldenRows, duplicates, isSliced = false } = effect.payload as Batch;
  const reference = { jobId, roundIndex, generation };
  const workspace = workspaces.of(jobId);
  const rows = await workspace.wireRowsFor(reference, {
    ...{ assignmentId, volunteerId, workerIndex, goldenRows, duplicates },
  });
  const { rowCount } = rows;
  const wentOut: GoldenSent = { type: "goldenSent", rows: rows.goldenRows };
  const { outputSize } = workspace.data.job;
  const takeSlice: Outgoing["takeSlice"] = (first, slice, signed) => {
    const outputs = readOutputs(slice, { most: rowCount - first }, outputSize);
    if (typeof outputs === "string") return null;
    return workspaces.get(jobId)?.holdSlice(reference, { assignmentId, first, signed }, outputs) ?? null;
  };
  // [PR106] Of rows that were handed over before, the answer has all or none.
  const read = (answer: Uint8Array): Float32Array | string => {
    const outputs = readOutputs(answer, isSliced ? { most: rowCount } : rowCount, outputSize);
    if (typeof outputs === "string" || outputs.length === rowCount * outputSize) return outputs;
    return workspaces.get(jobId)?.behindSlices(reference, assignmentId, outputs, rowCount) ?? JOB_RELEASED;
  };
  return {
    ...batchMessage(
      workspace.data.job,
      workspace.modelFor(workerIndex),
      rows,
      { deadlineMs, mayBeHandedOver: isSliced },
      (sha256) => workspaces.get(jobId)?.modelNamed(sha256)?.bundle ?? null,
    ),
    problemOf(answer) {
      const outputs = read(answer);
      return typeof outputs === "string" ? outputs : null;
    },
    take(_kind, answer, signed) {
      const outputs = answer === null ? NOTHING_UPLOADED : read(answer);
      if (typeof outputs === "string") return outputs;
      const from = { assignmentId, workerIndex, volunteerId, signed };
      workspaces.get(jobId)?.holdResult(reference, from, outputs);
      return null;
    },
    ...(isSliced ? { takeSlice } : {}),
    ...(rows.goldenRows < goldenRows ? { wentOut } : {}),
  };
}
