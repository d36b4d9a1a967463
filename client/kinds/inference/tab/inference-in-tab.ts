/** A batch of rows, and the entrance test, which is one: model, rows, run, outputs. */
import { type ComputeOutcome, type ComputeTask, onWebAssembly } from "../../../../shared/compute/compute-thread-api.ts";
import type { BatchMessage } from "../../../../shared/kinds/inference/batch.ts";
import { rowsOfBatch } from "../../../../shared/kinds/inference/batch-rows.ts";
import { decodeFrame } from "../../../../shared/protocol/frame.ts";
import type { Result } from "../../../../shared/protocol/messages.ts";
import { answerWith } from "../../../session/answer-with.ts";
import {
  type AssignmentWork,
  BYTES_PER_NUMBER,
  bytesOfPayload,
  type TabKind,
  type Workplace,
} from "../../../session/assignment-work.ts";
import { type BlobTransfer, fetchBlob } from "../../../session/blobs.ts";
import { ComputeThreadError } from "../../../session/compute-thread-link.ts";
import { fetchModel } from "../../../session/fetch-model.ts";
import { runDeadlineMs } from "../../../session/run-deadline.ts";
import { handOver } from "./hand-over.ts";
import { inSlices } from "./in-slices.ts";

export const inferenceInTab: TabKind<BatchMessage> = (workplace) => {
  /** Batches that this tab had of each job: the coordinator does not say which of the job's they are. */
  const counts = new Map<string, number>();
  /** By model: of what it computed last. */
  const msPerRow = new Map<string, number>();
  return (assignment, signal) => {
    const count = counts.get(assignment.jobId) ?? 0;
    counts.set(assignment.jobId, count + 1);
    return batchWork(assignment, count, signal, workplace, msPerRow);
  };
};

function batchWork(
  assignment: BatchMessage,
  count: number,
  signal: AbortSignal,
  workplace: Workplace,
  msPerRow: Map<string, number>,
): AssignmentWork {
  const { kind, token, rowCount, outputSize, input } = assignment;
  const transfer: BlobTransfer = { origin: workplace.origin, token, signal, onMoved: workplace.onMoved };
  let rows: Promise<Float32Array> | null = null;
  const needed = { rows: rowCount };
  return {
    lane: "computing",
    sizes: { rowCount, receivedBytes: bytesOfPayload(input), sentBytes: rowCount * outputSize * BYTES_PER_NUMBER },
    fetchAhead() {
      if (kind === "probe") return;
      rows = fetchRows(assignment, transfer);
      rows.catch(() => undefined);
    },
    shorten(to) {
      if (assignment.inSlices === true) needed.rows = Math.min(needed.rows, to);
      return needed.rows === 0;
    },
    carryOut: () =>
      carryOutBatch(assignment, count, rows ?? fetchRows(assignment, transfer), transfer, workplace, msPerRow, needed),
  };
}

async function carryOutBatch(
  assignment: BatchMessage,
  roundIndex: number,
  fetchedRows: Promise<Float32Array>,
  transfer: BlobTransfer,
  workplace: Workplace,
  msPerRow: Map<string, number>,
  needed: { readonly rows: number },
): Promise<Result | null> {
  const { computeThread, onOutcome } = workplace;
  const { rowCount, outputSize, model, jobId } = assignment;
  // [PR109] The same model is held once for each.
  const held = assignment.onWebAssembly === true ? onWebAssembly(model.sha256) : model.sha256;
  const { signal } = transfer;

  const [rows] = await Promise.all([fetchedRows, provideModel()]);
  signal.throwIfAborted();
  const isProbe = assignment.kind === "probe";
  const handed = handOver(assignment, workplace, signal);
  const task = { modelSha256: held, rows, rowCount, jobId, roundIndex, isProbe };
  const { outputs, computeMs, computed } = await inSlices(task, {
    msPerRow: isProbe ? null : (msPerRow.get(held) ?? null),
    async run(slice) {
      const outcome = await run(slice);
      onOutcome(model.sha256, outcome);
      return outcome;
    },
    needed: () => needed.rows,
    look: () => signal.throwIfAborted(),
    onRows: handed.onRows,
    learned: (ms) => msPerRow.set(held, ms),
  });
  signal.throwIfAborted();
  if (outputs.length !== computed * outputSize) {
    throw new Error(`model: expected ${computed} x ${outputSize} outputs, got ${outputs.length}`);
  }
  if (computed === handed.rows) return null;
  const tensor = { dtype: "F32", shape: [computed, outputSize], data: outputs } as const;
  return answerWith("outputs", tensor, computeMs, { assignment, workplace, signal, rowsSent: handed.rows });

  async function run(slice: ComputeTask): Promise<ComputeOutcome> {
    const deadlineMs = runDeadlineMs(assignment.deadlineMs);
    try {
      return await computeThread.run(slice, deadlineMs);
    } catch (error) {
      // A thread that took the place of another one in between holds no models yet.
      if (error instanceof ComputeThreadError || (await computeThread.holdsModel(held))) throw error;
      await provideModel();
      return computeThread.run(slice, deadlineMs);
    }
  }

  async function provideModel(): Promise<void> {
    if (await computeThread.holdsModel(held)) return;
    await computeThread.addModel(held, await fetchModel(model, transfer));
  }
}

/** @throws FrameError where it is no frame; Error where it cannot be fetched, or holds other tensors than the batch says */
async function fetchRows(batch: BatchMessage, transfer: BlobTransfer): Promise<Float32Array> {
  const { input } = batch;
  return rowsOfBatch(decodeFrame(input.kind === "inline" ? input.frame : await fetchBlob(input, transfer)), batch);
}
