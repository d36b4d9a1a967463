/** Rows of numbers, gathered into one array; labels apart where a column holds them. */
import { TENSOR_BYTES_MAX } from "../protocol/limits.ts";
import type { NpyArray } from "../protocol/npy.ts";
import { CsvReader } from "./csv.ts";
import { InputError } from "./input-error.ts";

export type FloatArray = Extract<NpyArray, { dtype: "F32" | "F64" }>;
export type LabelArray = Extract<NpyArray, { dtype: "I32" | "F64" }>;
export interface Table {
  /** rows x columns, without the label column */
  readonly features: FloatArray;
  /** null where no label column was named */
  readonly labels: LabelArray | null;
}

export interface TableKind {
  /** float64 instead of float32: of whole numbers float32 keeps those up to 2^24 alone. */
  readonly isWide?: boolean;
  /** Labels may be any numbers, as those of a linear regression; float64 where one of them is not whole. */
  readonly anyLabels?: boolean;
}

class TableBuilder {
  readonly #reader: CsvReader;
  readonly #name: string;
  readonly #labelColumn: string | null;
  readonly #kind: TableKind;
  #labelPlace = -1;
  #features: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
  readonly #labels: number[] = [];
  #rows = 0;

  constructor(name: string, labelColumn: string | null, kind: TableKind = {}) {
    this.#name = name;
    this.#kind = kind;
    this.#features = this.#room(1024);
    this.#reader = new CsvReader(name);
    this.#labelColumn = labelColumn;
  }

  get rows(): number {
    return this.#rows;
  }

  addLine(line: string): void {
    const numbers = this.#reader.read(line);
    if (numbers === null) return;
    if (this.#labelColumn !== null && this.#labelPlace < 0) this.#labelPlace = this.#reader.place(this.#labelColumn);
    if (this.#labelPlace >= 0) this.#labels.push(this.#wholeLabel(numbers.splice(this.#labelPlace, 1)[0]!));
    const start = this.#rows * numbers.length;
    this.#makeRoom(start + numbers.length);
    this.#features.set(numbers, start);
    this.#rows++;
  }

  table(): Table {
    const rows = this.#rows;
    const columns = (this.#reader.columns?.count ?? 0) - (this.#labelPlace < 0 ? 0 : 1);
    const labels = this.#labelColumn === null ? null : labelArray(this.#labels);
    const data = this.#features.slice(0, rows * columns);
    const shape = [rows, columns];
    return {
      features: data instanceof Float64Array ? { dtype: "F64", shape, data } : { dtype: "F32", shape, data },
      labels,
    };
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

/**
 * @throws InputError as CsvReader.read; where a label is none, everything together is too large, or there are no rows
 */
export function tableOf(text: string, name: string, labelColumn: string | null, kind: TableKind = {}): Table {
  const builder = new TableBuilder(name, labelColumn, kind);
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf("\n", start);
    builder.addLine(text.slice(start, end < 0 ? text.length : end));
    start = end < 0 ? text.length : end + 1;
  }
  if (builder.rows === 0) throw new InputError(`${name}: expected rows of numbers, got none`);
  return builder.table();
}
