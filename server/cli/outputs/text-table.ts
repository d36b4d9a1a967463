/** Columns of text; numbers stand to the right. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[], indent = ""): string {
  const widths = head.map((name, c) => Math.max(name.length, ...rows.map((row) => row[c]!.length)));
  const isNumeric = head.map((_, c) => rows.length > 0 && rows.every((row) => /^-?[\d.,e+-]+%?$|^-$/.test(row[c]!)));
  const line = (cells: readonly string[]) =>
    `${indent}${cells.map((text, c) => (isNumeric[c] ? text.padStart(widths[c]!) : text.padEnd(widths[c]!))).join("  ")}`.trimEnd();
  return [head, ...rows].map((cells) => `${line(cells)}\n`).join("");
}
