import { ANSWER_MARKS } from "../../../../shared/kinds/inference/answers.ts";
import { encodeNpy } from "../../../../shared/protocol/npy.ts";
import type { AllAnswers } from "../port.ts";

export const MISSING = ANSWER_MARKS.indexOf("missing");

/** n x C; a missing answer is NaN in every output: a row of zeros would pass for one. */
export function answersData({ queryCount, outputSize, outputs, marks }: AllAnswers): Float32Array<ArrayBuffer> {
  const rows = Float32Array.from(outputs);
  for (let i = 0; i < queryCount; i++) {
    if (marks[i] === MISSING) rows.fill(Number.NaN, i * outputSize, (i + 1) * outputSize);
  }
  return rows;
}

/** n x C float32: answersData as a file. */
export function answersNpy(answers: AllAnswers): Uint8Array<ArrayBuffer> {
  const { queryCount, outputSize } = answers;
  return encodeNpy({ dtype: "F32", shape: [queryCount, outputSize], data: answersData(answers) });
}

/** n uint8: indices in ANSWER_MARKS. */
export function marksNpy({ queryCount, marks }: AllAnswers): Uint8Array<ArrayBuffer> {
  return encodeNpy({ dtype: "U8", shape: [queryCount], data: marks });
}
