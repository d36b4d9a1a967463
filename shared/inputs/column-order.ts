/** Names of columns, which travel with what a regression learned: a table to predict is put in the order of the training by them. */
import { COLUMN_NAME_LENGTH_MAX, COLUMN_NAMES_BYTES_MAX } from "../protocol/limits.ts";
import { InputError } from "./input-error.ts";
import type { FloatArray } from "./table-shape.ts";

/** @returns may they be sent with a submission? */
export function areNamesKept(names: readonly string[]): boolean {
  const bytes = new TextEncoder().encode(JSON.stringify(names)).length;
  return bytes <= COLUMN_NAMES_BYTES_MAX && names.every(isNameKept);
}

const isNameKept = (name: string) => name.length <= COLUMN_NAME_LENGTH_MAX && !/\p{Cc}/u.test(name);

/**
 * A table's rows in the order of the training.
 * @param file names the table, for errors
 * @param names of its columns
 * @param trained names of the columns that the regression learned from
 * @returns the table itself where its columns stand in that order already
 * @throws InputError that names the columns which are missing, too many or ambiguous
 * @example inTrainedOrder("new.csv", { dtype: "F32", shape: [1, 2], data: Float32Array.of(1, 2) }, ["b", "a"], ["a", "b"]).data // Float32Array [2, 1]
 */
export function inTrainedOrder(
  file: string,
  table: FloatArray,
  names: readonly string[],
  trained: readonly string[],
): FloatArray {
  if (names.length === trained.length && trained.every((name, place) => names[place] === name)) return table;
  const problem = namesProblem(names, trained);
  if (problem !== null) throw new InputError(`${file}: expected the columns of the training: ${problem}`);
  const places = new Map(names.map((name, place) => [name, place]));
  const from = trained.map((name) => places.get(name)!);
  const [rows, columns] = table.shape as [number, number];
  const data = table.data.slice();
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) data[r * columns + c] = table.data[r * columns + from[c]!]!;
  }
  return { ...table, data } as FloatArray;
}

/** @returns null: each name stands once on both sides */
function namesProblem(names: readonly string[], trained: readonly string[]): string | null {
  const [here, there] = [new Set(names), new Set(trained)];
  const missing = trained.filter((name) => !here.has(name));
  const surplus = names.filter((name) => !there.has(name));
  const twice = [...repeated(names), ...repeated(trained)];
  const parts = [
    missing.length > 0 && `it lacks ${listed(missing)}`,
    surplus.length > 0 && `it has ${listed(surplus)}, which was not trained on`,
    twice.length > 0 && `${listed([...new Set(twice)])} stands more than once, so that only the same order would do`,
  ];
  const said = parts.filter((part) => part !== false);
  return said.length === 0 ? null : said.join("; ");
}

function repeated(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.filter((name) => seen.size === seen.add(name).size);
}

const SHOWN_MAX = 10;
function listed(names: readonly string[]): string {
  const more = names.length > SHOWN_MAX ? ` and ${names.length - SHOWN_MAX} more` : "";
  return `${names
    .slice(0, SHOWN_MAX)
    .map((name) => `"${name}"`)
    .join(", ")}${more}`;
}
