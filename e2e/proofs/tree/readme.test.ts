import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";

const README = readFileSync(fileURLToPath(new URL("../../../README.md", import.meta.url)), "utf8");

test("the code by hand in docs/codes.md gives what its comments say", async () => {
  const printed: number[][] = [];
  const log = vi.spyOn(console, "log").mockImplementation((values: number[]) => printed.push(values));
  await import("../../../docs/examples/code-by-hand.ts");
  log.mockRestore();
  const [outputs, how] = printed;
  expect(how).toEqual([0, 2, 0, 0]);
  [0.1, 0.2, 0.3, 0.4].forEach((query, j) => {
    expect(Math.abs(outputs![j]! - Math.cos(query))).toBeLessThan(j === 1 ? 0.0125 : 1e-6);
  });
});

const README_WORDS_MAX = 1_200;

test("the README is read in some minutes", () => {
  const words = README.replaceAll(/<!--.*?-->/g, "")
    .split(/\s+/)
    .filter((word) => /\w/.test(word));
  expect(words.length).toBeLessThanOrEqual(README_WORDS_MAX);
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
