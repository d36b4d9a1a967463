/** Lines of CSV as queries, one at a time. A line that is none is told by its number, and the next one is read. */
import { CsvReader } from "../../../shared/inputs/csv.ts";
import { InputError } from "../../../shared/inputs/input-error.ts";
import { linesOf } from "../../../shared/inputs/lines.ts";

export interface StreamRow {
  readonly line: number;
  readonly numbers: number[];
  /** null where no column was named. */
  readonly label: number | null;
}

export interface StreamRowsOptions {
  /** Says in errors where the text came from. */
  readonly name: string;
  /** Numbers of a query; null: not known. */
  readonly inputSize: number | null;
  readonly labelColumn: string | null;
  refuse(message: string): void;
}

/** @throws InputError where there is no such column, or a line is longer than anybody could mean */
export async function* streamRows(
  text: AsyncIterable<Uint8Array>,
  { name, inputSize, labelColumn, refuse }: StreamRowsOptions,
): AsyncGenerator<StreamRow, void, undefined> {
  const reader = new CsvReader(name, inputSize === null ? "any" : inputSize + (labelColumn === null ? 0 : 1));
  let labelPlace: number | null = null;
  for await (const line of linesOf(text, name)) {
    const numbers = orRefused(() => reader.read(line), refuse);
    if (numbers === null) continue;
    if (labelColumn !== null) labelPlace ??= reader.place(labelColumn);
    const label = labelPlace === null ? null : numbers.splice(labelPlace, 1)[0]!;
    if (label === null || Number.isInteger(label)) yield { line: reader.line, numbers, label };
    else refuse(`${name}, line ${reader.line}: expected a whole number as label, got ${label}`);
  }
}

function orRefused(read: () => number[] | null, refuse: (message: string) => void): number[] | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    refuse(error.message);
    return null;
  }
}
