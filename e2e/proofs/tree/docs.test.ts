/** What docs/ says, as far as it can be seen without running it; docs.spec.ts runs it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { COMMANDS } from "../../../server/cli/commands.ts";
import { EXIT } from "../../../server/cli/exit-codes.ts";
import * as LIMITS from "../../../shared/protocol/limits.ts";
import { BLOCK_KINDS, DOCS, pages } from "./docs-page.ts";

const all = pages();

const BESIDE_DOCS = [
  "../README.md",
  "../server/coordinator/SPEC.md",
  "../server/coded/CODED.md",
  "../server/cells/CELLS.md",
];

/** Headings as GitHub names them in an address. */
function sectionsOf(text = ""): string[] {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!.toLowerCase());
  return headings.map((heading) => heading.replaceAll(/[^\w\- ]/g, "").replaceAll(" ", "-"));
}

test("every page is listed in docs/README.md", () => {
  const index = all.find(({ name }) => name === "README.md")!.text;
  for (const { name } of all) if (name !== "README.md") expect(index).toContain(`](${name})`);
  expect(all.length).toBeGreaterThan(8);
});

test("every link leads to a file that is there", () => {
  for (const { name, text } of all) {
    for (const [, target] of text.matchAll(/\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)/g)) {
      // Written by whoever runs coordinators.
      expect([name, target, existsSync(join(DOCS, target!))]).toEqual([name, target, true]);
    }
  }
});

test("every link to a section leads to a heading that is there", () => {
  const measured = readdirSync(join(DOCS, "measured")).filter((name) => name.endsWith(".md"));
  const names = [...all.map(({ name }) => name), ...measured.map((name) => `measured/${name}`), ...BESIDE_DOCS];
  const texts = new Map(names.map((name) => [join(DOCS, name), readFileSync(join(DOCS, name), "utf8")]));
  let links = 0;
  for (const [page, text] of texts) {
    for (const [, target, section] of text.matchAll(/\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)/g)) {
      const linked = target === "" ? page : join(dirname(page), target!);
      expect([page, linked, section]).toEqual([page, linked, expect.toBeOneOf(sectionsOf(texts.get(linked)))]);
      links++;
    }
  }
  expect(links).toBeGreaterThan(30);
});

test("every fenced block is of a kind that a test runs or compares", () => {
  for (const { name, blocks } of all) {
    for (const { kind } of blocks) expect([name, kind]).toEqual([name, expect.stringMatching(BLOCK_KINDS)]);
  }
});

test("TypeScript in a page is what stands in its file", () => {
  const shown = all.flatMap(({ blocks }) => blocks).filter(({ kind }) => kind.startsWith("ts "));
  expect(shown.length).toBeGreaterThan(1);
  for (const { kind, code } of shown) expect(code).toBe(readFileSync(join(DOCS, kind.slice("ts ".length)), "utf8"));
});

test("every `paritab` command that a page names is one", () => {
  const names = COMMANDS.map(({ name }) => name);
  for (const { name, text } of all) {
    for (const [, words] of text.matchAll(/(?:`|^|\| |\(|&& )paritab ([a-z]+(?:-[a-z]+)*(?: [a-z]+)?)/gm)) {
      const isOne = names.some((one) => words === one || words!.startsWith(`${one} `)) || words!.startsWith("help");
      expect([name, words, isOne]).toEqual([name, words, true]);
    }
  }
});

test("the limits of the page are those of the code, and every one that bounds a model or its runs is there", () => {
  const { text } = all.find(({ name }) => name === "limits.md")!;
  const told = [...text.matchAll(/^\| .+ \| (\d+) \| `(\w+)` \|$/gm)].map(
    ([, value, name]) => [name!, Number(value)] as const,
  );
  expect(told.map(([name]) => [name, (LIMITS as Record<string, unknown>)[name]])).toEqual(told);
  const names = told.map(([name]) => name);
  const ofModels = Object.keys(LIMITS).filter((name) => /^(MODEL_(?!JSON_DEPTH|FILES)|TRIAL_)/.test(name));
  expect(ofModels.length).toBeGreaterThan(7);
  expect(ofModels.filter((name) => !names.includes(name))).toEqual([]);
});

test("the exit codes of the page are those of the command", () => {
  const { text } = all.find(({ name }) => name === "command-line.md")!;
  const codes = [...text.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(codes).toEqual(Object.values(EXIT));
});

test("every cell of the comparison names a source that is listed, or says unknown", () => {
  const { text } = all.find(({ name }) => name === "comparison.md")!;
  const listed = new Set([...text.matchAll(/^\[([A-Z]\d+)\] /gm)].map(([, source]) => source));
  const rows = text.split("\n").filter((line) => line.startsWith("| ") && !/^\| (---|\|)/.test(line));
  const cells = rows.filter((line) => !line.includes("Paritab |")).flatMap((line) => line.split("|").slice(2, -1));
  expect(cells.length).toBeGreaterThan(80);
  const named = new Set<string>();
  for (const cell of cells) {
    const sources = [...cell.matchAll(/\b([A-Z]\d+)(?=[,\]])/g)].map(([, source]) => source!);
    for (const source of sources) named.add(source);
    const isTold = cell.trim() === "unknown" || (sources.length > 0 && sources.every((source) => listed.has(source)));
    expect([cell, isTold]).toEqual([cell, true]);
  }
  expect([...listed].filter((source) => !named.has(source!))).toEqual([]);
});
