/** The records of the answers against the signed root, the answers and the receipt's own counts. */
import { z } from "zod";
import { ANSWER_MARKS } from "../kinds/inference/answers.ts";
import { encodeNpy, parseNpy } from "../protocol/npy.ts";
import { hexOf, isSameBytes } from "./bytes.ts";
import { broken, holds, listed, open, type ReceiptFinding } from "./findings.ts";
import { MerkleRoot } from "./merkle.ts";
import { ROW_RECORD_BYTES, type RowRecord, readRow } from "./row-records.ts";
import type { EndedStatement } from "./sealed-receipt.ts";
import { digestOf, Sha256 } from "./sha256.ts";

/** Of an inference receipt, what is compared with the records. */
export const countedSchema = z.looseObject({
  hashes: z.looseObject({ answers: z.string(), marks: z.string() }),
  verification: z.string(),
  answers: z.looseObject({
    queryCount: z.number(),
    byMark: z.record(z.string(), z.number()),
    final: z.number(),
    labelAmbiguous: z.number(),
    boundMax: z.number().nullable(),
    wrongExpectedMax: z.number(),
  }),
});
export type Counted = z.infer<typeof countedSchema>;

/** Records one by one; null where one is none. */
export function* recordsIn(rows: Uint8Array): Generator<RowRecord | null> {
  for (let at = 0; at + ROW_RECORD_BYTES <= rows.length; at += ROW_RECORD_BYTES) {
    yield readRow(rows.subarray(at, at + ROW_RECORD_BYTES), ANSWER_MARKS.length);
  }
}

export function checkRows(rows: Uint8Array, { trees }: EndedStatement): ReceiptFinding {
  const { count, root } = trees!.rows;
  if (rows.length !== count * ROW_RECORD_BYTES) {
    return broken("rows", `rows.bin: expected ${count} records of ${ROW_RECORD_BYTES} bytes, got ${rows.length} bytes`);
  }
  const tree = new MerkleRoot();
  for (let at = 0; at < rows.length; at += ROW_RECORD_BYTES) tree.add(rows.subarray(at, at + ROW_RECORD_BYTES));
  const got = hexOf(tree.root());
  if (got !== root) return broken("rows", `rows.bin: expected the root ${root}, got ${got}`);
  let place = 0;
  for (const record of recordsIn(rows)) {
    if (record === null) return broken("rows", `rows.bin: record ${place} is none`);
    place++;
  }
  return holds("rows", `${count} records`);
}

/** Names the rows that differ. @param answers answers.npy as it was kept; null: it is not there */
export function checkAnswers(
  answers: Uint8Array | null,
  rows: Uint8Array,
  { hashes, answers: of }: Counted,
): ReceiptFinding {
  if (answers === null) return open("answers", "answers.npy is not there: whatever you hold was not compared");
  let array: ReturnType<typeof parseNpy>;
  try {
    array = parseNpy(answers);
  } catch (error) {
    return broken("answers", `answers.npy: ${(error as Error).message}`);
  }
  const { dtype, shape } = array;
  if (dtype !== "F32" || shape.length !== 2 || shape[0] !== of.queryCount) {
    return broken(
      "answers",
      `answers.npy: expected float32 of shape (${of.queryCount}, ...), got ${dtype} of (${shape.join(", ")})`,
    );
  }
  const rowBytes = 4 * shape[1]!;
  const start = answers.length - of.queryCount * rowBytes;
  const hash = new Sha256();
  const differing: number[] = [];
  let row = 0;
  for (const record of recordsIn(rows)) {
    const at = start + row * rowBytes;
    const digest = hash.update(answers.subarray(at, at + rowBytes)).digest();
    if (record === null || !isSameBytes(digest, record.answerSha256)) differing.push(row);
    row++;
  }
  if (differing.length > 0) {
    const which = differing.length === 1 ? `answer ${differing[0]} is` : `answers ${listed(differing)} are`;
    return broken("answers", `answers.npy: ${which} not what was signed`);
  }
  const got = hexOf(digestOf(answers));
  if (got !== hashes.answers)
    return broken("answers", `answers.npy: its header is another: expected the sha-256 ${hashes.answers}, got ${got}`);
  return holds("answers", `${of.queryCount} answers of ${shape[1]} numbers`);
}

/** The figures of the receipt, counted anew. */
export function checkCounts(rows: Uint8Array, { hashes, answers }: Counted): ReceiptFinding {
  const byMark = ANSWER_MARKS.map(() => 0);
  const marks = new Uint8Array(rows.length / ROW_RECORD_BYTES);
  let [final, ambiguous, boundMax, boundSum, row] = [0, 0, Number.NEGATIVE_INFINITY, 0, 0];
  for (const record of recordsIn(rows)) {
    if (record === null) return broken("counts", `rows.bin: record ${row} is none`);
    byMark[record.mark]!++;
    marks[row++] = record.mark;
    if (record.isFinal) final++;
    if (record.hasOpenLabel) ambiguous++;
    if (ANSWER_MARKS[record.mark] !== "audited" || record.bound === null) continue;
    boundMax = Math.max(boundMax, record.bound);
    boundSum += record.bound;
  }
  const said: [string, number | null, number | null][] = [
    ["answers", answers.queryCount, marks.length],
    ...ANSWER_MARKS.map((mark, i): [string, number, number] => [mark, answers.byMark[mark] ?? 0, byMark[i]!]),
    ["final", answers.final, final],
    ["label-ambiguous", answers.labelAmbiguous, ambiguous],
    ["the largest bound", answers.boundMax, boundMax >= 0 ? boundMax : null],
    ["the sum of the bounds", answers.wrongExpectedMax, boundSum],
  ];
  const wrong = said.find(([, expected, got]) => expected !== got);
  if (wrong !== undefined)
    return broken("counts", `${wrong[0]}: the receipt says ${wrong[1]}, its records say ${wrong[2]}`);
  const npy = hexOf(digestOf(encodeNpy({ dtype: "U8", shape: [marks.length], data: marks })));
  if (npy !== hashes.marks)
    return broken("counts", `marks: the receipt's hash is ${hashes.marks}, its records make ${npy}`);
  return holds("counts", `${final} of ${marks.length} final`);
}
