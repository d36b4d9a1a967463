/** What a table that somebody has is read as: arrays, and what their numbers stand for. */
import type { NpyArray } from "../protocol/npy.ts";
import type { CsvColumns, CsvRow } from "./csv.ts";
import type { InputError } from "./input-error.ts";

export type FloatArray = Extract<NpyArray, { dtype: "F32" | "F64" }>;
export type LabelArray = Extract<NpyArray, { dtype: "I32" | "F64" }>;
export interface Table {
  /** rows x columns, without the label column */
  readonly features: FloatArray;
  /** Names of the features' columns; null: the table has no header. */
  readonly columnNames: readonly string[] | null;
  /** null where no label column was named */
  readonly labels: LabelArray | null;
  /** What was made of cells that hold no numbers, a sentence each. */
  readonly notes: readonly string[];
  /** What its numbers stand for, where it was read as a frame. */
  readonly frame?: FrameFacts;
}

/** Where rows come from, for errors and for the names of their columns. */
export interface TableSource {
  readonly name: string;
  /** null before the first row. */
  readonly columns: CsvColumns | null;
  /** Of a cell of the latest row. @param column from 0 */
  problemOf(row: CsvRow, column: number): InputError;
}

/** A column of words, in the order of the features. */
export interface Category {
  readonly column: number;
  readonly levels: string[];
}

/** What a submission says of the array besides. */
export interface FrameFacts {
  readonly categories: readonly Category[];
  /** null: no cell is empty. */
  readonly gap: number | null;
  /** Words that the labels' numbers stand for; null: the labels are numbers. */
  readonly labelNames: readonly string[] | null;
}
