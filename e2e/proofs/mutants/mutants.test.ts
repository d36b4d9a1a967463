import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RULE_PAGES } from "../tree/rule-pages.ts";
import { PROJECT, plantedBugs } from "./patch-files.ts";
import { applyPatch } from "./tree-copy.ts";

const RULES = RULE_PAGES.map((page) => readFileSync(join(PROJECT, page), "utf8"));

test("there are at least 40 planted bugs, and each fits the tree as it is", () => {
  const bugs = plantedBugs();
  expect(bugs.length).toBeGreaterThanOrEqual(40);
  for (const { name, path } of bugs) expect(() => applyPatch(PROJECT, path, "--check"), name).not.toThrow();
});

test("each planted bug names a rule that is written down, and tests that are there", () => {
  for (const { name, rule, tests } of plantedBugs()) {
    expect(
      RULES.some((page) => page.includes(`**${rule}**`)),
      `${name}: ${rule}`,
    ).toBe(true);
    for (const path of tests) expect(existsSync(join(PROJECT, path)), `${name}: ${path}`).toBe(true);
  }
});

test("no two planted bugs are the same", () => {
  const changes = plantedBugs().map(({ diff }) =>
    diff
      .split("\n")
      .filter((line) => /^(\+\+\+|[+-](?![+-]))/.test(line))
      .join("\n"),
  );
  expect(new Set(changes).size).toBe(changes.length);
});
