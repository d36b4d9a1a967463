/**
 * Texts from what people have: a text a line (.txt, or a stream), CSV or TSV (RFC 4180, line breaks in cells too), JSONL (objects,
 * or texts themselves) and Parquet. Of tables one column is taken, or two: then each row is a pair of texts.
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
  /** The second text of each row; null: rows are single texts. */
  readonly pairs: readonly string[] | null;
  /** For people, of the text at a place: "corpus.csv, line 12". */
  whereIs(place: number): string;
}

/** Its name's ending says what it holds. */
export interface TextFile extends SlicedFile {
  bytes(): AsyncIterable<Uint8Array>;
}

/** Columns that are taken where nobody says which. */
const USUAL_COLUMNS = ["text", "sentence", "content"];
/** And two of them, where both are there. */
const USUAL_PAIRS = [
  ["text", "text_pair"],
  ["question", "context"],
  ["premise", "hypothesis"],
  ["query", "passage"],
];

/**
 * @param columns names, or of CSV without a header places from 0; two: of the first and the second text of a pair; none: a usual pair, "text", or
 * the only one
 * @param unpackers what Parquet may be packed with beside Snappy
 * @throws InputError that names file and line
 */
export async function textsIn(file: TextFile, columns: readonly string[], unpackers: Unpackers): Promise<Texts> {
  const { name } = file;
  if (columns.length > 2) throw new InputError(`${name}: expected one column of texts, or two, got ${columns.length}`);
  switch (textFormOf(name)) {
    case "json":
      return gathered(name, "line", jsonTexts(file.bytes(), name, columns));
    case "table":
      return gathered(name, "line", csvTexts(file.bytes(), name, columns));
    case "parquet":
      return gathered(name, "row", parquetTexts(file, columns, unpackers));
    case "lines":
      if (columns.length > 0) throw new InputError(`${name}: expected a table for --column, got lines of text`);
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
  readonly text: readonly string[] | InputError;
  /** Counted from 1. */
  readonly line: number;
}

/** @throws InputError with every line that holds no text */
async function gathered(name: string, unit: "line" | "row", placed: AsyncIterable<PlacedText>): Promise<Texts> {
  const texts: string[] = [];
  const pairs: string[] = [];
  const lines: number[] = [];
  const problems = new Problems(REFUSED_TEXTS_NAMED_MAX);
  await problems.attempt(async () => {
    for await (const { text, line } of placed) {
      if (text instanceof InputError) {
        problems.add(text.message);
        continue;
      }
      const [first, second] = text as [string, string?];
      const byteCount = encoder.encode(text.join("")).length;
      if (byteCount > TEXT_BYTES_MAX) {
        problems.add(`${name}, ${unit} ${line}: expected a text of at most ${TEXT_BYTES_MAX} bytes, got ${byteCount}`);
      }
      const arePairs = texts.length === 0 ? second !== undefined : pairs.length > 0;
      if (arePairs !== (second !== undefined)) {
        const [expected, got] = arePairs ? ["two texts", "one"] : ["one text", "two"];
        problems.add(`${name}, ${unit} ${line}: expected ${expected}, as in the first ${unit}, got ${got}`);
      }
      if (second !== undefined) pairs.push(second);
      if (texts.push(first) > QUERIES_PER_JOB_MAX) {
        throw new InputError(`${name}: expected at most ${QUERIES_PER_JOB_MAX} texts, got more; split it`);
      }
      lines.push(line);
    }
  });
  problems.throwIfAny();
  if (texts.length === 0) throw new InputError(`${name}: expected texts, got none`);
  return { texts, pairs: pairs.length === 0 ? null : pairs, whereIs: (place) => `${name}, ${unit} ${lines[place]}` };
}

async function* textLines(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<PlacedText> {
  let line = 0;
  for await (const text of linesOf(bytes, name)) yield { text: [text.replace(/\r$/, "")], line: ++line };
}

async function* jsonTexts(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  columns: readonly string[],
): AsyncGenerator<PlacedText> {
  let line = 0;
  for await (const text of linesOf(bytes, name)) {
    line++;
    if (text.trim() === "") continue;
    yield { text: textsOfJson(text, columns, `${name}, line ${line}`), line };
  }
}

function textsOfJson(json: string, columns: readonly string[], what: string): readonly string[] | InputError {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    const got =
      json.trim() === "[" ? "the beginning of an array, whose parts belong on a line each" : `"${json.slice(0, 40)}"`;
    return new InputError(`${what}: expected JSON, got ${got}`);
  }
  if (typeof value === "string") return [value];
  const fields = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const names = Object.keys(fields);
  const chosen =
    columnsAmong(names, columns) ??
    columnsAmong(
      names.filter((name) => typeof fields[name] === "string"),
      columns,
    );
  if (chosen === null)
    return noColumn(
      names.filter((name) => typeof fields[name] === "string"),
      columns,
      what,
    );
  // Of what nobody named, nothing is left out without a word.
  const others = columns.length > 0 ? [] : names.filter((name) => !chosen.includes(name));
  if (others.length > 0) {
    const listed = others.map((name) => `"${name}"`).join(", ");
    return new InputError(
      `${what}: expected no other fields than ${chosen.map((name) => `"${name}"`).join(" and ")}, got ${listed.slice(0, 200)}; name what is to be taken: ${chosen.map((name) => `--column ${name}`).join(" ")}`,
    );
  }
  const bad = chosen.find((name) => typeof fields[name] !== "string");
  if (bad === undefined) return chosen.map((name) => fields[name] as string);
  const got = fields[bad];
  return new InputError(`${what}: expected a text in "${bad}", got ${got === null ? "null" : `a ${typeof got}`}`);
}

/** @throws InputError that names those that there are */
function chosenColumns(names: readonly string[], columns: readonly string[], what: string): readonly string[] {
  const chosen = columnsAmong(names, columns);
  if (chosen === null) throw noColumn(names, columns, what);
  return chosen;
}

function columnsAmong(names: readonly string[], columns: readonly string[]): readonly string[] | null {
  if (columns.length > 0) return columns.every((name) => names.includes(name)) ? columns : null;
  const pair = USUAL_PAIRS.find((two) => two.every((name) => names.includes(name)));
  if (pair !== undefined) return pair;
  const usual = USUAL_COLUMNS.find((name) => names.includes(name));
  const only = names.length === 1 ? names[0] : undefined;
  const chosen = usual ?? only;
  return chosen === undefined ? null : [chosen];
}

function noColumn(names: readonly string[], columns: readonly string[], what: string): InputError {
  const missing = columns.filter((name) => !names.includes(name)).map((name) => `"${name}"`);
  const expected =
    columns.length === 0 ? "--column to name one with texts" : `a column of texts named ${missing.join(" and ")}`;
  return new InputError(`${what}: expected ${expected}, got ${names.join(", ").slice(0, 200) || "no texts"}`);
}

/** The first record is a header where a column is named, or where it has a usual name among others. */
async function* csvTexts(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  columns: readonly string[],
): AsyncGenerator<PlacedText> {
  let places: readonly number[] | null = null;
  let width = 0;
  for await (const { cells, line } of csvRecords(bytes, name)) {
    if (places === null) {
      width = cells.length;
      const arePlaces = columns.length > 0 && columns.every((one) => /^\d+$/.test(one) && !cells.includes(one));
      const isHeader = !arePlaces && (columns.length > 0 || cells.length > 1 || USUAL_COLUMNS.includes(cells[0]!));
      places = isHeader ? chosenColumns(cells, columns, name).map((one) => cells.indexOf(one)) : [0];
      if (arePlaces) places = columns.map(Number);
      const bad = places.find((place) => place >= width);
      if (bad !== undefined) throw new InputError(`${name}: expected a column from 0 to ${width - 1}, got ${bad}`);
      if (isHeader) continue;
    }
    const ragged = () =>
      new InputError(`${name}, line ${line}: expected ${width} cells, as in the first line, got ${cells.length}`);
    yield { text: cells.length === width ? places.map((place) => cells[place]!) : ragged(), line };
  }
}

async function* parquetTexts(
  file: SlicedFile,
  asked: readonly string[],
  unpackers: Unpackers,
): AsyncGenerator<PlacedText> {
  const { columns, rows } = await openParquet(file, unpackers);
  const names = columns.filter(({ isText }) => isText).map(({ name }) => name);
  const chosen = chosenColumns(names, asked, file.name);
  let line = 0;
  for await (const row of rows([...chosen])) {
    line++;
    const bad = chosen.find((name) => typeof row[name] !== "string");
    const noText = (name: string) => {
      const text = row[name];
      const got = text === null || text === undefined ? "nothing" : typeof text;
      return new InputError(`${file.name}, row ${line}: expected a text in "${name}", got ${got}`);
    };
    yield { text: bad === undefined ? chosen.map((name) => row[name] as string) : noText(bad), line };
  }
}
