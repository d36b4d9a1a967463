/**
 * Texts from what people have: a text a line (.txt, or standard input), CSV or TSV (RFC 4180, line breaks in cells too), JSONL (objects,
 * or texts themselves) and Parquet. Of tables one column is taken.
 */
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { extname } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { InputError } from "../../../shared/inputs/input-error.ts";
import { QUERIES_PER_JOB_MAX, TEXT_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import { csvRecords } from "./csv-records.ts";
import { linesOf } from "./lines.ts";
import { unreadable } from "./model-folder.ts";

export interface Texts {
  readonly texts: readonly string[];
  /** For people, of the text at a place: "corpus.csv, line 12". */
  whereIs(place: number): string;
}

export interface TextsOptions {
  /** A name, or of CSV without a header a place from 0; null: "text", or the only one. */
  readonly column: string | null;
  readonly stdin: AsyncIterable<Uint8Array>;
}

/** Columns that are taken where nobody says which. */
const USUAL_COLUMNS = ["text", "sentence", "content"];

/** @throws InputError that names file and line */
export async function readTexts(path: string, { column, stdin }: TextsOptions): Promise<Texts> {
  if (path === "-") return gathered("standard input", "line", textLines(stdin, "standard input"));
  const found = await stat(path).catch((error: Error) => unreadable(path, error));
  if (found.isDirectory()) throw new InputError(`${path}: expected a file of texts, got a folder`);
  const bytes = () => createReadStream(path);
  switch (extname(path).toLowerCase()) {
    case ".jsonl":
    case ".ndjson":
      return gathered(path, "line", jsonTexts(bytes(), path, column));
    case ".csv":
    case ".tsv":
      return gathered(path, "line", csvTexts(bytes(), path, column));
    case ".parquet":
      return gathered(path, "row", parquetTexts(path, column));
    case ".txt":
      return gathered(path, "line", textLines(bytes(), path));
    default:
      throw new InputError(`${path}: expected a file ending in .txt, .csv, .tsv, .jsonl or .parquet, got another one`);
  }
}

interface PlacedText {
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

async function gathered(name: string, unit: "line" | "row", placed: AsyncIterable<PlacedText>): Promise<Texts> {
  const texts: string[] = [];
  const lines: number[] = [];
  for await (const { text, line } of placed) {
    const byteCount = Buffer.byteLength(text);
    if (byteCount > TEXT_BYTES_MAX) {
      throw new InputError(
        `${name}, ${unit} ${line}: expected a text of at most ${TEXT_BYTES_MAX} bytes, got ${byteCount}`,
      );
    }
    if (texts.push(text) > QUERIES_PER_JOB_MAX) {
      throw new InputError(`${name}: expected at most ${QUERIES_PER_JOB_MAX} texts, got more; split it`);
    }
    lines.push(line);
  }
  if (texts.length === 0) throw new InputError(`${name}: expected texts, got none`);
  return { texts, whereIs: (place) => `${name}, ${unit} ${lines[place]}` };
}

async function* textLines(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<PlacedText> {
  let line = 0;
  for await (const text of linesOf(bytes, name)) yield { text: text.replace(/\r$/, ""), line: ++line };
}

async function* jsonTexts(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  column: string | null,
): AsyncGenerator<PlacedText> {
  let line = 0;
  for await (const text of linesOf(bytes, name)) {
    line++;
    if (text.trim() === "") continue;
    const what = `${name}, line ${line}`;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new InputError(`${what}: expected JSON, got "${text.slice(0, 40)}"`);
    }
    yield { text: typeof value === "string" ? value : fieldOf(value, column, what), line };
  }
}

function fieldOf(value: unknown, column: string | null, what: string): string {
  const fields = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const names = Object.keys(fields).filter((name) => typeof fields[name] === "string");
  return fields[chosenColumn(names, column, what)] as string;
}

/** @throws InputError that names those that there are */
function chosenColumn(names: readonly string[], column: string | null, what: string): string {
  const usual = USUAL_COLUMNS.find((name) => names.includes(name));
  const chosen = column ?? usual ?? (names.length === 1 ? names[0] : undefined);
  if (chosen !== undefined && names.includes(chosen)) return chosen;
  const expected = column === null ? "--column to name one with texts" : `a column of texts named "${column}"`;
  throw new InputError(`${what}: expected ${expected}, got ${names.join(", ").slice(0, 200) || "no texts"}`);
}

/** The first record is a header where a column is named, or where it has a usual name among others. */
async function* csvTexts(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  column: string | null,
): AsyncGenerator<PlacedText> {
  let place: number | null = null;
  let width = 0;
  for await (const { cells, line } of csvRecords(bytes, name)) {
    if (place === null) {
      width = cells.length;
      const isPlace = column !== null && /^\d+$/.test(column) && !cells.includes(column);
      const isHeader = !isPlace && (column !== null || cells.length > 1 || USUAL_COLUMNS.includes(cells[0]!));
      place = isPlace ? Number(column) : isHeader ? cells.indexOf(chosenColumn(cells, column, name)) : 0;
      if (place >= width) throw new InputError(`${name}: expected a column from 0 to ${width - 1}, got ${column}`);
      if (isHeader) continue;
    }
    if (cells.length !== width) {
      throw new InputError(`${name}, line ${line}: expected ${width} cells, as in the first line, got ${cells.length}`);
    }
    yield { text: cells[place]!, line };
  }
}

/** A row group is read at a time. */
async function* parquetTexts(path: string, column: string | null): AsyncGenerator<PlacedText> {
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import("hyparquet");
  const file = await open(path);
  const { size } = await file.stat();
  const buffer = {
    byteLength: size,
    async slice(start: number, end = size): Promise<ArrayBuffer> {
      const length = Math.max(0, (end < 0 ? size + end : end) - start);
      const bytes = new Uint8Array(length);
      await file.read(bytes, 0, length, start);
      return bytes.buffer;
    },
  };
  const compressors = {
    GZIP: (bytes: Uint8Array) => gunzipSync(bytes),
    BROTLI: (bytes: Uint8Array) => brotliDecompressSync(bytes),
  };
  try {
    const metadata = await parquetMetadataAsync(buffer);
    const names = parquetSchema(metadata)
      .children.filter(({ element }) => element.type === "BYTE_ARRAY")
      .map(({ element }) => element.name);
    const chosen = chosenColumn(names, column, path);
    let start = 0;
    for (const { num_rows } of metadata.row_groups) {
      const end = start + Number(num_rows);
      const rows = await parquetReadObjects({
        file: buffer,
        metadata,
        compressors,
        columns: [chosen],
        rowStart: start,
        rowEnd: end,
      });
      for (const [i, row] of rows.entries()) {
        const text: unknown = row[chosen];
        if (typeof text !== "string") {
          const got = text === null || text === undefined ? "nothing" : typeof text;
          throw new InputError(`${path}, row ${start + i + 1}: expected a text in "${chosen}", got ${got}`);
        }
        yield { text, line: start + i + 1 };
      }
      start = end;
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `${path}: expected a Parquet file that can be read, got another one: ${(error as Error).message}`,
    );
  } finally {
    await file.close();
  }
}
