/** Which file imports which, types included, of everything that is compiled. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const ROOMS = ["shared", "server", "client", "e2e"];

/** Paths from the root of the repository, with what they hold. Files that git does not ignore, committed or not. */
export function sourceFiles(): Map<string, string> {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", ...ROOMS], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  const names = listed.split("\n").filter((name) => /\.(ts|tsx|mjs)$/.test(name));
  const contents = new Map<string, string>();
  for (const name of names) {
    const content = contentOf(join(ROOT, name));
    if (content !== null) contents.set(name, content);
  }
  return contents;
}

/** null: the file is in git's index, but no more on the disk */
function contentOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** A path in quotes behind `from` or `import`, or in `import(...)`; a query (`?url`) is none of it. */
const IMPORTS = /(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"'?]+)/g;

/** @returns of each file the files of the tree that it imports */
export function importGraph(contents: ReadonlyMap<string, string>): Map<string, string[]> {
  const graph = new Map<string, string[]>();
  for (const [file, content] of contents) {
    const targets = [...content.matchAll(IMPORTS)].map(([, path]) => normalize(join(dirname(file), path!)));
    graph.set(file, [...new Set(targets.filter((target) => contents.has(target)))]);
  }
  return graph;
}

/**
 * The strongly connected components of more than one file: in each of them every file imports every other one, be it through
 * others. Tarjan, *Depth-first search and linear graph algorithms* (1972).
 */
export function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const circles: string[][] = [];

  function visit(file: string): void {
    order.set(file, order.size);
    lowest.set(file, order.get(file)!);
    stack.push(file);
    onStack.add(file);
    for (const target of graph.get(file) ?? []) {
      if (!order.has(target)) {
        visit(target);
        lowest.set(file, Math.min(lowest.get(file)!, lowest.get(target)!));
      } else if (onStack.has(target)) lowest.set(file, Math.min(lowest.get(file)!, order.get(target)!));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const component = stack.splice(stack.indexOf(file));
    for (const one of component) onStack.delete(one);
    if (component.length > 1 || graph.get(file)!.includes(file)) circles.push(component.sort());
  }

  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return circles;
}
