/** A tree that nothing was built in yet. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const tree = mkdtempSync(join(tmpdir(), "paritab-tree-"));
for (const name of ["server", "shared", "client", "package.json", "package-lock.json", "vite.config.ts"])
  cpSync(join(ROOT, name), join(tree, name), { recursive: true });
symlinkSync(join(ROOT, "node_modules"), join(tree, "node_modules"));
afterAll(() => rmSync(tree, { recursive: true, force: true }));

test.each([
  ["npm start", ["server/setup.mjs", "start", "--port", "abc"]],
  ["paritab serve", ["server/cli/paritab.mjs", "serve", "--port", "abc"]],
])("%s refuses a wrong setting before it builds pages", (_command, args) => {
  const environment = { ...process.env, PARITAB_AUTH: "never" };
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: tree, env: environment, encoding: "utf8" });
  const wrong = [
    '--port: expected a port from 0 to 65535, got "abc"',
    'PARITAB_AUTH: expected auto, on, off, got "never"',
  ];
  expect(stderr).toBe(`settings:\n${wrong.map((one) => `  ${one}\n`).join("")}`);
  expect(status).toBe(2);
  expect(existsSync(join(tree, "build/client"))).toBe(false);
});
