/** A Parquet file as rows of numbers: as a CSV with a header, each row's lists of numbers laid out one after the other. */
import type { CsvColumns, CsvRow } from "./csv.ts";
import { InputError } from "./input-error.ts";
import { type ModelColumn, type ModelRows, ModelRowsBuilder } from "./model-rows.ts";
import { openParquet, type ParquetRecord, type SlicedFile, type Unpackers } from "./parquet.ts";
import { type TableKind, tableBuilder } from "./table.ts";
import type { Table, TableSource } from "./table-shape.ts";

/** @throws InputError as tableOf, and where it is no Parquet file */
export async function parquetTableOf(
  file: SlicedFile,
  labelColumn: string | null,
  kind: TableKind,
  unpackers: Unpackers,
): Promise<Table> {
  const rows = (await openParquet(file, unpackers)).rows(null);
  const source = new RowsOfParquet(file.name);
  const builder = tableBuilder(source, labelColumn, kind);
  for await (const row of rows) builder.add(source.read(row));
  return builder.table();
}

/** Rows to predict. @throws InputError as modelRowsOf, and where it is no Parquet file */
export async function parquetModelRows(
  file: SlicedFile,
  columns: readonly ModelColumn[],
  unpackers: Unpackers,
  leftOut: string | null = null,
): Promise<ModelRows> {
  const source = new RowsOfParquet(file.name);
  const builder = new ModelRowsBuilder(source, columns, leftOut);
  for await (const row of (await openParquet(file, unpackers)).rows(null)) builder.add(source.read(row));
  return builder.rows();
}

/** What its columns are called. */
export async function parquetColumns(file: SlicedFile): Promise<CsvColumns> {
  const { columns } = await openParquet(file, {});
  return { names: columns.map(({ name }) => name), count: columns.length };
}

class RowsOfParquet implements TableSource {
  readonly name: string;
  columns: CsvColumns | null = null;
  #row = 0;

  constructor(name: string) {
    this.name = name;
  }

  read(row: ParquetRecord): CsvRow {
    this.#row++;
    const cells = Object.entries(row).flatMap(([name, value]) =>
      isList(value)
        ? Array.from(value as ArrayLike<unknown>, (part, i) => [`${name}.${i}`, part] as const)
        : [[name, value] as const],
    );
    this.columns ??= { names: cells.map(([name]) => name), count: cells.length };
    if (cells.length !== this.columns.count)
      throw new InputError(
        `${this.name}, row ${this.#row}: expected ${this.columns.count} numbers, as in the first row, got ${cells.length}`,
      );
    return { numbers: cells.map(([, value]) => numberOf(value)), cells: cells.map(([, value]) => textOf(value)) };
  }

  problemOf({ cells }: CsvRow, column: number): InputError {
    const where = `${this.name}, row ${this.#row}, column "${this.columns!.names![column]}"`;
    return new InputError(`${where}: expected a finite number, got "${(cells[column] ?? "").slice(0, 40)}"`);
  }
}

const isList = (value: unknown) => Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

function numberOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint" || typeof value === "boolean") return Number(value);
  return typeof value === "string" && value !== "" ? Number(value) : Number.NaN;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return value instanceof Date ? value.toISOString() : String(value);
}
