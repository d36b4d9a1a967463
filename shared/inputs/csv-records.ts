/** Records of a CSV file whose cells are texts (RFC 4180): quoted cells may hold separators, quotes that are doubled, and line breaks. */

import { CSV_LINE_BYTES_MAX } from "../protocol/limits.ts";
import { InputError } from "./input-error.ts";
import { linesOf } from "./lines.ts";

export interface CsvRecord {
  readonly cells: readonly string[];
  /** That it begins on, counted from 1. */
  readonly line: number;
}

/** The separator is the first of tab, comma and semicolon that the first line has outside of quotes; empty lines are passed over. */
export async function* csvRecords(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<CsvRecord> {
  let separator: string | null = null;
  let guess: string | null = null;
  let open: { text: string; line: number } | null = null;
  let line = 0;
  for await (const part of linesOf(bytes, name)) {
    line++;
    const text: string = open === null ? part.replace(/^\uFEFF/, "") : `${open.text}\n${part}`;
    const start: number = open?.line ?? line;
    if (text.length > CSV_LINE_BYTES_MAX)
      throw new InputError(`${name}, line ${start}: expected a quote to end, got none`);
    // Of the first record, until it is whole, by its first line: a quote may stay open over a million of them.
    guess ??= separatorOf(text);
    const isOpen: boolean = endsInQuotes(part, separator ?? guess, open !== null);
    open = isOpen ? { text, line: start } : null;
    if (isOpen || text.trim() === "") continue;
    separator ??= separatorOf(text);
    yield { cells: cellsOf(text.replace(/\r$/, ""), separator, `${name}, line ${start}`), line: start };
  }
  if (open !== null)
    throw new InputError(`${name}, line ${open.line}: expected a quote to end, got the end of the file`);
}

/** A record goes on in the next line where a cell's quote is open. Only a quote that a cell begins with is one: 5" is a text. */
function endsInQuotes(part: string, separator: string, wasOpen: boolean): boolean {
  let isOpen = wasOpen;
  for (let at = part.indexOf('"'); at >= 0; at = part.indexOf('"', at + 1)) {
    if (isOpen && part[at + 1] === '"') at++;
    else if (isOpen) isOpen = false;
    else isOpen = at === 0 || part[at - 1] === separator;
  }
  return isOpen;
}

function separatorOf(text: string): string {
  const outside = text.replace(/"[^"]*"/g, "");
  return ["\t", ",", ";"].find((one) => outside.includes(one)) ?? ",";
}

function cellsOf(text: string, separator: string, what: string): string[] {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      let cell = "";
      let from = at + 1;
      for (;;) {
        const quote = text.indexOf('"', from);
        if (quote < 0) throw new InputError(`${what}: expected a quote to end, got "${text.slice(at, at + 20)}"`);
        cell += text.slice(from, quote);
        if (text[quote + 1] !== '"') {
          at = quote + 1;
          break;
        }
        cell += '"';
        from = quote + 2;
      }
      if (at < text.length && text[at] !== separator) {
        throw new InputError(
          `${what}: expected "${separator}" behind a cell in quotes, got "${text.slice(at, at + 20)}"`,
        );
      }
      cells.push(cell);
    } else {
      const end = text.indexOf(separator, at);
      cells.push(text.slice(at, end < 0 ? text.length : end));
      at = end < 0 ? text.length : end;
    }
    if (at >= text.length) return cells;
    at++;
  }
}
