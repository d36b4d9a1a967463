/** What a scenario or a bench gives back: one table, and the facts that make its figures worth something. */

import type { SettingsUsed } from "./settings-used.ts";

/** Shares by name stand as an object. */
export type Cell = number | string | null | Readonly<Record<string, number>>;

export interface Column {
  /** Field of a row. */
  readonly key: string;
  readonly title: string;
  /** Digits after the point, for numbers; 0 unless given. */
  readonly digits?: number;
}

export interface Measurement {
  readonly name: string;
  /** One sentence: what was measured, on what. */
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Readonly<Record<string, Cell>>[];
  /** Below the table: whatever a reader must know to judge it. */
  readonly notes: readonly string[];
  /** How its jobs were set (settings-used.ts); absent: it runs none, or its figures are no headline. */
  readonly set?: SettingsUsed;
  /** Further tables of the same run, below the notes. */
  readonly tables?: readonly FurtherTable[];
}

export interface FurtherTable extends Pick<Measurement, "title" | "columns" | "rows" | "notes"> {
  /** Its rows' key in the file of figures. */
  readonly name: string;
}

export interface MeasureOptions {
  readonly seed: number;
  /** A line of progress for whoever waits. */
  progress(line: string): void;
  /** What the command line said beside --seed and --json. */
  readonly flags?: Readonly<Record<string, string | undefined>>;
}

/** A named thing that measures. */
export interface Measurer {
  readonly name: string;
  readonly title: string;
  /** Names of the flags that it reads; each takes a value. */
  readonly flags?: readonly string[];
  /** Names of flags without a value: there they are "yes". */
  readonly switches?: readonly string[];
  run(options: MeasureOptions): Promise<Measurement>;
}
