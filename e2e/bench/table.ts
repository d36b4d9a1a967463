/** Tables as text: numbers to the right, words to the left, a dash where there is nothing. */
import type { Cell, Column, Measurement } from "./measurement.ts";

/** @returns lines without trailing spaces, the header first, then a rule */
export function tableOf(columns: readonly Column[], rows: Measurement["rows"]): string {
  const cells = rows.map((row) => columns.map((column) => textOf(row[column.key] ?? null, column)));
  const widths = columns.map(({ title }, c) => Math.max(title.length, ...cells.map((row) => row[c]!.length)));
  const isNumeric = columns.map(
    ({ key }) => rows.every((row) => typeof row[key] !== "string") && rows.some((row) => typeof row[key] === "number"),
  );
  const line = (texts: readonly string[]) =>
    texts
      .map((text, c) => (isNumeric[c] ? text.padStart(widths[c]!) : text.padEnd(widths[c]!)))
      .join("  ")
      .trimEnd();
  const header = line(columns.map(({ title }) => title));
  return [header, line(widths.map((width) => "-".repeat(width))), ...cells.map(line)].join("\n");
}

function textOf(cell: Cell, { digits = 0 }: Column): string {
  if (cell === null) return "-";
  if (typeof cell === "object") {
    const shares = Object.entries(cell).filter(([, share]) => share > 0);
    return shares.map(([name, share]) => `${name} ${share.toFixed(digits)}`).join(", ");
  }
  return typeof cell === "number" ? cell.toFixed(digits) : cell;
}

export function printed({ tables = [], ...first }: Measurement): string {
  const parts = [first, ...tables].map(({ title, columns, rows, notes }) =>
    [title, "", tableOf(columns, rows), ...(notes.length > 0 ? ["", ...notes] : [])].join("\n"),
  );
  return parts.join("\n\n");
}
