/** Every rule that is written down has a test, or an invariant of the simulator, that names it; and what a test names is written down. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { RULE_PAGES, rulesOf } from "./rule-pages.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const NAMING = ["server", "shared", "client", "e2e"];
/** A longer one says several things, or what its code says already. */
const RULE_WORDS_MAX = 120;
/** The rules of every store stand above the tests that each store passes, those of jobs in rounds above what reads these. */
const OTHER_PAGES = ["server/store/store.contract.ts", "server/kinds/inference/earlier-rounds.ts"];
const OTHER_RULES = /(?<=^ \* |\s{2})([A-Z]{2}\d+) [a-z]/gm;
/** A rule that nothing could break, for a test of the simulator. */
const INVENTED = "XX1";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

function readAll(folder: string): string {
  const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
  const isNaming = (path: string) =>
    /\.(test|spec|contract)\.tsx?$/.test(path) || /e2e\/proofs\/(simulator|torture)\/[^/]+\.ts$/.test(path);
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return paths
    .filter((path) => isNaming(path) && !path.endsWith("e2e/proofs/tree/rules.test.ts"))
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
}

const named = new Set(
  NAMING.map(readAll)
    .join("\n")
    .match(/\[[A-Z]{2}\d+\]/g),
);

test.each(RULE_PAGES)("every rule of %s is named by what holds it", (page) => {
  const rules = rulesOf(read(page)).map(({ id }) => id);
  expect(rules.length).toBeGreaterThan(5);
  expect(rules.filter((id) => !named.has(`[${id}]`))).toEqual([]);
});

test("every rule that a test names is written down, once", () => {
  const ids = RULE_PAGES.flatMap((page) => rulesOf(read(page)).map(({ id }) => id));
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  const elsewhere = OTHER_PAGES.flatMap((page) => [...read(page).matchAll(OTHER_RULES)].map(([, id]) => id!));
  const written = new Set([...ids, ...elsewhere, INVENTED].map((id) => `[${id}]`));
  expect([...named].filter((id) => !written.has(id))).toEqual([]);
});

test.each(RULE_PAGES)("no rule of %s is longer than people read", (page) => {
  const long = rulesOf(read(page)).filter(({ words }) => words > RULE_WORDS_MAX);
  expect(long).toEqual([]);
});
