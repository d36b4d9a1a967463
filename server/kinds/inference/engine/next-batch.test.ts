/** Batches that are like the last one, from what a coordinator has to what a tab reads. */
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ModelInput } from "../../../../shared/compute/model-runtime.ts";
import { type AssignmentMessage, assignmentSchema } from "../../../../shared/kinds/assignments.ts";
import type { BatchMessage } from "../../../../shared/kinds/inference/batch.ts";
import { packBits, packedBytes, rowsOfBatch, unpackBits } from "../../../../shared/kinds/inference/batch-rows.ts";
import { NextBatchReader, NextBatchWriter } from "../../../../shared/kinds/inference/next-batch.ts";
import { decodeFrame, encodeFrame } from "../../../../shared/protocol/frame.ts";
import { partedRows } from "./wire-parts.ts";

const LENGTH = 64;
const WORDS = 30_522;
const INPUTS: readonly ModelInput[] = [
  { name: "ids", shape: [LENGTH], dtype: "int64", below: WORDS },
  { name: "mask", shape: [LENGTH], dtype: "int64" },
  { name: "types", shape: [LENGTH], dtype: "int64", below: 2 },
];
/** Of Socket.IO's packets, as the default parser writes them. */
const NEXT = `451-["next",{"_placeholder":true,"num":0}]`.length;
const ACKNOWLEDGED = "4312[]".length;
const CREDITED = `42["credit",{"macs":1234567890123,"assignments":1234}]`.length;

const id = () => randomBytes(18).toString("base64url");

function batchOf(frame: Uint8Array, changes: Partial<BatchMessage> = {}): BatchMessage {
  return {
    ...{ token: id(), assignmentId: id(), kind: "inference", work: "batch", jobId: id(), jobName: "texts" },
    ...{ submitter: "ada", model: { sha256: "a".repeat(64), bytes: 90_000_000 }, input: { kind: "inline", frame } },
    ...{ rowCount: 2, inputSize: 3 * LENGTH, outputSize: 384, deadlineMs: 30_000, ...changes },
  };
}

/** @param wordsOf of each row */
function textBatch(rowCount: number, wordsOf: (row: number) => number, jobId: string) {
  const rows = new Float32Array(rowCount * 3 * LENGTH);
  let words = 0;
  for (let row = 0; row < rowCount; row++) {
    for (let i = 0; i < wordsOf(row); i++, words++) {
      rows[row * 3 * LENGTH + i] = 1_000 + ((row * 7_919 + i * 104_729) % (WORDS - 1_000));
      rows[row * 3 * LENGTH + LENGTH + i] = 1;
    }
  }
  const { tensors, parts } = partedRows(rows, rowCount, INPUTS, 1);
  return { batch: batchOf(encodeFrame(tensors), { jobId, rowCount, parts: [...parts] }), rows, words };
}

const frameOf = (data: number[]) =>
  encodeFrame({ rows: { dtype: "F32", shape: [data.length], data: Float32Array.from(data) } });

describe("[PR99] a batch that is like the last one", () => {
  test("is the same message in the tab, and moves down at most 1.15 times two bytes a word in batches of 8 to 40 texts", () => {
    const jobId = id();
    for (const wordsOf of [() => LENGTH, (row: number) => 40 + ((row * 7) % 25)]) {
      for (const rowCount of [8, 16, 40]) {
        const [writer, reader] = [new NextBatchWriter(), new NextBatchReader()];
        const first = textBatch(rowCount, wordsOf, jobId).batch;
        expect(writer.write(first)).toBeNull();
        reader.whole(first);
        const { batch, rows, words } = textBatch(rowCount, (row) => wordsOf(row + 1), jobId);
        const bytes = writer.write({ ...batch, deadlineMs: 29_999.2 })!;
        const read = assignmentSchema.parse(reader.next(bytes)) as BatchMessage;
        expect(read).toEqual({ ...batch, deadlineMs: 30_000 });
        const frame = read.input.kind === "inline" ? read.input.frame : new Uint8Array();
        expect(rowsOfBatch(decodeFrame(frame), read)).toEqual(rows);
        // With what else comes down for it: its acknowledgement, and the credit for it.
        const down = NEXT + bytes.length + ACKNOWLEDGED + CREDITED;
        expect(down / (2 * words)).toBeGreaterThan(0.9);
        expect(down / (2 * words)).toBeLessThan(1.15);
      }
    }
  });

  test("says its parts where they changed, and goes as a whole message where anything else did", () => {
    const frame = frameOf([1, 2]);
    const first = batchOf(frame, { parts: [{ size: 1 }] });
    const like = (changes: Partial<BatchMessage>): BatchMessage => ({ ...first, token: id(), ...changes });
    const sentAs = (message: AssignmentMessage, before: AssignmentMessage = first) => {
      const writer = new NextBatchWriter();
      writer.write(before);
      return writer.write(message);
    };
    const changed = like({ parts: [{ size: 1, same: 4 }, { size: 1 }] });
    const reader = new NextBatchReader();
    reader.whole(first);
    expect(reader.next(sentAs(changed)!)).toEqual(changed);
    expect(sentAs(like({}))).not.toBeNull();
    // Batches of a few rows are not taken in slices; those before and after them are.
    for (const [before, after] of [
      [first, like({ inSlices: true })],
      [like({ inSlices: true }), like({})],
    ] as const) {
      const other = new NextBatchReader();
      other.whole(before);
      expect(other.next(sentAs(after, before)!)).toEqual(after);
    }
    const { parts: _parts, ...without } = like({});
    for (const other of [
      like({ jobId: id() }),
      like({ outputSize: 3 }),
      like({ kind: "probe" }),
      like({ model: { ...first.model, sha256: "b".repeat(64) } }),
      like({ inputScale: 2 }),
      like({ input: { kind: "blob", sha256: "c".repeat(64), bytes: 9 } }),
      without as BatchMessage,
    ])
      expect(sentAs(other)).toBeNull();
    const shard = { ...first, kind: "matmul", work: "shard" } as unknown as AssignmentMessage;
    expect([sentAs(shard), sentAs(first, shard)]).toEqual([null, null]);
    // The one after a blob is like it in all else.
    expect(sentAs(like({}), like({ input: { kind: "blob", sha256: "c".repeat(64), bytes: 9 } }))).not.toBeNull();
  });

  test("is not read without the batch before it, nor after one that could not be read", () => {
    const [first, second] = [batchOf(frameOf([1])), batchOf(frameOf([2]))];
    const writer = new NextBatchWriter();
    writer.write(first);
    const bytes = writer.write({ ...second, jobId: first.jobId })!;
    const reader = new NextBatchReader();
    expect(() => reader.next(bytes)).toThrow("next: expected a batch before it, got none");
    reader.whole(first);
    reader.whole(null);
    expect(() => reader.next(bytes)).toThrow("got none");
    reader.whole(first);
    expect(() => reader.next(bytes.subarray(0, -1))).toThrow(/expected 4 bytes more, got 3/);
    expect(() => reader.next(bytes)).toThrow("got none");
    reader.whole(first);
    expect(() => reader.next(Uint8Array.from([...bytes, 0]))).toThrow("next: expected the end, got 1 bytes more");
  });

  test("is refused as any bytes are that no coordinator wrote, and takes no memory for what is not there", () => {
    const first = batchOf(frameOf([1]));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const reader = new NextBatchReader();
        reader.whole(first);
        try {
          reader.next(bytes);
        } catch (error) {
          expect((error as Error).message).toMatch(/^(next|frame|encodeFrame|decodeFrame): |JSON/);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

test("[PR87] numbers of a few bits come back as they were, one after the other without gaps", () => {
  const numbers = fc.integer({ min: 1, max: 24 }).chain((bits) =>
    fc.record({
      bits: fc.constant(bits),
      numbers: fc.array(fc.integer({ min: 0, max: 2 ** bits - 1 }), { maxLength: 50 }),
    }),
  );
  fc.assert(
    fc.property(numbers, ({ bits, numbers }) => {
      const bytes = packBits(numbers, bits);
      expect(bytes.length).toBe(packedBytes(numbers.length, bits));
      expect([...unpackBits(bytes, bits, numbers.length)]).toEqual(numbers);
    }),
    { numRuns: 500 },
  );
});
