/** Rows of numbers, gathered into one array; labels apart where a column holds them. */
import { TENSOR_BYTES_MAX } from "../protocol/limits.ts";
import { CsvReader, type CsvRow, columnPlace } from "./csv.ts";
import { FrameBuilder, type FrameOptions } from "./frame.ts";
import { Gaps } from "./gaps.ts";
import { InputError } from "./input-error.ts";
import { classesOf, LABEL_WORDS_MAX } from "./label-texts.ts";
import type { LabelArray, Table, TableSource } from "./table-shape.ts";

export interface TableKind {
  /** Words are categories, and empty cells gaps that are known as such (frame.ts); nothing else that is said here counts then. */
  readonly asFrame?: FrameOptions;
  /** float64 instead of float32: of whole numbers float32 keeps those up to 2^24 alone. */
  readonly isWide?: boolean;
  /** Labels may be any numbers, as those of a linear regression; float64 where one of them is not whole. */
  readonly anyLabels?: boolean;
  /** The label column is left out, whatever it holds. */
  readonly skipsLabels?: boolean;
  /** Empty cells of features get their column's mean; otherwise they are refused, and counted. */
  readonly fillsGaps?: boolean;
  /** What somebody can do who wants them filled: "have them filled ... (--fill mean)". Absent: nothing. */
  readonly fillAdvice?: string;
}

export class TableBuilder {
  readonly #reader: TableSource;
  readonly #name: string;
  readonly #labelColumn: string | null;
  readonly #kind: TableKind;
  #labelPlace = -1;
  #features: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
  readonly #labels: number[] = [];
  /** Of rows whose label is no number: as many as there are rows, or none. */
  readonly #labelWords: string[] = [];
  readonly #gaps = new Gaps();
  #firstGap: string | null = null;
  #rows = 0;

  constructor(source: TableSource, labelColumn: string | null, kind: TableKind = {}) {
    this.#name = source.name;
    this.#kind = kind;
    this.#features = this.#room(1024);
    this.#reader = source;
    this.#labelColumn = labelColumn;
  }

  add(row: CsvRow): void {
    const { numbers } = row;
    if (this.#labelColumn !== null && this.#labelPlace < 0)
      this.#labelPlace = columnPlace(this.#name, this.#reader.columns!, this.#labelColumn);
    const bad = numbers.findIndex(
      (value, i) => !Number.isFinite(value) && i !== this.#labelPlace && !Gaps.isOne(row.cells[i]!),
    );
    if (bad >= 0) throw this.#reader.problemOf(row, bad);
    this.#takeLabel(row);
    const start = this.#rows * (numbers.length - (this.#labelPlace < 0 ? 0 : 1));
    numbers.forEach((value, i) => {
      if (i === this.#labelPlace || Number.isFinite(value)) return;
      this.#firstGap ??= this.#reader.problemOf(row, i).message;
      this.#gaps.add(start + i - (this.#labelPlace >= 0 && i > this.#labelPlace ? 1 : 0));
    });
    if (this.#labelPlace >= 0) numbers.splice(this.#labelPlace, 1);
    this.#makeRoom(start + numbers.length);
    this.#features.set(numbers, start);
    this.#rows++;
  }

  /** @throws InputError where there are no rows */
  table(): Table {
    const rows = this.#rows;
    if (rows === 0) throw new InputError(`${this.#name}: expected rows of numbers, got none`);
    const columns = (this.#reader.columns?.count ?? 0) - (this.#labelPlace < 0 ? 0 : 1);
    const data = this.#features.slice(0, rows * columns);
    const shape = [rows, columns];
    const notes = this.#fillGaps(data, columns);
    return {
      features: data instanceof Float64Array ? { dtype: "F64", shape, data } : { dtype: "F32", shape, data },
      columnNames: this.#reader.columns?.names?.filter((_, place) => place !== this.#labelPlace) ?? null,
      labels: this.#labelColumn === null ? null : this.#labelsFor(notes),
      notes,
    };
  }

  /** @returns what was done, in words */
  #fillGaps(data: Float32Array | Float64Array, columns: number): string[] {
    if (this.#gaps.count === 0) return [];
    if (this.#kind.fillsGaps === true) return [this.#gaps.fill(data, columns)];
    const { fillAdvice } = this.#kind;
    const advice = fillAdvice === undefined ? "fill them in" : `fill them in, or ${fillAdvice}`;
    throw new InputError(`${this.#firstGap}: ${this.#gaps.inWords(columns)}; ${advice}`);
  }

  /** A number, or a word where all labels are words. */
  #takeLabel(row: CsvRow): void {
    if (this.#labelPlace < 0) return;
    if (this.#kind.skipsLabels === true) return void this.#labels.push(0);
    const [label, word] = [row.numbers[this.#labelPlace]!, row.cells[this.#labelPlace]!];
    const areWords = this.#labelWords.length > 0 || (this.#rows === 0 && !Number.isFinite(label));
    if (!areWords && Number.isFinite(label)) return void this.#labels.push(this.#wholeLabel(label));
    if (!areWords || this.#kind.anyLabels === true || Gaps.isOne(word))
      throw this.#reader.problemOf(row, this.#labelPlace);
    // A first line of numbers and a word was taken for a header: nobody's row is lost without a word.
    const name = this.#reader.columns?.names?.find((cell) => Number.isFinite(Number(cell)));
    if (name !== undefined)
      throw new InputError(`${this.#name}, line 1: expected names of columns, for labels are words; got "${name}"`);
    this.#labelWords.push(word);
  }

  #labelsFor(notes: string[]): LabelArray {
    if (this.#labelWords.length === 0) return labelArray(this.#labels);
    const { classes, names } = classesOf(this.#labelWords);
    if (names.length > LABEL_WORDS_MAX)
      throw new InputError(
        `${this.#name}: expected at most ${LABEL_WORDS_MAX} different words as labels, got ${names.length}`,
      );
    const shown = names
      .slice(0, 10)
      .map((name, i) => `${name} is ${i}`)
      .join(", ");
    notes.push(`labels: ${shown}${names.length > 10 ? `, and ${names.length - 10} more` : ""}`);
    return labelArray(classes);
  }

  #makeRoom(length: number): void {
    const { BYTES_PER_ELEMENT } = this.#features;
    if (length * BYTES_PER_ELEMENT > TENSOR_BYTES_MAX) {
      const dtype = `float${8 * BYTES_PER_ELEMENT}`;
      throw new InputError(`${this.#name}: expected at most ${TENSOR_BYTES_MAX} bytes of ${dtype}, got more; split it`);
    }
    if (length <= this.#features.length) return;
    const larger = this.#room(Math.max(length, 2 * this.#features.length));
    larger.set(this.#features);
    this.#features = larger;
  }

  #room(length: number): Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> {
    return this.#kind.isWide === true ? new Float64Array(length) : new Float32Array(length);
  }

  #wholeLabel(label: number): number {
    if (this.#kind.anyLabels === true || isWhole(label)) return label;
    throw new InputError(`${this.#name}, row ${this.#rows + 1}: expected a whole number as label, got ${label}`);
  }
}

const isWhole = (label: number) => Number.isInteger(label) && label === (label | 0);

function labelArray(labels: readonly number[]): LabelArray {
  const shape = [labels.length];
  return labels.every(isWhole)
    ? { dtype: "I32", shape, data: Int32Array.from(labels) }
    : { dtype: "F64", shape, data: Float64Array.from(labels) };
}

/** What gathers rows as this kind of table. */
export function tableBuilder(source: TableSource, labelColumn: string | null, kind: TableKind) {
  return kind.asFrame === undefined
    ? new TableBuilder(source, labelColumn, kind)
    : new FrameBuilder(source, labelColumn, kind.asFrame);
}

/**
 * @throws InputError as CsvReader.read; where a label is none, everything together is too large, or there are no rows
 */
export function tableOf(text: string, name: string, labelColumn: string | null, kind: TableKind = {}): Table {
  const reader = new CsvReader(name);
  const builder = tableBuilder(reader, labelColumn, kind);
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf("\n", start);
    const row = reader.readCells(text.slice(start, end < 0 ? text.length : end));
    if (row !== null) builder.add(row);
    start = end < 0 ? text.length : end + 1;
  }
  return builder.table();
}
