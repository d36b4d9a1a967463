/** A scheme says everything of itself in its folder: nobody else compares its name, and its room imports few others. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { CODED_SCHEME_NAMES } from "../../../shared/coding/coded-schemes/coded-schemes.ts";
import { SCHEME_NAMES } from "../../../shared/coding/schemes/schemes.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const LISTS = /^shared\/coding\/(coded-)?schemes\//;
const product = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "shared", "server", "client"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => /\.tsx?$/.test(file) && !/\.(test|contract)\.ts$|\/testing\//.test(file));
const textOf = (file: string) => readFileSync(join(ROOT, file), "utf8");

test("no product file compares the name of a scheme", () => {
  const compared = new RegExp(`(===|!==|case) "(${[...SCHEME_NAMES, ...CODED_SCHEME_NAMES].join("|")})"`);
  expect(product.length).toBeGreaterThan(400);
  expect(product.filter((file) => !LISTS.test(file) && compared.test(textOf(file)))).toEqual([]);
});

test("outside its folder a scheme is named in the list, and hardly anywhere else", () => {
  const named = product.filter((file) => /approxifer/i.test(textOf(file)));
  const outside = named.filter((file) => !file.startsWith("shared/coding/schemes/approxifer/"));
  expect(outside).toContain("shared/coding/schemes/schemes.ts");
  expect(outside.length).toBeLessThanOrEqual(3);
});

test("coding and verify import the field and randomness, the field nothing", () => {
  const allowed = {
    coding: ["coding", "field", "random"],
    verify: ["verify", "field", "random"],
    field: ["field"],
  };
  for (const [room, rooms] of Object.entries(allowed)) {
    const files = product.filter((file) => file.startsWith(`shared/${room}/`));
    const imported = files.flatMap((file) =>
      [...textOf(file).matchAll(/from "(\.[^"]+)"/g)].map((match) => join(file, "..", match[1]!).split("/")[1]!),
    );
    expect([...new Set(imported)].filter((other) => !rooms.includes(other))).toEqual([]);
  }
});
