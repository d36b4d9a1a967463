/** Tables of the docs that are written from figures that a bench left: which bench, how, and what each table shows of them. */

import type { Cell } from "../bench/measurement.ts";
import type { SettingsUsed } from "../bench/settings-used.ts";

export type Row = Readonly<Record<string, Cell>>;

/** What `npm run bench -- NAME --json FILE` leaves. Further tables of the run stand beside `rows` by their names. */
export interface Figures {
  readonly name: string;
  /** As anybody can type it. */
  readonly command: string;
  /** Day of the run, YYYY-MM-DD in UTC. */
  readonly date: string;
  readonly seconds: number;
  /** Processes that waited for a processor when the run began: the mean of one minute. */
  readonly load: number;
  readonly machine: string;
  readonly commit: string | null;
  readonly seed: number;
  /** How its jobs were set, with what they left to the defaults of that day. */
  readonly set?: SettingsUsed;
  readonly rows: readonly Row[];
  readonly [table: string]: unknown;
}

/** One run of a bench. */
export interface MeasuredRun {
  /** Its figures lie in docs/measured/figures/NAME.json. */
  readonly name: string;
  /** Of `npm run bench`; null: `script` is no bench. */
  readonly bench: string | null;
  /** Another command of `npm run` that writes figures: it sees to a Chromium and to built pages by itself. */
  readonly script?: string;
  readonly args: readonly string[];
  /**
   * The bench is run once for each of these, with them behind `args`, and its figures lie in NAME.1.json, NAME.2.json, ...: seeds, or pieces
   * of what takes long. Tables are given the rows of all of them together, each with the number of its part.
   */
  readonly parts?: readonly (readonly string[])[];
  /** All parts together, about, on two cores with nothing else at work. */
  readonly minutes: number;
  /** Tables by name: they stand in a page between `<!-- table: RUN/NAME -->` and `<!-- end -->`. */
  readonly tables: Readonly<Record<string, (figures: Figures) => string>>;
  /** Single figures by name: they stand in a sentence between `<!--figure: RUN/NAME-->` and `<!---->`. */
  readonly figures?: Readonly<Record<string, (figures: Figures) => string>>;
  /** SVG files below docs/measured, by their names without the ending. */
  readonly pictures?: Readonly<Record<string, (figures: Figures) => string>>;
}

/** Parts that differ in their seed alone. @example seeds(1, 5) // -> [["--seed", "1"], ..., ["--seed", "5"]] */
export const seeds = (first: number, last: number): readonly (readonly string[])[] =>
  Array.from({ length: last - first + 1 }, (_, n) => ["--seed", String(first + n)]);

/** A column of a Markdown table, whose rows are rows of figures unless told. */
export interface MarkdownColumn<T = Row> {
  readonly title: string;
  /** Numbers stand to the right. */
  readonly isNumber?: boolean;
  cell(row: T): string;
}

/**
 * @returns lines of a Markdown table, one a row; `cell` texts stand as they are
 * @example
 * markdownTable([{ title: "K", isNumber: true, cell: (row) => String(row.k) }], [{ k: 8 }])
 */
export function markdownTable<T = Row>(columns: readonly MarkdownColumn<T>[], rows: readonly T[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`.replaceAll(/ {2,}/g, " ");
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ isNumber = false }) => (isNumber ? "---:" : "---"))),
    ...rows.map((row) => line(columns.map(({ cell }) => cell(row)))),
  ].join("\n");
}

/** A share without the zero before its point: .984; 1 and more keep their digits. */
export function share(value: Cell | undefined, digits = 3): string {
  if (typeof value !== "number") return "";
  return value.toFixed(digits).replace(/^(-?)0\./, "$1.");
}

/** A share with half of its 95 % interval behind it: .984 ± .002; without one where there is none. */
export function withSpread(value: Cell | undefined, halfWidth: Cell | undefined, digits = 3): string {
  const text = share(value, digits);
  return text === "" || typeof halfWidth !== "number" ? text : `${text} ± ${share(halfWidth, digits)}`;
}

/** Whole numbers as people read them: 840,000. */
export const grouped = (value: number): string => Math.round(value).toLocaleString("en-US");

/** The number of a row's field. @throws Error that names the field where there is none */
export function numberOf(row: Row, key: string): number {
  const value = row[key];
  if (typeof value !== "number") throw new Error(`figures: expected a number as ${key}, got ${JSON.stringify(value)}`);
  return value;
}

/** The one row that has these values. @throws Error that says what was sought unless there is exactly one */
export function rowWith(rows: readonly Row[], wanted: Row): Row {
  const found = rows.filter((row) => Object.entries(wanted).every(([key, value]) => row[key] === value));
  if (found.length !== 1) {
    throw new Error(`figures: expected one row with ${JSON.stringify(wanted)}, got ${found.length}`);
  }
  return found[0]!;
}
