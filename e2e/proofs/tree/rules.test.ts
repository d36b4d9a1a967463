/** Every rule that is written down has a test, or an invariant of the simulator, that names it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const RULES = ["server/coordinator/SPEC.md", "server/coded/CODED.md", "docs/run-a-coordinator.md"];
const NAMING = ["server", "shared", "client", "e2e"];

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

test.each(RULES)("every rule of %s is named by what holds it", (file) => {
  const ids = readFileSync(join(ROOT, file), "utf8").matchAll(/^- \*\*([A-Z]{2}\d+)\*\*/gm);
  const rules = [...ids].map(([, id]) => id);
  expect(rules.length).toBeGreaterThan(5);
  expect(rules.filter((id) => !named.has(`[${id}]`))).toEqual([]);
});
