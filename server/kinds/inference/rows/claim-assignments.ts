/** Claims of a job on the ledger on their way to a tab, and what comes back: the same message and frames as batches have, so that a tab sees no difference. */
import { NOTHING_UPLOADED, type Outgoing, type ResultSignature, type SendEffect } from "../../../shell/kind-desk.ts";
import { readOutputs } from "../../../shell/result-frames.ts";
import { batchMessage } from "../batch-message.ts";
import type { RowWorkspaces } from "./row-workspaces.ts";
import type { HeldRows, RowClaim } from "./work.ts";

/** Nobody waits for it then. */
const NOT_HELD = "expected rows of a claim that is out, in the order in which they were sent";

/** @throws Error where its rows cannot be made */
export async function claimAssignment(effect: SendEffect, workspaces: RowWorkspaces): Promise<Outgoing> {
  const { assignmentId, jobId, deadlineMs } = effect;
  const { rows } = effect.payload as RowClaim;
  const workspace = workspaces.of(jobId);
  const wire = await workspace.wireRowsFor(assignmentId, rows);
  const { rowCount } = wire;
  const { job, model: own } = workspace.data;
  const model = workspace.modelNamed((effect.payload as RowClaim).modelSha256) ?? own;
  const { outputSize } = job;
  const read = (answer: Uint8Array): Float32Array | string => {
    const outputs = readOutputs(answer, { most: rowCount }, outputSize);
    if (typeof outputs === "string") return outputs;
    // [PR106] Of rows that were handed over before, the answer has all or none. [PR113] Those behind the last one that is needed it may leave out.
    const held = workspaces.get(jobId);
    const handed = held?.cameOf(assignmentId) ?? 0;
    const [got, left] = [outputs.length / outputSize, rowCount - handed];
    if (got === rowCount) return outputs.subarray(handed * outputSize);
    if (got <= left && handed + got >= (held?.neededOf(assignmentId) ?? rowCount)) return outputs;
    return `expected ${rowCount} rows, or the ${left} that were not handed over, got ${got}`;
  };
  let came: HeldRows | null = null;
  const hold = (first: number, outputs: Float32Array, signed: ResultSignature | null): HeldRows | null => {
    const held = workspaces.get(jobId);
    const indices = held?.holdPart(assignmentId, first, outputs, signed) ?? null;
    if (held === null || indices === null) return null;
    const doubts = held.doubtsIn(first, outputs);
    return { type: "rows", rows: indices, ...(doubts !== null && { doubts }) };
  };
  return {
    ...batchMessage(job, model, wire, { deadlineMs, mayBeHandedOver: true }, (sha256) => {
      return workspaces.get(jobId)?.modelNamed(sha256)?.bundle ?? null;
    }),
    problemOf(answer) {
      const outputs = read(answer);
      return typeof outputs === "string" ? outputs : null;
    },
    take(_kind, answer, signed) {
      const outputs = answer === null ? NOTHING_UPLOADED : read(answer);
      if (typeof outputs === "string") return outputs;
      const held = workspaces.get(jobId);
      came = held === null ? null : hold(held.cameOf(assignmentId), outputs, signed);
      return held !== null && came === null ? NOT_HELD : null;
    },
    came: () => came,
    takeSlice(first, slice, signed) {
      const outputs = readOutputs(slice, { most: rowCount - first }, outputSize);
      if (typeof outputs === "string") return null;
      return hold(first, outputs, signed);
    },
  };
}
