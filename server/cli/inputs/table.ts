/** Rows of numbers, gathered into one array; labels apart where a column holds them. */
import { TENSOR_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import { InputError } from "../exit-codes.ts";
import { CsvReader } from "./csv.ts";

export type F32Array = Extract<NpyArray, { dtype: "F32" }>;
export type I32Array = Extract<NpyArray, { dtype: "I32" }>;
export interface Table {
  /** rows x columns, without the label column */
  readonly features: F32Array;
  /** null where no label column was named */
  readonly labels: I32Array | null;
}

class TableBuilder {
  readonly #reader: CsvReader;
  readonly #name: string;
  readonly #labelColumn: string | null;
  #labelPlace = -1;
  #features = new Float32Array(1024);
  readonly #labels: number[] = [];
  #rows = 0;

  constructor(name: string, labelColumn: string | null) {
    this.#name = name;
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
    const labels = Int32Array.from(this.#labels);
    const data = this.#features.slice(0, rows * columns);
    return {
      features: { dtype: "F32", shape: [rows, columns], data },
      labels: this.#labelColumn === null ? null : { dtype: "I32", shape: [rows], data: labels },
    };
  }

  #makeRoom(length: number): void {
    if (length * 4 > TENSOR_BYTES_MAX) {
      throw new InputError(`${this.#name}: expected at most ${TENSOR_BYTES_MAX} bytes of float32, got more; split it`);
    }
    if (length <= this.#features.length) return;
    const larger = new Float32Array(Math.max(length, 2 * this.#features.length));
    larger.set(this.#features);
    this.#features = larger;
  }

  #wholeLabel(label: number): number {
    if (Number.isInteger(label) && label === (label | 0)) return label;
    throw new InputError(`${this.#name}, row ${this.#rows + 1}: expected a whole number as label, got ${label}`);
  }
}

/**
 * @throws InputError as CsvReader.read; where a label is no whole number, everything together is too large, or there are no rows
 */
export function tableOf(text: string, name: string, labelColumn: string | null): Table {
  const builder = new TableBuilder(name, labelColumn);
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf("\n", start);
    builder.addLine(text.slice(start, end < 0 ? text.length : end));
    start = end < 0 ? text.length : end + 1;
  }
  if (builder.rows === 0) throw new InputError(`${name}: expected rows of numbers, got none`);
  return builder.table();
}
