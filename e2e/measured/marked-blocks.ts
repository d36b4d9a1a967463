/** Places of a page that are written by a program: tables and single figures between comments that a reader does not see. */

const TABLE = /<!-- table: ([a-z0-9/-]+) -->\n(?:.*\n)*?<!-- end -->/g;
const FIGURE = /<!--figure: ([a-z0-9/-]+)-->[^<]*<!---->/g;

/** Names of what a page shows, in its order, each once. */
export function markedIn(page: string): { readonly tables: readonly string[]; readonly figures: readonly string[] } {
  const names = (pattern: RegExp) => [...new Set([...page.matchAll(pattern)].map(([, name]) => name!))];
  return { tables: names(TABLE), figures: names(FIGURE) };
}

/**
 * @param texts of tables and figures by name; a name that is not there keeps what the page has
 * @returns the page with them in their places
 * @example
 * withMarked("<!--figure: accuracy/one-->?<!---->", new Map([["accuracy/one", ".967"]]))
 */
export function withMarked(page: string, texts: ReadonlyMap<string, string>): string {
  const withTables = page.replaceAll(TABLE, (before, name: string) => {
    const text = texts.get(name);
    return text === undefined ? before : `<!-- table: ${name} -->\n${text}\n<!-- end -->`;
  });
  return withTables.replaceAll(FIGURE, (before, name: string) => {
    const text = texts.get(name);
    return text === undefined ? before : `<!--figure: ${name}-->${text}<!---->`;
  });
}
