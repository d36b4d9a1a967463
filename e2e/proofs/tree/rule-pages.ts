/** The pages that rules stand on. */
export const RULE_PAGES = [
  "server/coordinator/SPEC.md",
  "server/coded/CODED.md",
  "server/cells/CELLS.md",
  "shared/protocol/PROTOCOL.md",
  "docs/run-a-coordinator.md",
];

/** In their order. @param page its text: a rule is an item of a list that begins with its ID. */
export function rulesOf(page: string): { readonly id: string; readonly words: number }[] {
  const items = page.matchAll(/^- \*\*([A-Z]{2}\d+)\*\* (.*(?:\n {2}.*)*)/gm);
  return [...items].map(([, id, text]) => ({ id: id!, words: text!.trim().split(/\s+/).length }));
}
