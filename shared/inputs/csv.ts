/**
 * Numbers as text: a row a line, cells between commas, semicolons or tabs (whichever the first line has), a header where the
 * first line holds something that is no number. Cells may stand in double quotes. RFC 4180, without line breaks in cells.
 */
import { InputError } from "./input-error.ts";

export interface CsvColumns {
  /** Of the header; null where there is none. */
  readonly names: readonly string[] | null;
  readonly count: number;
}

export interface CsvRow {
  /** NaN where a cell holds none. */
  readonly numbers: number[];
  readonly cells: string[];
}

export class CsvReader {
  readonly name: string;
  readonly #cells: number | "as the first" | "any";
  #separator = ",";
  #columns: CsvColumns | null = null;
  #line = 0;

  /**
   * @param name says in errors which file it was
   * @param cells of each line; any: whoever takes them counts them
   */
  constructor(name: string, cells: number | "as the first" | "any" = "as the first") {
    this.name = name;
    this.#cells = cells;
  }

  /** Lines that were read, so the number of the last one. */
  get line(): number {
    return this.#line;
  }

  /** null before the first line. */
  get columns(): CsvColumns | null {
    return this.#columns;
  }

  /**
   * @returns the line's numbers; null for a header and for an empty line
   * @throws InputError that names line, column and cell
   */
  read(line: string): number[] | null {
    const row = this.readCells(line);
    if (row === null) return null;
    const bad = row.numbers.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw this.problemOf(row, bad);
    return row.numbers;
  }

  /** What is no number there is for whoever takes the cells. @throws InputError where there are more cells, or fewer */
  readCells(line: string): CsvRow | null {
    this.#line++;
    const text = line.replace(/\r$/, "").replace(/^\uFEFF/, "");
    if (text.trim() === "") return null;
    if (this.#columns === null) this.#separator = separatorOf(text);
    const cells = split(text, this.#separator);
    const numbers = cells.map(numberOf);
    if (this.#columns === null) {
      const isHeader = numbers.some(Number.isNaN) && cells.every((cell) => cell !== "");
      this.#columns = { names: isHeader ? cells : null, count: cells.length };
      if (isHeader) return null;
    }
    const isFirst = this.#cells === "as the first";
    const expected = isFirst ? this.#columns.count : this.#cells;
    if (expected !== "any" && numbers.length !== expected) {
      const why = isFirst ? ", as in the first line" : "";
      throw new InputError(`${this.#at()}: expected ${expected} cells${why}, got ${numbers.length}`);
    }
    return { numbers, cells };
  }

  /** Of a cell of the last line. @param column from 0 */
  problemOf({ cells }: CsvRow, column: number): InputError {
    const got = (cells[column] ?? "").slice(0, 40);
    return new InputError(`${this.#at()}, column ${column + 1}: expected a finite number, got "${got}"`);
  }

  /**
   * @param column a name of the header, or its place, from 0
   * @throws InputError where there is no such column; call it after the first row
   */
  place(column: string): number {
    return columnPlace(this.name, this.#columns!, column);
  }

  #at(): string {
    return `${this.name}, line ${this.#line}`;
  }
}

/** @throws InputError that names the columns, where there is no such one */
export function columnPlace(file: string, { names, count }: CsvColumns, column: string): number {
  const named = names?.indexOf(column) ?? -1;
  if (named >= 0) return named;
  if (/^\d{1,9}$/.test(column) && Number(column) < count) return Number(column);
  const expected = names === null ? `0 to ${count - 1} (there is no header)` : names.join(", ").slice(0, 200);
  throw new InputError(`${file}: expected a column out of ${expected}, got "${column}"`);
}

function separatorOf(line: string): string {
  return [",", ";", "\t"].find((separator) => line.includes(separator)) ?? ",";
}

function split(line: string, separator: string): string[] {
  if (!line.includes('"')) return line.split(separator).map((cell) => cell.trim());
  const cells: string[] = [];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const letter = line[i]!;
    if (letter === '"' && quoted && line[i + 1] === '"') {
      cell += '"';
      i++;
    } else if (letter === '"') quoted = !quoted;
    else if (letter === separator && !quoted) {
      cells.push(cell.trim());
      cell = "";
    } else cell += letter;
  }
  return [...cells, cell.trim()];
}

const numberOf = (cell: string): number => (cell === "" ? Number.NaN : Number(cell));
