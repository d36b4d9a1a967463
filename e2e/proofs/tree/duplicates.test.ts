/** One name, one thing: no name is exported by two product files, but for those that are listed here with a reason. */
import { expect, test } from "vitest";
import { sourceFiles } from "./import-graph.ts";

/** The name, and why each file of a kind has one of its own. */
const REASONS: Readonly<Record<string, string>> = {
  sha256Hex: "the same function, with the browser's library and with Node's",
  start: "of each runtime's start-<name>.ts: start-runtimes.ts finds the file by the runtime's name",
  trusted: "of each runtime's trusted-<name>.ts: start-trusted.ts finds the file by the runtime's name",
  numericsOf: "of each coded kind's engine module: a thread imports the module by its address",
};

const EXPORTED =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|type|interface|enum) (\w+)/gm;

function exportedNames(contents: ReadonlyMap<string, string>): Map<string, Set<string>> {
  const filesOf = new Map<string, Set<string>>();
  for (const [file, content] of contents) {
    for (const [, name] of content.matchAll(EXPORTED)) filesOf.set(name!, (filesOf.get(name!) ?? new Set()).add(file));
  }
  return filesOf;
}

/** Product code: no tests, no doubles, and no AssemblyScript, which has globals of its own. */
function isProduct(file: string): boolean {
  return /^(shared|server|client)\//.test(file) && !/\.(test|contract)\.tsx?$|\/(testing|assembly)\//.test(file);
}

test("no name is exported by two product files without a reason", () => {
  const product = new Map([...sourceFiles()].filter(([file]) => isProduct(file)));
  const filesOf = exportedNames(product);
  expect(filesOf.size).toBeGreaterThan(2_000);
  const twice = [...filesOf].filter(([, files]) => files.size > 1);
  const unexplained = twice.filter(([name]) => !Object.hasOwn(REASONS, name));
  expect(unexplained.map(([name, files]) => `${name}: ${[...files].join(", ")}`)).toEqual([]);
  // A reason that nobody needs any more goes.
  const needed = twice.map(([name]) => name);
  expect(Object.keys(REASONS).filter((name) => !needed.includes(name))).toEqual([]);
});

test("an overloaded function and a type beside its value are one name each", () => {
  const names = exportedNames(
    new Map([
      [
        "shared/a.ts",
        "export function f(a: string): void;\nexport function f(a: number): void;\nexport const T = 1;\nexport type T = 1;",
      ],
      ["shared/b.ts", "export abstract class C {}\n  export const inner = 1;\nexport async function* g() {}"],
    ]),
  );
  expect([...names].map(([name, files]) => [name, files.size])).toEqual([
    ["f", 1],
    ["T", 1],
    ["C", 1],
    ["g", 1],
  ]);
});
