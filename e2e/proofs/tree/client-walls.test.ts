/** Walls of the client: kinds of job know nothing of each other, what they share knows no kind, and nothing imports in circles. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const CLIENT = fileURLToPath(new URL("../../../client", import.meta.url));

/** Types too: by file, the files of the client that it imports, both from the client's folder on. */
const imports = new Map(
  readdirSync(CLIENT, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\./.test(file))
    .map((file) => {
      const found = [...readFileSync(join(CLIENT, file), "utf8").matchAll(/(?:from|import|import\() ?"(\.[^"]+)"/g)];
      const targets = found.map(([, path]) => relative(CLIENT, join(CLIENT, dirname(file), path!)));
      return [file, targets.filter((target) => !target.startsWith(".."))] as const;
    }),
);

/** "inference"; null: it belongs to no kind. */
const kindOf = (file: string) => /^kinds\/([^/]+)\//.exec(file)?.[1] ?? null;
const roomOf = (file: string) => file.split("/")[0]!;
const isInTab = (file: string) => /^(kinds\/[^/]+|coded)\/tab\//.test(file) || file === "kinds/tab-kinds.ts";

function offences(isWrong: (from: string, to: string) => boolean): string[] {
  return [...imports].flatMap(([from, targets]) =>
    targets.filter((to) => isWrong(from, to)).map((to) => `${from} -> ${to}`),
  );
}

describe("walls of the client", () => {
  test("all of it is looked at", () => {
    expect(imports.size).toBeGreaterThan(200);
    expect([...imports.values()].flat().length).toBeGreaterThan(500);
  });

  test("a kind is named by the registries alone, and knows neither another kind nor a page", () => {
    const registries = ["kinds/kinds.ts", "kinds/tab-kinds.ts"];
    const pages = ["dashboard", "operator", "volunteer"];
    expect(
      offences((from, to) => {
        const [own, other] = [kindOf(from), kindOf(to)];
        if (own === null) return other !== null && !registries.includes(from);
        return (other !== null && other !== own) || pages.includes(roomOf(to));
      }),
    ).toEqual([]);
  });

  test("what kinds share knows no kind by name", () => {
    const shared = [...imports.keys()].filter((file) => ["coded", "ui", "session", "compute"].includes(roomOf(file)));
    expect(shared.filter((file) => /matmul/i.test(readFileSync(join(CLIENT, file), "utf8")))).toEqual([]);
    expect(offences((from, to) => roomOf(from) === "ui" && !["ui", "session"].includes(roomOf(to)))).toEqual([]);
  });

  test("a tab loads no page, and a page nothing of what tabs do", () => {
    const ofTab = (file: string) => isInTab(file) || ["session", "compute", "pwa"].includes(roomOf(file));
    expect(offences((from, to) => ofTab(from) && !ofTab(to))).toEqual([]);
    expect(offences((from, to) => !ofTab(from) && isInTab(to))).toEqual([]);
  });

  test("nothing imports in circles", () => {
    expect(circles()).toEqual([]);
  });
});

/** Files that reach themselves, each with the way it takes. */
function circles(): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) found.push([...way.slice(way.indexOf(file)), file].join(" -> "));
    if (way.includes(file) || done.has(file)) return;
    for (const target of imports.get(file) ?? []) visit(target, [...way, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return found;
}
