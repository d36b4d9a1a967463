/** The pages of docs/ and what stands in their fenced blocks. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const DOCS = fileURLToPath(new URL("../../../docs/", import.meta.url));

export interface Block {
  /**
   * sh: run anywhere. sh repository: run in the repository. sh terminal: there too, and goes on while the rest is done.
   * py: Python with numpy. ts FILE: what that file below docs/ holds.
   */
  readonly kind: string;
  readonly code: string;
}
export interface Page {
  readonly name: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

export const BLOCK_KINDS = /^(sh( repository| terminal)?|py|ts examples\/[\w-]+\.ts)$/;

export function pages(): Page[] {
  const names = readdirSync(DOCS).filter((name) => name.endsWith(".md"));
  return names.map((name) => {
    const text = readFileSync(`${DOCS}${name}`, "utf8");
    const blocks = [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, kind, code]) => ({
      kind: kind!,
      code: code!,
    }));
    return { name, text, blocks };
  });
}
