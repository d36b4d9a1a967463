import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { decodeGroups } from "../../../shared/coding/decode-groups.ts";
import { encodeGroups } from "../../../shared/coding/encode-groups.ts";
import { makeScheme } from "../../../shared/coding/make-scheme.ts";

const README = readFileSync(fileURLToPath(new URL("../../../README.md", import.meta.url)), "utf8");

test("the README's example runs as it is printed, and gives what its comments say", () => {
  const [, code] = /```ts\n([\s\S]*?)```/.exec(README)!;
  const withoutImports = code!.replace(/^import .*\n/gm, "").replaceAll("]!", "]");
  const printed: number[][] = [];
  const run = new Function("makeScheme", "encodeGroups", "decodeGroups", "console", withoutImports);
  run(makeScheme, encodeGroups, decodeGroups, { log: (values: number[]) => printed.push(values) });
  const [outputs, how] = printed;
  expect(how).toEqual([0, 2, 0, 0]);
  [0.1, 0.2, 0.3, 0.4].forEach((query, j) => {
    expect(Math.abs(outputs![j]! - Math.cos(query))).toBeLessThan(j === 1 ? 0.0125 : 1e-6);
  });
});

test("every file and npm script that the README names is there", () => {
  const scripts = (
    JSON.parse(readFileSync(fileURLToPath(new URL("../../../package.json", import.meta.url)), "utf8")) as {
      scripts: object;
    }
  ).scripts;
  const named = [...README.matchAll(/npm run ([a-z]+(?:-[a-z]+)*)/g)].map((match) => match[1]!);
  expect(named.length).toBeGreaterThan(3);
  for (const name of named) expect(scripts, name).toHaveProperty(name);
  for (const [, path] of README.matchAll(/\]\(([\w./-]+)\)/g)) {
    expect(() => readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url))), path).not.toThrow();
  }
});
