import { createHash } from "node:crypto";
import { ANSWER_MARKS } from "../../../../shared/kinds/inference/answers.ts";
import { encodeNpy, npyHead } from "../../../../shared/protocol/npy.ts";
import { inPieces } from "../in-pieces.ts";
import type { AllAnswers } from "../port.ts";

export const MISSING = ANSWER_MARKS.indexOf("missing");

type Outputs = Pick<AllAnswers, "queryCount" | "outputSize" | "outputs" | "marks">;

/** Of queries from `start` to before `end`, x C; a missing answer is NaN in every output: a row of zeros would pass for one. */
export function answerRows(
  { outputSize, outputs, marks }: Outputs,
  start: number,
  end: number,
): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(outputs.subarray(start * outputSize, end * outputSize));
  for (let i = start; i < end; i++) {
    if (marks[i] === MISSING) rows.fill(Number.NaN, (i - start) * outputSize, (i + 1 - start) * outputSize);
  }
  return rows;
}

/** n x C float32 */
export function answersNpy(answers: Outputs): Uint8Array<ArrayBuffer> {
  const { queryCount, outputSize } = answers;
  return encodeNpy({ dtype: "F32", shape: [queryCount, outputSize], data: answerRows(answers, 0, queryCount) });
}

/** The sha-256 of answersNpy, which is never whole in memory. Answers that change meanwhile have no hash. */
export async function answersSha256(answers: Outputs): Promise<string> {
  const { queryCount, outputSize } = answers;
  const hash = createHash("sha256").update(npyHead({ dtype: "F32", shape: [queryCount, outputSize] }));
  await inPieces(queryCount, outputSize, (start, end) => {
    hash.update(new Uint8Array(answerRows(answers, start, end).buffer));
  });
  return hash.digest("hex");
}

/** n uint8: indices in ANSWER_MARKS. */
export function marksNpy({ queryCount, marks }: AllAnswers): Uint8Array<ArrayBuffer> {
  return encodeNpy({ dtype: "U8", shape: [queryCount], data: marks });
}
