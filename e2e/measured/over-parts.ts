/** Rows of several seeds as one row of a table: what is the same, sums of counts, and means with their intervals. */
import { meanInterval } from "../bench/mean-interval.ts";
import { numberOf, type Row, withSpread } from "./measured-table.ts";

/**
 * @returns groups of rows that are the same in these fields, in the order in which each first comes
 * @example alike([{ a: 1, seed: 1 }, { a: 1, seed: 2 }], ["a"]) // -> [[{ a: 1, seed: 1 }, { a: 1, seed: 2 }]]
 */
export function alike(rows: readonly Row[], fields: readonly string[]): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify(fields.map((field) => row[field]));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

/** How many parts these rows are of. */
export const partCount = (rows: readonly Row[]): number => new Set(rows.map(({ part }) => part)).size;

export const sumOf = (rows: readonly Row[], field: string): number =>
  rows.reduce((sum, row) => sum + numberOf(row, field), 0);

/** Mean of a number of each row, with half of its 95 % interval: .984 ± .002. */
export function meanText(rows: readonly Row[], of: string | ((row: Row) => number), digits = 3): string {
  const { mean, halfWidth } = meanInterval(rows.map((row) => (typeof of === "string" ? numberOf(row, of) : of(row))));
  return withSpread(mean, halfWidth, digits);
}

/** The least and the most: 3 to 7, or 3 where they are the same. */
export function rangeText(values: readonly number[], text: (value: number) => string = String): string {
  const [least, most] = [text(Math.min(...values)), text(Math.max(...values))];
  return least === most ? least : `${least} to ${most}`;
}
