/** What a tab is sent of rows, of a batch or of a claim: it sees no difference. */
import { INPUT_INLINE_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import type { ModelReference } from "../../numerics/numerics-references.ts";
import type { Outgoing } from "../../shell/kind-desk.ts";
import type { WireRows } from "./engine/wire-queries.ts";
import type { StoredJob } from "./records.ts";
import { SentFrame } from "./sent-frame.ts";

/**
 * @param rows as they go out
 * @param mayBeHandedOver rows before the others
 * @param modelNamed the bundle of one of the job's models; null: whoever asks once the job is released gets none
 */
export function batchMessage(
  { jobId, submission, inputSize, outputSize, isFixedOnly }: StoredJob,
  model: ModelReference,
  { frame, parts, inputScale, rowCount }: WireRows,
  { deadlineMs, mayBeHandedOver }: { readonly deadlineMs: number; readonly mayBeHandedOver: boolean },
  modelNamed: (sha256: string) => Uint8Array | null,
): Pick<Outgoing, "message" | "resultBytes" | "blob"> {
  const sent = new SentFrame(frame);
  const inputSha256 = sent.bytes <= INPUT_INLINE_BYTES_MAX ? null : sent.sha256();
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
      ...(mayBeHandedOver ? { inSlices: true } : {}),
      ...(isFixedOnly === true ? { onWebAssembly: true } : {}),
      ...{ rowCount, inputSize, outputSize, deadlineMs },
    },
    resultBytes: 4 * rowCount * outputSize,
    blob(sha256) {
      if (sha256 === inputSha256) return sent.lend();
      const bundle = sha256 === model.sha256 ? modelNamed(sha256) : null;
      return bundle === null ? null : { kind: "model", bytes: bundle };
    },
  };
}
