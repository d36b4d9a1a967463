/**
 * rows.bin: what is known of each answer, 52 bytes a query in the order of the queries. Numbers are little-endian.
 *
 *    0  u8   mark: its place in ANSWER_MARKS
 *    1  u8   1: final, 2: the label is open
 *    2  u16  worker index of the batch that answered the query as it is; 65535: none did
 *    4  u32  round of that batch; 4294967295: none
 *    8  u32  row of the query in that batch
 *   12  f64  bound: the chance that the answer is wrong; NaN (bytes 0 0 0 0 0 0 f8 7f): not bounded
 *   20  32   sha-256 of the answer's bytes in answers.npy
 */

export const ROW_RECORD_BYTES = 52;
/** Where its answer's hash begins. */
export const ANSWER_HASH_AT = 20;
const NO_WORKER = 0xffff;
const NO_ROUND = 0xffff_ffff;
const FINAL = 1;
const OPEN_LABEL = 2;
const FLAGS = FINAL | OPEN_LABEL;

export interface RowRecord {
  readonly mark: number;
  readonly isFinal: boolean;
  readonly hasOpenLabel: boolean;
  /** Where the query was computed as it is; null: nowhere. */
  readonly place: RowPlace | null;
  readonly bound: number | null;
  /** 32 bytes */
  readonly answerSha256: Uint8Array;
}

export interface RowPlace {
  readonly roundIndex: number;
  readonly workerIndex: number;
  readonly row: number;
}

/** @param into 52 bytes */
export function writeRow(
  into: Uint8Array,
  { mark, isFinal, hasOpenLabel, place, bound, answerSha256 }: RowRecord,
): void {
  const view = new DataView(into.buffer, into.byteOffset, ROW_RECORD_BYTES);
  view.setUint8(0, mark);
  view.setUint8(1, (isFinal ? FINAL : 0) | (hasOpenLabel ? OPEN_LABEL : 0));
  view.setUint16(2, place?.workerIndex ?? NO_WORKER, true);
  view.setUint32(4, place?.roundIndex ?? NO_ROUND, true);
  view.setUint32(8, place?.row ?? 0, true);
  // Written as words: a NaN has many forms.
  if (bound === null) view.setBigUint64(12, 0x7ff8_0000_0000_0000n, true);
  else view.setFloat64(12, bound, true);
  into.set(answerSha256, ANSWER_HASH_AT);
}

/** @param from 52 bytes. @returns null: no coordinator writes such a record */
export function readRow(from: Uint8Array, marks: number): RowRecord | null {
  const view = new DataView(from.buffer, from.byteOffset, ROW_RECORD_BYTES);
  const [mark, flags, workerIndex] = [view.getUint8(0), view.getUint8(1), view.getUint16(2, true)];
  const [roundIndex, row, bound] = [view.getUint32(4, true), view.getUint32(8, true), view.getFloat64(12, true)];
  if (mark >= marks || (flags & ~FLAGS) !== 0 || (workerIndex === NO_WORKER) !== (roundIndex === NO_ROUND)) return null;
  if (!Number.isNaN(bound) && !(bound >= 0 && bound <= 1)) return null;
  return {
    mark,
    isFinal: (flags & FINAL) !== 0,
    hasOpenLabel: (flags & OPEN_LABEL) !== 0,
    place: roundIndex === NO_ROUND ? null : { roundIndex, workerIndex, row },
    bound: Number.isNaN(bound) ? null : bound,
    answerSha256: from.subarray(ANSWER_HASH_AT, ROW_RECORD_BYTES),
  };
}
