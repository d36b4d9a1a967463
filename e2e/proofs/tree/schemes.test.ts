/** A scheme says everything of itself in its folder: nobody else compares its name, and its room imports few others. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { CODED_SCHEME_NAMES, CODED_SCHEMES } from "../../../shared/coding/coded-schemes/coded-schemes.ts";
import { workerCountOf } from "../../../shared/coding/make-scheme.ts";
import { SCHEME_NAMES, SCHEMES } from "../../../shared/coding/schemes/schemes.ts";

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

const CHECKED = { audits: "audits", votes: "votes, with E > 0", none: "nothing" };
const ESTIMATES = { none: "none", told: "all are told", withheld: "withheld below the job's floor" };
const yes = (is: boolean) => (is ? "yes" : "no");
const rowOf = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;

test("docs/codes.md has the tables of the schemes that there are", () => {
  const text = textOf("docs/codes.md");
  const one = { queryCount: 4, stragglerCount: 1, liarCount: 1 };
  const rows = SCHEME_NAMES.toReversed().map((name) => {
    const { words, canEndExact, estimates, needsDistinctVolunteers, mixesRows, ...definition } = SCHEMES[name];
    const answers = [CHECKED[definition.verificationOf(1)], yes(canEndExact), ESTIMATES[estimates]];
    const code = [`\`${name}\``, words.inShort, workerCountOf(name, one)];
    return rowOf([...code, ...answers, yes(needsDistinctVolunteers), yes(mixesRows)]);
  });
  expect(text).toContain(`\n${rows.join("\n")}\n\n`);
  const wanted = { dataVolunteers: 4, stragglers: 1, liars: 1, threshold: 4 };
  const codedRows = CODED_SCHEME_NAMES.toReversed().map((name) => {
    const { words, verification, shards, ...definition } = CODED_SCHEMES[name];
    const tabs = definition.volunteersNeeded(definition.hasSlack ? wanted : { ...wanted, stragglers: 0, liars: 0 });
    return rowOf([`\`${name}\``, words.means, tabs, verification, yes(shards === "lagrange")]);
  });
  expect(text).toContain(`\n${codedRows.join("\n")}\n\n`);
});
