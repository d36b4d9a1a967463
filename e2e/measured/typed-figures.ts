/** Figures that a page holds outside of the places that a program writes: tables by their headings, and numbers within sentences. */

const WRITTEN_TABLE = /<!-- table: [a-z0-9/-]+ -->\n(?:.*\n)*?<!-- end -->/g;
const WRITTEN_FIGURE = /<!--figure: [a-z0-9/-]+-->[^<]*<!---->/g;
const CODE = /```[\s\S]*?```|^ {4}.*$|`[^`]*`/gm;
const ADDRESS = /\]\([^)]*\)|<https?:[^>]*>/g;
/** 1,680,000; .17, 8.05 or 1e-3; 12.1 %; 5 times. */
const NUMBER = /(?<![\w.,])(?:\d{1,3}(?:,\d{3})+|\d*\.\d+|\d+e-\d+|\d+(?= ?%)|\d+(?= times\b))(?![\w])/g;

/** @returns headings of the tables that hold digits and are not written by a program, in the page's order */
export function tablesTypedByHand(page: string): string[] {
  const found: string[] = [];
  let heading = "";
  const lines = page.replaceAll(WRITTEN_TABLE, "").split("\n");
  for (const [n, line] of lines.entries()) {
    if (/^#+ /.test(line)) heading = line.replace(/^#+ /, "");
    const isFirstRow = /^\|( ?:?-+:? ?\|)+$/.test(lines[n - 1] ?? "");
    if (!isFirstRow) continue;
    const end = lines.findIndex((next, at) => at >= n && !next.startsWith("|"));
    const rows = lines.slice(n, end < 0 ? lines.length : end);
    const body = rows.join("\n").replaceAll(WRITTEN_FIGURE, "").replaceAll(CODE, "").replaceAll(ADDRESS, "");
    if (/\d/.test(body)) found.push(heading);
  }
  return found;
}

/** @returns numbers within sentences that are not written by a program, in the page's order; those of tables, code and addresses are none */
export function figuresTypedByHand(page: string): string[] {
  const prose = page
    .replaceAll(WRITTEN_TABLE, "")
    .replaceAll(WRITTEN_FIGURE, "")
    .replaceAll(CODE, "")
    .replaceAll(ADDRESS, "")
    .replaceAll(/^(?:\||#).*$/gm, "");
  return [...prose.matchAll(NUMBER)].map(([number]) => number);
}
