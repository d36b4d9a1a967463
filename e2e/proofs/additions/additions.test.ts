/**
 * A scheme and a runtime are each one folder and their lines in one list. Here they are added to a copy of the tree, which is compiled
 * and runs a job of each; nothing else in the copy is touched.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PROJECT } from "../mutants/patch-files.ts";
import { TreeCopy } from "../mutants/tree-copy.ts";

const NEW_FILES = fileURLToPath(new URL("tree", import.meta.url));

/** [a text that stands in the list, what stands in its place] */
const LINES = [
  {
    file: "shared/coding/schemes/schemes.ts",
    lines: [
      ["import { parm }", 'import { pairs } from "./pairs/definition.ts";\nimport { parm }'],
      ["  systematic,\n", "  systematic,\n  pairs,\n"],
    ],
  },
  {
    file: "shared/compute/runtimes/runtimes.ts",
    lines: [
      ["import { onnx }", 'import { linear } from "./linear/linear.ts";\nimport { onnx }'],
      ["[tfjs, onnx]", "[tfjs, onnx, linear]"],
    ],
  },
] as const;

const copy = new TreeCopy();
afterAll(() => copy.remove());

beforeAll(() => {
  cpSync(NEW_FILES, copy.path, { recursive: true });
  // What was compiled here need not be compiled there again; and tabs are told which build they are of.
  for (const built of ["types", "client"]) {
    if (existsSync(join(PROJECT, "build", built))) {
      cpSync(join(PROJECT, "build", built), join(copy.path, "build", built), {
        recursive: true,
        preserveTimestamps: true,
      });
    }
  }
  for (const { file, lines } of LINES) {
    let text = readFileSync(join(copy.path, file), "utf8");
    for (const [before, after] of lines) {
      expect(text).toContain(before);
      text = text.replace(before, after);
    }
    writeFileSync(join(copy.path, file), text);
  }
});

function run(program: string, ...args: string[]): string {
  try {
    return execFileSync(join(PROJECT, "node_modules/.bin", program), args, {
      cwd: copy.path,
      encoding: "utf8",
      env: { ...process.env, VITEST: undefined, NODE_ENV: undefined },
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} ${args.join(" ")}:\n${stdout.slice(-4_000)}\n${stderr.slice(-2_000)}`);
  }
}

test("the copy compiles", () => {
  run("tsc", "-b");
});

test("what every scheme and every runtime promises holds for the new ones", () => {
  run("vitest", "run", "--project", "unit", "shared/coding/scheme.test.ts", "-t", "pairs");
});

test("a job of each runs end to end", () => {
  const told = run("vitest", "run", "--project", "proofs", "e2e/proofs/additions/jobs");
  expect(told).toMatch(/2 passed/);
});
