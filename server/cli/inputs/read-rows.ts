/**
 * Queries, labels and features from whatever people have: `.npy`, `.npz` (FILE.npz:NAME picks an array), CSV, Parquet, a folder of
 * PNG pictures, or `-` for standard input, where the first bytes tell which.
 */
import { openAsBlob } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { photoKind } from "../../../shared/hub/photo.ts";
import { InputError } from "../../../shared/inputs/input-error.ts";
import { textOf } from "../../../shared/inputs/lines.ts";
import { type ModelColumn, modelRowsOf } from "../../../shared/inputs/model-rows.ts";
import { arrayOfNpz } from "../../../shared/inputs/npz.ts";
import { isParquet, type SlicedFile } from "../../../shared/inputs/parquet.ts";
import { parquetModelRows, parquetTableOf } from "../../../shared/inputs/parquet-table.ts";
import { type TableKind, tableOf } from "../../../shared/inputs/table.ts";
import type { FrameFacts, LabelArray } from "../../../shared/inputs/table-shape.ts";
import { NPY_HEADER_BYTES_MAX, TENSOR_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import { type NpyArray, NpyError, parseNpy, readNpyHeader } from "../../../shared/protocol/npy.ts";
import type { Numbers } from "../../../shared/sdk/as-npy.ts";
import { requireFitNpy } from "./fit-npy.ts";
import { type PictureFile, pictureArrayOf, pictureLabels, picturesIn } from "./image-folder.ts";
import { unreadable } from "./model-folder.ts";
import { UNPACKERS } from "./unpackers.ts";

export interface Rows {
  /** To be uploaded as it is. */
  readonly numbers: Numbers;
  readonly shape: readonly number[];
  readonly dtype: NpyArray["dtype"];
  /** Of a label column or of class folders. */
  readonly labels: LabelArray | null;
  /** Names of the pictures, in the order of the rows. */
  readonly files: readonly string[] | null;
  /** Of a table with a header, without the label column; absent or null: it has none. */
  readonly columnNames?: readonly string[] | null;
  /** What was made of cells that hold no numbers; absent: nothing. */
  readonly notes?: readonly string[];
  /** What the numbers of a table that was read as a frame stand for. */
  readonly frame?: FrameFacts;
}

/** Of commands that have --fill. */
export const FILL_ADVICE = "have them filled with their column's mean (--fill mean)";

export interface RowsOptions extends TableKind {
  readonly labelColumn?: string | undefined;
  /** Rows for a model that knows its columns: a table is read by their names, whatever else is said of tables. */
  readonly columnsOf?: () => Promise<readonly ModelColumn[]>;
  /** Of pictures; null: as the first one. */
  readonly channels?: 1 | 3 | null;
  /** Of pictures: are their channels the first dimension, as in ONNX models? Otherwise the last. */
  readonly isChannelsFirst?: boolean;
  readonly stdin: AsyncIterable<Uint8Array>;
}

/** @throws InputError that names the file, what was expected and what came */
export async function readRows(path: string, options: RowsOptions): Promise<Rows> {
  if (path === "-") return rowsOfBytes(await all(options.stdin), "standard input", null, options);
  const { file, key } = await splitKey(path);
  if ((await stat(file).catch((error: Error) => unreadable(file, error))).isDirectory()) return folder(file, options);
  const large = key === null ? await largeNpy(file) : null;
  if (large !== null) return large;
  const bytes = await readFile(file).catch((error: Error) => unreadable(file, error));
  return rowsOfBytes(new Uint8Array(bytes), file, key, options);
}

/** A `.npy` file that is sent as it lies there, never whole in memory; null: it is small, or something else. */
async function largeNpy(file: string): Promise<Rows | null> {
  const blob = await openAsBlob(file).catch((error: Error) => unreadable(file, error));
  if (blob.size < SENT_FROM_FILE_BYTES) return null;
  const start = new Uint8Array(await blob.slice(0, HEADER_BYTES).arrayBuffer());
  if (!isNpy(start)) return null;
  try {
    const header = readNpyHeader(start);
    if (header === null) throw new NpyError("npy: expected a header, got none");
    await requireFitNpy(blob, file);
    return { numbers: blob, shape: header.shape, dtype: header.dtype, labels: null, files: null };
  } catch (error) {
    if (error instanceof NpyError) throw new InputError(`${file}: ${error.message}`);
    throw error;
  }
}
const SENT_FROM_FILE_BYTES = 64 * 1024 * 1024;
const HEADER_BYTES = NPY_HEADER_BYTES_MAX + 12;

/** Is it text (CSV), as far as its first bytes tell? */
export function looksLikeText(start: Uint8Array): boolean {
  return !isNpy(start) && !isZip(start) && !isParquet(start);
}

async function rowsOfBytes(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  key: string | null,
  options: RowsOptions,
): Promise<Rows> {
  if (isZip(bytes)) return npyRows(arrayOfNpz(bytes, key, name), key === null ? name : `${name}:${key}`);
  if (key !== null) throw new InputError(`${name}: expected a .npz archive to take "${key}" from, got another file`);
  if (isNpy(bytes)) return npyRows(bytes, name);
  if (bytes.length === 0) throw new InputError(`${name}: expected rows of numbers, got nothing`);
  if (photoKind(bytes) === "png")
    throw new InputError(`${name}: expected rows of numbers, got a picture; name the folder that it lies in`);
  const labelColumn = options.labelColumn ?? null;
  if (options.columnsOf !== undefined) return modelRows(bytes, name, labelColumn, await options.columnsOf());
  const { features, ...table } = isParquet(bytes)
    ? await parquetTableOf(inMemory(bytes, name), labelColumn, options, UNPACKERS)
    : tableOf(textOf(bytes, name), name, labelColumn, options);
  return { numbers: features, shape: features.shape, dtype: features.dtype, files: null, ...table };
}

async function modelRows(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  leftOut: string | null,
  columns: readonly ModelColumn[],
): Promise<Rows> {
  const { values, rows, notes } = isParquet(bytes)
    ? await parquetModelRows(inMemory(bytes, name), columns, UNPACKERS, leftOut)
    : modelRowsOf(textOf(bytes, name), name, columns, leftOut);
  const numbers = { dtype: "F64" as const, shape: [rows, columns.length], data: values };
  return { numbers, shape: numbers.shape, dtype: "F64", labels: null, files: null, notes };
}

function inMemory(bytes: Uint8Array<ArrayBuffer>, name: string): SlicedFile {
  return { name, byteCount: bytes.length, slice: async (start, end) => bytes.slice(start, end).buffer };
}

export async function npyRows(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<Rows> {
  try {
    const { dtype, shape } = parseNpy(bytes);
    await requireFitNpy(bytes, name);
    return { numbers: bytes, shape, dtype, labels: null, files: null };
  } catch (error) {
    if (error instanceof NpyError) throw new InputError(`${name}: ${error.message}`);
    throw error;
  }
}

async function folder(path: string, { channels = null, isChannelsFirst = false }: RowsOptions): Promise<Rows> {
  const pictures: PictureFile[] = await picturesIn(path);
  const array = await pictureArrayOf(path, pictures, channels, isChannelsFirst);
  const files = pictures.map(({ file }) => file);
  return { numbers: array, shape: array.shape, dtype: "U8", labels: pictureLabels(pictures), files };
}

/** FILE.npz:NAME; a file that has a colon in its own name is taken as it is. */
async function splitKey(path: string): Promise<{ file: string; key: string | null }> {
  const at = path.lastIndexOf(":");
  const isWhole =
    at < 0 ||
    (await stat(path).then(
      () => true,
      () => false,
    ));
  return isWhole ? { file: path, key: null } : { file: path.slice(0, at), key: path.slice(at + 1) };
}

async function all(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > TENSOR_BYTES_MAX) {
      throw new InputError(`standard input: expected at most ${TENSOR_BYTES_MAX} bytes, got more`);
    }
  }
  return new Uint8Array(Buffer.concat(chunks));
}

const isNpy = (bytes: Uint8Array) => bytes[0] === 0x93 && bytes[1] === 0x4e && bytes[2] === 0x55;
const isZip = (bytes: Uint8Array) => bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2]! <= 5;
