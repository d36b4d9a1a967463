/**
 * Runs the `@example` of every public function of the rooms that compute: `expression // -> value`, or `call // throws words`;
 * other lines are statements. What these rooms and shared/random export needs no import.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOMS = ["coding", "field", "verify"];
/** Where no example is asked for. */
const WITHOUT: readonly { readonly reason: string; isSo(file: string, name: string): boolean }[] = [
  { reason: "an error is thrown, not called", isSo: (_, name) => name.endsWith("Error") },
  {
    reason: "a scheme is made through makeScheme, and tested by its contract",
    isSo: (file) => file.includes("coding/schemes/"),
  },
];

const sources = [...ROOMS, "random"].flatMap((room) =>
  readdirSync(join(import.meta.dirname, room), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !/(\.test|\.contract)\.ts$|^testing/.test(file))
    .map((file) => join(import.meta.dirname, room, file)),
);
const exported: Record<string, unknown> = {};
for (const file of sources) Object.assign(exported, await import(file));

interface Documented {
  readonly file: string;
  readonly name: string;
  /** Lines of its example; null: it has none. */
  readonly example: readonly string[] | null;
}

const EXPORTED = /^export (?:async function\*?|function\*?|class|abstract class) (\w+)/gm;

function documentedIn(file: string): Documented[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(EXPORTED)].map(({ 1: name, index }) => {
    const before = text.slice(0, index);
    const doc = before.endsWith("*/\n") ? before.slice(before.lastIndexOf("/**")) : "";
    const found = /@example\s([\s\S]*?)(?=\n \* @|\*\/)/.exec(doc)?.[1];
    const lines = found?.split("\n").map((line) => line.replace(/^ \* ?/, "").trim());
    return { file, name: name!, example: lines?.filter((line) => line !== "") ?? null };
  });
}

/** Typed arrays as lists, and of numbers six digits: an example shows no more. */
function shown(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return shown([...(value as Float64Array)]);
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value === "number") return Number(value.toPrecision(6));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, shown(entry)]));
}

/** @returns how many values were compared */
function runExample(lines: readonly string[]): number {
  const run = (code: string) => new Function(...Object.keys(exported), code)(...Object.values(exported)) as unknown;
  let [before, compared] = ["", 0];
  for (const line of lines) {
    const [, code, verb, value] = /^(.*) \/\/ (->|throws) (.+)$/.exec(line) ?? [];
    if (value === undefined) before += `${line}\n`;
    else if (verb === "throws") expect(() => run(before + code)).toThrow(value);
    else expect(shown(run(`${before}return (${code});`)), code).toEqual(shown(run(`return (${value});`)));
    if (value !== undefined) compared++;
  }
  return compared;
}

const documented = sources.filter((file) => !file.includes("/random/")).flatMap(documentedIn);
const withExample = documented.filter(({ example }) => example !== null);

test("every public function has an example, but where there is a reason", () => {
  const missing = documented.filter(
    ({ file, name, example }) => example === null && !WITHOUT.some((without) => without.isSo(file, name)),
  );
  expect(missing.map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
  expect(withExample.length).toBeGreaterThan(100);
});

test.each(withExample)("$name is as its example says", ({ example }) => {
  expect(runExample(example!)).toBeGreaterThan(0);
});
