/** Batches of an inference job on their way to a tab, and what comes back. */
import { INPUT_INLINE_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import { NOTHING_UPLOADED, type Outgoing, type SendEffect } from "../../shell/kind-desk.ts";
import { readOutputs } from "../../shell/result-frames.ts";
import type { Batch, GoldenSent } from "./core/job.ts";
import { SentFrame } from "./sent-frame.ts";
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
  const { frame, parts, inputScale, rowCount } = rows;
  const wentOut: GoldenSent = { type: "goldenSent", rows: rows.goldenRows };
  const { inputSize, outputSize, submission, isFixedOnly } = workspace.data.job;
  const model = workspace.modelFor(workerIndex);
  const sent = new SentFrame(frame);
  const inputSha256 = sent.bytes <= INPUT_INLINE_BYTES_MAX ? null : sent.sha256();
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
    message: {
      kind: "inference",
      work: "batch",
      jobId,
      jobName: submission.name,
      submitter: submission.submitter,
      model: { sha256: model.sha256, bytes: model.bundle.length },
      input:
        inputSha256 === null
          ? { kind: "inline", frame: sent.whole() }
          : { kind: "blob", sha256: inputSha256, bytes: sent.bytes },
      ...(inputScale === undefined ? {} : { inputScale }),
      ...(parts === undefined ? {} : { parts: [...parts] }),
      ...(isSliced ? { inSlices: true } : {}),
      ...(isFixedOnly === true ? { onWebAssembly: true } : {}),
      rowCount,
      inputSize,
      outputSize,
      deadlineMs,
    },
    resultBytes: 4 * rowCount * outputSize,
    blob(sha256) {
      if (sha256 === inputSha256) return sent.lend();
      // Whoever asks once the job is released gets none.
      const bundle = sha256 === model.sha256 ? workspaces.get(jobId)?.modelNamed(sha256)?.bundle : undefined;
      return bundle === undefined ? null : { kind: "model", bytes: bundle };
    },
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
