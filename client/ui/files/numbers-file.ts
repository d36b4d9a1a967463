/**
 * Files that people have, as the `.npy` files that are sent: `.npy` as it is, CSV and Parquet as a table, PNG pictures as pixels.
 * Everything happens on this computer, as on the command line (server/cli/inputs), with the same readers.
 */
import { type CsvColumns, CsvReader } from "../../../shared/inputs/csv.ts";
import { inOrderOfNames } from "../../../shared/inputs/in-order-of-names.ts";
import { InputError } from "../../../shared/inputs/input-error.ts";
import type { ModelColumn, ModelRows } from "../../../shared/inputs/model-rows.ts";
import type { SlicedFile, Unpackers } from "../../../shared/inputs/parquet.ts";
import type { PictureForm } from "../../../shared/inputs/picture-form.ts";
import { type TableKind, tableOf } from "../../../shared/inputs/table.ts";
import type { FrameFacts, Table } from "../../../shared/inputs/table-shape.ts";
import { encodeNpy, type NpyArray } from "../../../shared/protocol/npy.ts";
import { files as fileTexts } from "./file-texts.ts";

export interface NumbersFile {
  readonly npy: File;
  /** Of the label column; null where none was named. */
  readonly labels: File | null;
  /** Of a table with a header, without the label column; null: it has none. */
  readonly columnNames: readonly string[] | null;
  /** What was made of cells of a table that hold no numbers, a sentence each. */
  readonly notes: readonly string[];
  /** What the numbers of a table that was read as a frame stand for. */
  readonly frame?: FrameFacts;
}

export interface NumbersOptions extends TableKind, Partial<PictureForm> {
  /** A name of the table's header or a place from 0; null: there is none. */
  readonly labelColumn: string | null;
}

/** Endings that a field of numbers lets people choose from. */
export const NUMBERS_ENDINGS = ".npy,.npz,.csv,.tsv,.txt,.parquet";

export type FileKind = "npy" | "npz" | "csv" | "parquet" | "pictures";
/** Does it have columns, one of which may hold labels? */
export const isTable = (kind: FileKind) => kind === "csv" || kind === "parquet";

/** By the files' names. @throws InputError where they are of no one kind */
export function fileKindOf(files: readonly File[]): FileKind {
  const are = (ending: RegExp) => files.every(({ name }) => ending.test(name));
  if (files.length > 0 && are(/\.png$/i)) return "pictures";
  if (files.length !== 1) {
    throw new InputError(`expected one file, or PNG pictures, got ${files.map(({ name }) => name).join(", ")}`);
  }
  if (are(/\.parquet$/i)) return "parquet";
  if (are(/\.npz$/i)) return "npz";
  return are(/\.(csv|tsv|txt)$/i) ? "csv" : "npy";
}

const NO_TABLE = { labels: null, columnNames: null, notes: [] } as const;

/** @throws InputError that names the file, the line and what was expected there */
export async function numbersFrom(files: readonly File[], options: NumbersOptions): Promise<NumbersFile> {
  switch (fileKindOf(files)) {
    case "npy":
      return { npy: files[0]!, ...NO_TABLE };
    case "npz":
      return { npy: await onlyArrayIn(files[0]!), ...NO_TABLE };
    case "pictures":
      return { npy: npyOf("pictures", await pixelsOf(files, options)), ...NO_TABLE };
    case "csv":
    case "parquet": {
      const [file] = files as [File];
      const { features, labels, ...said } = await tableIn(file, options.labelColumn, options);
      return {
        npy: npyOf(file.name, features),
        labels: labels === null ? null : npyOf(`labels of ${file.name}`, labels),
        ...said,
      };
    }
  }
}

/** Rows of a Parquet file for a model that knows its columns. @throws InputError as modelRowsOf */
export async function parquetRowsIn(file: File, columns: readonly ModelColumn[]): Promise<ModelRows> {
  const { parquetModelRows } = await import("../../../shared/inputs/parquet-table.ts");
  return parquetModelRows(sliced(file), columns, await unpackers());
}

/** Labels of their own: `.npy`, or a table of one column. @throws InputError as numbersFrom, and where it has more columns */
export async function labelsFrom(file: File, kind: TableKind): Promise<File> {
  if (fileKindOf([file]) === "npz") return onlyArrayIn(file);
  if (!isTable(fileKindOf([file]))) return file;
  const { features, labels } = await tableIn(file, "0", kind);
  if (features.shape[1] !== 0) {
    throw new InputError(`${file.name}: expected one column of labels, got ${features.shape[1]! + 1}`);
  }
  return npyOf(file.name, labels!);
}

/** @throws InputError where the archive has another number of arrays */
async function onlyArrayIn(archive: File): Promise<File> {
  const { arrayNames, arrayOfNpz } = await import("../../../shared/inputs/npz.ts");
  const packed = new Uint8Array(await archive.arrayBuffer());
  const names = arrayNames(packed, archive.name);
  if (names.length !== 1) throw new InputError(fileTexts.oneArray(archive.name, names));
  return new File([arrayOfNpz(packed, names[0]!, archive.name)], `${names[0]}.npy`);
}

async function tableIn(file: File, labelColumn: string | null, kind: TableKind): Promise<Table> {
  if (fileKindOf([file]) !== "parquet") return tableOf(await file.text(), file.name, labelColumn, kind);
  const { parquetTableOf } = await import("../../../shared/inputs/parquet-table.ts");
  return parquetTableOf(sliced(file), labelColumn, kind, await unpackers());
}

async function unpackers(): Promise<Unpackers> {
  const { gunzipSync } = await import("fflate");
  return { GZIP: (packed, byteCount) => gunzipSync(packed, { out: new Uint8Array(byteCount) }) };
}

function sliced(file: File): SlicedFile {
  return {
    name: file.name,
    byteCount: file.size,
    slice: (start, end) => file.slice(start, end).arrayBuffer(),
  };
}

/** What the columns of a table are called; a part of the file says it. */
export async function columnsOf(file: File): Promise<CsvColumns | null> {
  if (fileKindOf([file]) === "parquet") {
    const { parquetColumns } = await import("../../../shared/inputs/parquet-table.ts");
    return parquetColumns(sliced(file));
  }
  const start = await file.slice(0, HEADER_BYTES_MAX).text();
  const reader = new CsvReader(file.name);
  for (const line of start.split("\n")) {
    if (line.trim() === "") continue;
    reader.read(line);
    return reader.columns;
  }
  return null;
}

const HEADER_BYTES_MAX = 1 << 20;

async function pixelsOf(
  files: readonly File[],
  { channels = null, isChannelsFirst = false }: Partial<PictureForm>,
): Promise<NpyArray> {
  // Loaded only when somebody has pictures: it brings a decoder along.
  const { pictureArray } = await import("../../../shared/inputs/pictures.ts");
  const sources = inOrderOfNames(files, ({ name }) => name).map((file) => ({
    name: file.name,
    read: async () => new Uint8Array(await file.arrayBuffer()),
  }));
  return pictureArray("pictures", sources, channels, isChannelsFirst);
}

function npyOf(name: string, array: NpyArray): File {
  const bytes = encodeNpy(array as Parameters<typeof encodeNpy>[0]) as Uint8Array<ArrayBuffer>;
  return new File([bytes], `${name}.npy`, { type: "application/octet-stream" });
}
