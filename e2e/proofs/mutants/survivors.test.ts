import { expect, test } from "vitest";
import { MUTATED_ROOMS, mutatedFiles } from "./stryker-rooms.ts";
import { acceptedSurvivors, accepts, matches, type Report, survivorsOf } from "./survivors.ts";

const SOURCE = ["export function least(a: number, b: number): number {", "  return a < b ? a : b;", "}"].join("\n");

function survivorsAmong(...mutants: Report["files"][string]["mutants"]) {
  return survivorsOf("shared/field/least.ts", { source: SOURCE, mutants });
}

const ORDER = {
  mutatorName: "EqualityOperator",
  replacement: "a <= b",
  status: "Survived",
  location: { start: { line: 2, column: 10 }, end: { line: 2, column: 15 } },
};
const BODY = {
  mutatorName: "BlockStatement",
  replacement: "{}",
  status: "NoCoverage",
  location: { start: { line: 1, column: 53 }, end: { line: 3, column: 2 } },
};

test("a survivor is known by what is changed in its line, whatever number the line has", () => {
  expect(survivorsAmong(ORDER, BODY, { ...ORDER, status: "Killed" }, { ...ORDER, status: "Timeout" })).toEqual([
    { file: "shared/field/least.ts", line: 2, change: "return [[a < b -> a <= b]] ? a : b;", isReached: true },
    {
      file: "shared/field/least.ts",
      line: 1,
      change: "export function least(a: number, b: number): number [[{... -> {}]]",
      isReached: false,
    },
  ]);
});

test("a reason stands for the mutants below it, and a star for any text", () => {
  const list =
    "# Survivors\n\n## the same number\n\nIf equal, either.\n\n    shared/field/*: return [[a < b -> *]] *\n";
  const [accepted, ...others] = acceptedSurvivors(list);
  expect(others).toEqual([]);
  expect(accepted).toEqual({ reason: "the same number", file: "shared/field/*", change: "return [[a < b -> *]] *" });
  const [order, body] = survivorsAmong(ORDER, BODY) as [never, never];
  expect(accepts(accepted!, order)).toBe(true);
  expect(accepts(accepted!, body)).toBe(false);
  expect(matches("a.b(c)*", "a.b(c) || d")).toBe(true);
  expect(matches("a.b(c)", "a.b(c) || d")).toBe(false);
  expect(matches("a.b", "axb")).toBe(false);
});

test("what is no reason and no mutant below one is refused", () => {
  expect(() => acceptedSurvivors("    shared/field/least.ts: return a;")).toThrow(/expected "## reason"/);
  expect(() => acceptedSurvivors("## a reason\n\n    no file")).toThrow(/expected "## reason"/);
});

test("each survivor that is accepted is one of a file that is mutated, and is listed once", () => {
  const files = MUTATED_ROOMS.flatMap(mutatedFiles);
  expect(files).toContain("shared/verify/majority-bound.ts");
  expect(files.filter((file) => file.endsWith(".test.ts") || file.endsWith(".contract.ts"))).toEqual([]);
  const accepted = acceptedSurvivors();
  for (const { file } of accepted)
    expect(
      files.some((one) => matches(file, one)),
      file,
    ).toBe(true);
  const listed = accepted.map(({ file, change }) => `${file}: ${change}`);
  expect(listed.filter((line, at) => listed.indexOf(line) !== at)).toEqual([]);
});
