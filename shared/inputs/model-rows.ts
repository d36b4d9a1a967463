/** Rows to predict, from a table, for a model that knows its columns: by their names where both have some, else by their places. */

import { GAP } from "../protocol/gap.ts";
import { CsvReader, type CsvRow, columnPlace } from "./csv.ts";
import { Gaps } from "./gaps.ts";
import { InputError } from "./input-error.ts";
import type { TableSource } from "./table-shape.ts";

/** A column of a model; those of TableModel are such ones. */
export type ModelColumn =
  | { readonly name: string | null; readonly kind: "number" }
  | { readonly name: string | null; readonly kind: "category"; readonly levels: readonly string[] };

export interface ModelRows {
  /** rows x the model's columns: numbers, places of levels, GAP where a cell is empty or no level */
  readonly values: Float64Array<ArrayBuffer>;
  readonly rows: number;
  /** What was made of cells and columns that the model does not know, a sentence each. */
  readonly notes: readonly string[];
}

const NAMED_MAX = 5;

export class ModelRowsBuilder {
  readonly #source: TableSource;
  readonly #columns: readonly ModelColumn[];
  readonly #levels: readonly (ReadonlyMap<string, number> | null)[];
  readonly #leftOut: string | null;
  readonly #values: number[] = [];
  readonly #unknown = new Set<string>();
  #unknownCells = 0;
  #places: readonly number[] | null = null;
  #surplus: readonly string[] = [];

  /** @param leftOut a column that rows have besides, as the table of the training had its labels; null: none */
  constructor(source: TableSource, columns: readonly ModelColumn[], leftOut: string | null = null) {
    this.#source = source;
    this.#columns = columns;
    this.#leftOut = leftOut;
    this.#levels = columns.map((column) =>
      column.kind === "category" ? new Map(column.levels.map((level, place) => [level, place])) : null,
    );
  }

  /** @throws InputError where columns are missing, or a cell of numbers holds none */
  add(row: CsvRow): void {
    this.#places ??= this.#placesOf(row.cells.length);
    this.#places.forEach((place, column) => {
      const [number, cell, levels] = [row.numbers[place]!, row.cells[place]!, this.#levels[column]!];
      if (Gaps.isOne(cell)) this.#values.push(GAP);
      else if (levels === null) {
        if (!Number.isFinite(number)) throw this.#source.problemOf(row, place);
        this.#values.push(number);
      } else {
        const known = levels.get(cell);
        if (known === undefined) {
          this.#unknownCells++;
          if (this.#unknown.size < NAMED_MAX) this.#unknown.add(cell);
        }
        this.#values.push(known ?? GAP);
      }
    });
  }

  rows(): ModelRows {
    if (this.#places === null) throw new InputError(`${this.#source.name}: expected rows to predict, got none`);
    const notes: string[] = [];
    if (this.#surplus.length > 0) notes.push(`columns that the model does not use: ${shortList(this.#surplus)}`);
    if (this.#unknownCells > 0) {
      const cells = this.#unknownCells === 1 ? "1 cell is" : `${this.#unknownCells} cells are`;
      notes.push(`${cells} none of the levels that were trained on: ${shortList([...this.#unknown])}`);
    }
    const values = Float64Array.from(this.#values);
    return { values, rows: values.length / this.#columns.length, notes };
  }

  #placesOf(count: number): readonly number[] {
    const all = this.#source.columns;
    const names = all?.names ?? null;
    const { name: file } = this.#source;
    const out = this.#leftOut === null || all === null ? -1 : columnPlace(file, all, this.#leftOut);
    const given = Array.from({ length: count }, (_, place) => place).filter((place) => place !== out);
    const hasNames = names !== null && this.#columns.every(({ name }) => name !== null);
    // A name may stand twice where the order is the same.
    const isSame = this.#columns.every(({ name }, at) => name === names?.[given[at] ?? -1]);
    if (given.length === this.#columns.length && (!hasNames || isSame)) return given;
    if (!hasNames) {
      const got = `${given.length}${out < 0 ? "" : ` beside column ${this.#leftOut}`}`;
      throw new InputError(`${file}: expected ${this.#columns.length} columns, as it was trained with, got ${got}`);
    }
    const problems = this.#columns.flatMap(({ name }) => {
      const times = names.filter((one) => one === name).length;
      return times === 1 ? [] : [times === 0 ? `it lacks "${name}"` : `it has "${name}" ${times} times`];
    });
    if (problems.length > 0)
      throw new InputError(`${file}: expected the columns of the training: ${problems.slice(0, NAMED_MAX).join("; ")}`);
    const wanted = new Set(this.#columns.map(({ name }) => name));
    this.#surplus = given.map((place) => names[place]!).filter((one) => !wanted.has(one));
    return this.#columns.map(({ name }) => names.indexOf(name!));
  }
}

/**
 * Of a CSV; parquetModelRows does the same for Parquet.
 * @param leftOut see ModelRowsBuilder
 * @throws InputError that names file, line and column
 * @example modelRowsOf("b,a\n2,Oslo\n", "new.csv", [{ name: "a", kind: "category", levels: ["Oslo", "Rome"] }, { name: "b", kind: "number" }]).values // Float64Array [0, 2]
 */
export function modelRowsOf(
  text: string,
  name: string,
  columns: readonly ModelColumn[],
  leftOut: string | null = null,
): ModelRows {
  const reader = new CsvReader(name);
  const builder = new ModelRowsBuilder(reader, columns, leftOut);
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf("\n", start);
    const row = reader.readCells(text.slice(start, end < 0 ? text.length : end));
    if (row !== null) builder.add(row);
    start = end < 0 ? text.length : end + 1;
  }
  return builder.rows();
}

function shortList(names: readonly string[]): string {
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : "";
  return `${names.slice(0, NAMED_MAX).join(", ")}${more}`;
}
