import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> };
const names = Object.entries(scripts).filter(([, script]) => /^node server\/setup\.mjs [\w:-]+$/.test(script));

test("every npm script of the README and the docs says how it is used, and starts nothing", () => {
  expect(names.length).toBeGreaterThan(20);
  for (const [name, script] of names) {
    const [program, ...args] = script.split(" ");
    const { status, stdout } = spawnSync(program!, [...args, "--help"], { cwd: ROOT, encoding: "utf8" });
    expect([name, status, stdout.length > 60], stdout).toEqual([name, 0, true]);
    expect(stdout, name).toMatch(/npm (run|start|test)|usage: paritab/);
  }
});
