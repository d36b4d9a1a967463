/** [PR106] Rows of a batch that takes long are handed over before its answer: they count, whatever becomes of the others. */
import type { ComputeOutcome } from "../../../../shared/compute/compute-thread-api.ts";
import type { BatchMessage } from "../../../../shared/kinds/inference/batch.ts";
import { encodeFrame } from "../../../../shared/protocol/frame.ts";
import { RESULT_INLINE_BYTES_MAX } from "../../../../shared/protocol/limits.ts";
import { hexOf } from "../../../../shared/receipts/bytes.ts";
import { ROW_HASH_BYTES, resultStatement, rowHashesOf } from "../../../../shared/receipts/result-digest.ts";
import { digestOf } from "../../../../shared/receipts/sha256.ts";
import type { Workplace } from "../../../session/assignment-work.ts";

/** Of computing, since rows were handed over last: so much is lost at most, and what is short of it costs no message. */
export const HAND_OVER_MS = 2_000;

export interface HandOver {
  /** How many rows went, from the first one on: the answer need not have them. */
  readonly rows: number;
  /** To be told of all rows that are computed so far; they are more each time. */
  onRows(soFar: ComputeOutcome, rows: number): Promise<void>;
}

export function handOver(
  assignment: BatchMessage,
  { sign, handOver }: Pick<Workplace, "sign" | "handOver">,
  signal: AbortSignal,
): HandOver {
  const { token, rowCount, outputSize, inSlices } = assignment;
  const hashes = new Uint8Array(rowCount * ROW_HASH_BYTES);
  let [first, handedMs] = [0, 0];
  return {
    get rows() {
      return first;
    },
    async onRows({ outputs, computeMs }, rows) {
      // What is wrong with a model of another shape the whole batch says.
      if (inSlices !== true || computeMs - handedMs < HAND_OVER_MS || outputs.length !== rows * outputSize) return;
      const data = outputs.slice(first * outputSize);
      const frame = encodeFrame({ outputs: { dtype: "F32", shape: [rows - first, outputSize], data } });
      if (frame.length > RESULT_INLINE_BYTES_MAX) return;
      hashes.set(rowHashesOf(data, rows - first), first * ROW_HASH_BYTES);
      const digest = hexOf(digestOf(hashes.subarray(0, rows * ROW_HASH_BYTES)));
      const signature = await sign(resultStatement(assignment, digest));
      signal.throwIfAborted();
      handOver({ token, first, signature, frame });
      [first, handedMs] = [rows, computeMs];
    },
  };
}
