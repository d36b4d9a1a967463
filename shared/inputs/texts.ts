/**
 * Texts from what people have: a text a line (.txt, or a stream), CSV or TSV (RFC 4180, line breaks in cells too), JSONL (objects,
 * or texts themselves) and Parquet. Of tables one column is taken.
 */
import { QUERIES_PER_JOB_MAX, REFUSED_TEXTS_NAMED_MAX, TEXT_BYTES_MAX } from "../protocol/limits.ts";
import { csvRecords } from "./csv-records.ts";
import { InputError } from "./input-error.ts";
import { linesOf } from "./lines.ts";
import { openParquet, type SlicedFile, type Unpackers } from "./parquet.ts";
import { Problems } from "./problems.ts";
import { textFormOf } from "./text-names.ts";

export interface Texts {
  readonly texts: readonly string[];
  /** For people, of the text at a place: "corpus.csv, line 12". */
  whereIs(place: number): string;
}

/** Its name's ending says what it holds. */
export interface TextFile extends SlicedFile {
  bytes(): AsyncIterable<Uint8Array>;
}

/** Columns that are taken where nobody says which. */
const USUAL_COLUMNS = ["text", "sentence", "content"];

/**
 * @param column a name, or of CSV without a header a place from 0; null: "text", or the only one
 * @param unpackers what Parquet may be packed with beside Snappy
 * @throws InputError that names file and line
 */
export async function textsIn(file: TextFile, column: string | null, unpackers: Unpackers): Promise<Texts> {
  const { name } = file;
  switch (textFormOf(name)) {
    case "json":
      return gathered(name, "line", jsonTexts(file.bytes(), name, column));
    case "table":
      return gathered(name, "line", csvTexts(file.bytes(), name, column));
    case "parquet":
      return gathered(name, "row", parquetTexts(file, column, unpackers));
    case "lines":
      return streamedTexts(file.bytes(), name);
    default:
      throw new InputError(`${name}: expected a file ending in .txt, .csv, .tsv, .jsonl or .parquet, got another one`);
  }
}

/** A text a line. @param name of the stream, for errors */
export function streamedTexts(bytes: AsyncIterable<Uint8Array>, name: string): Promise<Texts> {
  return gathered(name, "line", textLines(bytes, name));
}

const encoder = new TextEncoder();

interface PlacedText {
  /** Or what is wrong with what stands there: other lines are looked at all the same. */
  readonly text: string | InputError;
  /** Counted from 1. */
  readonly line: number;
}

/** @throws InputError with every line that holds no text */
async function gathered(name: string, unit: "line" | "row", placed: AsyncIterable<PlacedText>): Promise<Texts> {
  const texts: string[] = [];
  const lines: number[] = [];
  const problems = new Problems(REFUSED_TEXTS_NAMED_MAX);
  await problems.attempt(async () => {
    for await (const { text, line } of placed) {
      if (text instanceof InputError) {
        problems.add(text.message);
        continue;
      }
      const byteCount = encoder.encode(text).length;
      if (byteCount > TEXT_BYTES_MAX) {
        problems.add(`${name}, ${unit} ${line}: expected a text of at most ${TEXT_BYTES_MAX} bytes, got ${byteCount}`);
      }
      if (texts.push(text) > QUERIES_PER_JOB_MAX) {
        throw new InputError(`${name}: expected at most ${QUERIES_PER_JOB_MAX} texts, got more; split it`);
      }
      lines.push(line);
    }
  });
  problems.throwIfAny();
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
    yield { text: textOfJson(text, column, `${name}, line ${line}`), line };
  }
}

function textOfJson(json: string, column: string | null, what: string): string | InputError {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    const got =
      json.trim() === "[" ? "the beginning of an array, whose parts belong on a line each" : `"${json.slice(0, 40)}"`;
    return new InputError(`${what}: expected JSON, got ${got}`);
  }
  if (typeof value === "string") return value;
  const fields = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const names = Object.keys(fields).filter((name) => typeof fields[name] === "string");
  const chosen = columnAmong(names, column);
  if (chosen !== null) return fields[chosen] as string;
  const wanted = [column, ...USUAL_COLUMNS].find((name) => name !== null && Object.hasOwn(fields, name));
  if (wanted === undefined || wanted === null) return noColumn(names, column, what);
  const got = fields[wanted];
  return new InputError(`${what}: expected a text in "${wanted}", got ${got === null ? "null" : `a ${typeof got}`}`);
}

/** @throws InputError that names those that there are */
function chosenColumn(names: readonly string[], column: string | null, what: string): string {
  const chosen = columnAmong(names, column);
  if (chosen === null) throw noColumn(names, column, what);
  return chosen;
}

function columnAmong(names: readonly string[], column: string | null): string | null {
  const usual = USUAL_COLUMNS.find((name) => names.includes(name));
  const chosen = column ?? usual ?? (names.length === 1 ? names[0] : undefined);
  return chosen !== undefined && names.includes(chosen) ? chosen : null;
}

function noColumn(names: readonly string[], column: string | null, what: string): InputError {
  const expected = column === null ? "--column to name one with texts" : `a column of texts named "${column}"`;
  return new InputError(`${what}: expected ${expected}, got ${names.join(", ").slice(0, 200) || "no texts"}`);
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
    const ragged = () =>
      new InputError(`${name}, line ${line}: expected ${width} cells, as in the first line, got ${cells.length}`);
    yield { text: cells.length === width ? cells[place]! : ragged(), line };
  }
}

async function* parquetTexts(
  file: SlicedFile,
  column: string | null,
  unpackers: Unpackers,
): AsyncGenerator<PlacedText> {
  const { columns, rows } = await openParquet(file, unpackers);
  const names = columns.filter(({ isText }) => isText).map(({ name }) => name);
  const chosen = chosenColumn(names, column, file.name);
  let line = 0;
  for await (const { [chosen]: text } of rows([chosen])) {
    line++;
    const noText = () => {
      const got = text === null || text === undefined ? "nothing" : typeof text;
      return new InputError(`${file.name}, row ${line}: expected a text in "${chosen}", got ${got}`);
    };
    yield { text: typeof text === "string" ? text : noText(), line };
  }
}
