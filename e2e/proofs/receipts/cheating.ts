/** What a coordinator that cheats signs: it has the key, so it makes every hash and every root fit. */

import type { ReceiptSigner } from "../../../server/receipts/receipt-keys.ts";
import { ANSWER_MARKS } from "../../../shared/kinds/inference/answers.ts";
import { encodeNpy, parseNpy } from "../../../shared/protocol/npy.ts";
import { type BatchRecord, batchLine, readBatchLine } from "../../../shared/receipts/batch-lines.ts";
import { hexOf, utf8 } from "../../../shared/receipts/bytes.ts";
import { BATCHES_FILE, ROWS_FILE, SIGNATURES_FILE } from "../../../shared/receipts/check-receipt.ts";
import { recordsIn } from "../../../shared/receipts/check-rows.ts";
import { MerkleRoot } from "../../../shared/receipts/merkle.ts";
import { receiptFile } from "../../../shared/receipts/receipt-file.ts";
import { ROW_RECORD_BYTES, type RowRecord, writeRow } from "../../../shared/receipts/row-records.ts";
import { type EndedStatement, RECEIPT_FORMAT, statementMessage } from "../../../shared/receipts/sealed-receipt.ts";
import { digestOf } from "../../../shared/receipts/sha256.ts";
import { readSignatureLine, type SignatureLine, signatureLine } from "../../../shared/receipts/signature-lines.ts";
import { parsedReceipt, type SignedJob } from "../../crowd/signed-job.ts";

/** All that it may write otherwise than it was. */
export interface Story {
  body: EndedStatement;
  rows: RowRecord[];
  batches: BatchRecord[];
  /** Empty: it says that nobody signed anything. */
  signatures: SignatureLine[];
  /** n x width */
  answers: Float32Array;
}

/** @param tell changes the story; everything that follows from it is made to fit */
export async function cheatedJob(
  signer: ReceiptSigner,
  job: SignedJob,
  tell: (story: Story) => void,
): Promise<SignedJob> {
  const sealed = parsedReceipt(job);
  const { body } = sealed.statements[0]!;
  if (body.what !== "ended") throw new Error("cheatedJob: expected the job's end first");
  const { data, shape } = parseNpy(job.answers);
  const story: Story = {
    body: structuredClone(body),
    rows: [...recordsIn(job.files.get(ROWS_FILE)!)].map((record) => ({ ...record! })),
    batches: linesOf(job, BATCHES_FILE).map((line) => readBatchLine(line)!),
    signatures: linesOf(job, SIGNATURES_FILE).map((line) => readSignatureLine(line)!),
    answers: Float32Array.from(data as Float32Array),
  };
  tell(story);
  const width = shape[1]!;
  const answers = encodeNpy({ dtype: "F32", shape, data: story.answers });
  const rows = new Uint8Array(story.rows.length * ROW_RECORD_BYTES);
  const rowTree = new MerkleRoot();
  const bytes = new Uint8Array(story.answers.buffer);
  story.rows.forEach((record, i) => {
    const into = rows.subarray(i * ROW_RECORD_BYTES, (i + 1) * ROW_RECORD_BYTES);
    writeRow(into, { ...record, answerSha256: digestOf(bytes.subarray(4 * i * width, 4 * (i + 1) * width)) });
    rowTree.add(into);
  });
  const [batches, signatures] = [story.batches.map(batchLine), story.signatures.map(signatureLine)];
  const files = new Map([
    [ROWS_FILE, rows],
    [BATCHES_FILE, fileOf(batches)],
  ]);
  if (signatures.length > 0) files.set(SIGNATURES_FILE, fileOf(signatures));
  const { signatures: _told, ...bodyTold } = story.body;
  const counted = countsOf(story.rows);
  const receipt = story.body.receipt as unknown as { hashes: object; answers: object };
  const told: EndedStatement = {
    ...bodyTold,
    ...(signatures.length > 0 ? { signatures: treeOf(signatures) } : {}),
    receipt: {
      ...story.body.receipt,
      hashes: { ...receipt.hashes, answers: hexOf(digestOf(answers)), marks: counted.marks },
      answers: { ...receipt.answers, ...counted.answers },
    },
    trees: {
      rows: { count: rowTree.count, root: hexOf(rowTree.root()) },
      batches: treeOf(batches),
    },
    files: [...files].map(([name, own]) => ({ name, bytes: own.length, sha256: hexOf(digestOf(own)) })),
  };
  let signed = told;
  const { signature } = await signer.sign((keyId) => {
    signed = { ...told, keyId };
    return statementMessage(signed);
  });
  const statements = [{ body: signed, signature }];
  return { receipt: receiptFile({ format: RECEIPT_FORMAT, keys: await signer.links(), statements }), answers, files };
}

function linesOf({ files }: SignedJob, name: string): string[] {
  return new TextDecoder()
    .decode(files.get(name) ?? new Uint8Array())
    .split("\n")
    .slice(0, -1);
}

function fileOf(lines: readonly string[]): Uint8Array<ArrayBuffer> {
  return utf8(lines.map((line) => `${line}\n`).join(""));
}

function treeOf(lines: readonly string[]): { count: number; root: string } {
  const tree = new MerkleRoot();
  for (const line of lines) tree.add(utf8(line));
  return { count: tree.count, root: hexOf(tree.root()) };
}

function countsOf(rows: readonly RowRecord[]) {
  const byMark = Object.fromEntries(ANSWER_MARKS.map((mark, i) => [mark, rows.filter((row) => row.mark === i).length]));
  const bounds = rows.flatMap(({ mark, bound }) => (ANSWER_MARKS[mark] === "audited" && bound !== null ? [bound] : []));
  const marks = encodeNpy({ dtype: "U8", shape: [rows.length], data: Uint8Array.from(rows, ({ mark }) => mark) });
  return {
    marks: hexOf(digestOf(marks)),
    answers: {
      byMark,
      final: rows.filter(({ isFinal }) => isFinal).length,
      labelAmbiguous: rows.filter(({ hasOpenLabel }) => hasOpenLabel).length,
      boundMax: bounds.length === 0 ? null : Math.max(...bounds),
      wrongExpectedMax: bounds.reduce((sum, bound) => sum + bound, 0),
    },
  };
}
