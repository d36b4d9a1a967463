/**
 * What is stored of the rows of a job, append by append: a later one replaces what an earlier one says of the same place. The bytes of an append,
 * little-endian, counts as LEB128 ("varint"):
 *
 *   u8  format, 1
 *   u8  1: rows, 2: a certificate, 3: a block was opened after others
 *   rows:         varint length of the head, the head as JSON ({ names?, signed?, takings?, estimates? })
 *                 varint n rows, varint C
 *                 runs of rows that are alike, until they make n: varint count, varint attempt, u8 mark, u8 device, varint author, varint partner
 *                 zeros up to a multiple of 4; n x u32 places; a x C x f32, of the a rows that have an answer, in their order
 *   certificate:  varint block, u8 1: all places, else 0, varint n, n x varint places
 *   opened:       varint block
 *
 * Who answered, and who agreed, are numbers: 0 nobody, 1 the coordinator, from 2 on the volunteers in the order in which the appends of the job first
 * name them. The head of most appends is empty.
 *
 * An append for many rows, not a record for each: of 1,000,000 rows of 10 numbers in SQLite parts of 10 take 55.5 bytes and 9.0 us of the processor
 * a row to be written, the engine's work among them, parts of 100 take 46.7 and 4.8; a record for each row takes 88 bytes, and 17.6 us for the
 * database alone.
 */
import { ANSWER_MARKS } from "../../../../shared/kinds/inference/answers.ts";
import type { SignedResult } from "../../../../shared/receipts/signature-lines.ts";
import type { BackendClass } from "../../../../shared/verify/compare-rows.ts";
import type { EstimateTally } from "../../../../shared/verify/estimate-confidence.ts";
import type { StoredTaking } from "../engine/stored-plan.ts";
import { ColumnReader, ColumnWriter } from "./byte-columns.ts";

/** n rows in columns. C numbers an answer. */
export interface StoredRowColumns {
  /** Queries of the job. n */
  readonly places: Uint32Array;
  /** n */
  readonly attempts: Uint16Array;
  /** n: NO_AUTHOR, OWN, or a volunteer (FIRST_VOLUNTEER and on). Of nobody are answers that were taken out. */
  readonly authors: Uint16Array;
  /** n, likewise: whose second word agreed. NO_AUTHOR: no coin of the row is answered. */
  readonly partners: Uint16Array;
  /** n: index in ANSWER_MARKS. */
  readonly marks: Uint8Array;
  /** n: index in DEVICE_CLASSES. */
  readonly devices: Uint8Array;
  /** a x C, of the a rows whose mark is not `missing`. */
  readonly outputs: Float32Array;
}

export interface RowsAppend {
  readonly type: "rows";
  readonly rows: StoredRowColumns;
  /** Volunteers that no append before named. */
  readonly names: readonly string[];
  /** [RC9] Parts whose rows are among these, as their volunteers signed them. */
  readonly signed: readonly SignedResult[];
  /** [TB1] What ever took back the `final` of answers at these places; rows: indices of the columns. */
  readonly takings: readonly StoredTaking[];
  /** Facts about estimates among the rows; absent: none of them has a code. */
  readonly estimates?: StoredEstimates | undefined;
}

export interface StoredEstimates {
  /** [index of the row in the columns, its code (estimate-codes.ts)] */
  readonly codes: readonly (readonly [number, number])[];
  /** Of the job so far: how well estimates agreed with answers that were held out. It replaces what an earlier append says. */
  readonly heldOut: EstimateTally;
}

/** The answers that stand at these places are final, within the bound of that block. */
export interface FinalAppend {
  readonly type: "final";
  readonly blockId: number;
  readonly places: "all" | Uint32Array;
}

/** From here on answers are of that block: coins of those before it are settled, whatever became of them. */
export interface OpenedAppend {
  readonly type: "opened";
  readonly blockId: number;
}

export type RowsOnRecord = RowsAppend | FinalAppend | OpenedAppend;

export const NO_AUTHOR = 0;
/** The coordinator itself. */
export const OWN = 1;
/** The first volunteer that a job's rows name. */
export const FIRST_VOLUNTEER = 2;
/** Volunteers of one job, at most. */
export const VOLUNTEERS_MAX = 0x10000 - FIRST_VOLUNTEER;
/** As stored: the index in this list. */
export const DEVICE_CLASSES: readonly BackendClass[] = ["float32", "float16", "fixed32"];

const FORMAT = 1;
const ROWS = 1;
const FINAL = 2;
const OPENED = 3;
const MISSING = ANSWER_MARKS.indexOf("missing");

/**
 * @returns the bytes of one append
 * @throws RangeError where outputs do not fit the rows that have an answer
 */
export function encodeAppend(append: RowsOnRecord): Uint8Array {
  if (append.type === "opened") {
    return new ColumnWriter(16).byte(FORMAT).byte(OPENED).varint(append.blockId).written();
  }
  return append.type === "rows" ? encodeRows(append) : encodeFinal(append);
}

function encodeRows({ rows, names, signed, takings, estimates }: RowsAppend): Uint8Array {
  const { places, attempts, authors, partners, marks, devices, outputs } = rows;
  const answered = marks.reduce((count, mark) => count + (mark === MISSING ? 0 : 1), 0);
  const width = answered === 0 ? 0 : outputs.length / answered;
  if (!Number.isInteger(width) || (answered === 0 && outputs.length > 0))
    throw new RangeError(`records: expected as many numbers for each of ${answered} answers, got ${outputs.length}`);
  const facts = {
    ...(names.length === 0 ? {} : { names }),
    ...(signed.length === 0 ? {} : { signed }),
    ...(takings.length === 0 ? {} : { takings }),
    ...(estimates === undefined ? {} : { estimates }),
  };
  const head = Object.keys(facts).length === 0 ? new Uint8Array() : new TextEncoder().encode(JSON.stringify(facts));
  const writer = new ColumnWriter(64 + head.length + 8 * places.length + outputs.byteLength);
  writer.byte(FORMAT).byte(ROWS).varint(head.length).bytes(head);
  writer.varint(places.length).varint(width);
  for (let first = 0; first < places.length; ) {
    let end = first + 1;
    while (end < places.length && isAlike(rows, first, end)) end++;
    writer
      .varint(end - first)
      .varint(attempts[first]!)
      .byte(marks[first]!)
      .byte(devices[first]!);
    writer.varint(authors[first]!).varint(partners[first]!);
    first = end;
  }
  writer.align(4).bytes(bytesOf(places)).bytes(bytesOf(outputs));
  return writer.written();
}

function isAlike(rows: StoredRowColumns, a: number, b: number): boolean {
  const { attempts, authors, partners, marks, devices } = rows;
  return (
    attempts[a] === attempts[b] &&
    authors[a] === authors[b] &&
    partners[a] === partners[b] &&
    marks[a] === marks[b] &&
    devices[a] === devices[b]
  );
}

function encodeFinal({ blockId, places }: FinalAppend): Uint8Array {
  const listed = places === "all" ? new Uint32Array() : places;
  const writer = new ColumnWriter(16 + 5 * listed.length);
  writer.byte(FORMAT).byte(FINAL).varint(blockId);
  writer.byte(places === "all" ? 1 : 0).varint(listed.length);
  for (const place of listed) writer.varint(place);
  return writer.written();
}

/**
 * @param bytes of one append, as encodeAppend made them
 * @returns copies
 * @throws RangeError where they are of another format, cut off, or longer than they say
 */
export function decodeAppend(bytes: Uint8Array): RowsOnRecord {
  const reader = new ColumnReader(bytes);
  const [format, what] = [reader.byte(), reader.byte()];
  if (format !== FORMAT) throw new RangeError(`records: expected rows of format ${FORMAT}, got ${format}`);
  const decode = DECODE[what];
  if (decode === undefined) throw new RangeError(`records: expected rows, a certificate or a block, got ${what}`);
  const append = decode(reader);
  reader.end();
  return append;
}

function decodeRows(reader: ColumnReader): RowsAppend {
  const head = reader.bytes(reader.varint());
  const facts = head.length === 0 ? {} : (JSON.parse(new TextDecoder().decode(head)) as Partial<RowsAppend>);
  const [n, width] = [reader.varint(), reader.varint()];
  // Before there is room made for them.
  reader.has(4 * n);
  const attempts = new Uint16Array(n);
  const authors = new Uint16Array(n);
  const partners = new Uint16Array(n);
  const marks = new Uint8Array(n);
  const devices = new Uint8Array(n);
  let answered = 0;
  for (let first = 0; first < n; ) {
    const end = first + reader.varint();
    if (end === first || end > n) throw new RangeError(`records: expected runs of ${n} rows in all, got ${end}`);
    attempts.fill(reader.varint(), first, end);
    const mark = reader.byte();
    if (mark >= ANSWER_MARKS.length) throw new RangeError(`records: expected a mark, got ${mark}`);
    marks.fill(mark, first, end);
    devices.fill(reader.byte(), first, end);
    authors.fill(reader.varint(), first, end);
    partners.fill(reader.varint(), first, end);
    if (mark !== MISSING) answered += end - first;
    first = end;
  }
  reader.align(4);
  const places = new Uint32Array(reader.copy(4 * n));
  const outputs = new Float32Array(reader.copy(4 * answered * width));
  const { names = [], signed = [], takings = [], estimates } = facts;
  return {
    ...{ type: "rows", rows: { places, attempts, authors, partners, marks, devices, outputs } },
    ...{ names, signed, takings },
    ...(estimates !== undefined && { estimates }),
  };
}

function decodeFinal(reader: ColumnReader): FinalAppend {
  const blockId = reader.varint();
  const isAll = reader.byte() === 1;
  const places = Uint32Array.from({ length: reader.varint() }, () => reader.varint());
  return { type: "final", blockId, places: isAll ? "all" : places };
}

const DECODE: Readonly<Record<number, (reader: ColumnReader) => RowsOnRecord>> = {
  [ROWS]: decodeRows,
  [FINAL]: decodeFinal,
  [OPENED]: (reader) => ({ type: "opened", blockId: reader.varint() }),
};

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
