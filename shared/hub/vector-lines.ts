/** Vectors of texts as lines of JSON, and as one array. */
import { encodeNpy } from "../protocol/npy.ts";
import { type AskedText, askedFields, type WrittenAnswer } from "./label-lines.ts";
import { unitVector } from "./pooling.ts";

/** @param normalizes vectors get the length 1 */
export const vectorOf = ({ outputs }: Pick<WrittenAnswer, "outputs">, normalizes: boolean) =>
  normalizes ? unitVector(outputs) : Float32Array.from(outputs);

/** @param index among all texts */
export function vectorLine(answer: WrittenAnswer, index: number, asked: AskedText, normalizes: boolean): string {
  const { mark, final, bound } = answer;
  return `${JSON.stringify({ index, ...askedFields(asked), mark, final, bound, embedding: [...vectorOf(answer, normalizes)] })}\n`;
}

/** One a row. An answer without numbers is NaN throughout. */
export function vectorsNpy(vectors: readonly Float32Array[]): Uint8Array {
  const width = vectors.reduce((most, { length }) => Math.max(most, length), 0);
  const data = new Float32Array(vectors.length * width).fill(Number.NaN);
  for (const [i, vector] of vectors.entries()) data.set(vector, i * width);
  return encodeNpy({ dtype: "F32", shape: [vectors.length, width], data });
}
