/** No file imports, through whatever others, what imports it: types count as well. Then every file can be read after those it names. */
import { expect, test } from "vitest";
import { circlesIn, importGraph, sourceFiles } from "./import-graph.ts";

test("the tree has no circle of imports, types included", () => {
  const graph = importGraph(sourceFiles());
  expect(graph.size).toBeGreaterThan(800);
  expect([...graph.values()].flat().length).toBeGreaterThan(3_000);
  expect(circlesIn(graph)).toEqual([]);
});

test("a circle is found, through type imports, exports and dynamic imports, and told from a diamond", () => {
  const tree = new Map([
    ["shared/a.ts", 'import type { B } from "./b.ts";'],
    ["shared/b.ts", 'export { c } from "./c.ts";'],
    ["shared/c.ts", 'const a = await import("./a.ts");'],
    ["shared/top.ts", 'import { l } from "./l.ts";\nimport {\n  r,\n} from "./r.ts";'],
    ["shared/l.ts", 'import "./end.ts";'],
    ["shared/r.ts", 'import url from "./end.ts?url";'],
    ["shared/end.ts", ""],
  ]);
  expect(importGraph(tree).get("shared/top.ts")).toEqual(["shared/l.ts", "shared/r.ts"]);
  expect(circlesIn(importGraph(tree))).toEqual([["shared/a.ts", "shared/b.ts", "shared/c.ts"]]);
});
