import { describe, expect, test } from "vitest";
import type { FieldSpecs } from "./field-specs.ts";
import { parseScale, readForm } from "./read-form.ts";

describe("parseScale", () => {
  test.each([
    ["1", 1],
    [" 0.5 ", 0.5],
    ["1/255", 1 / 255],
    ["1e-3", 1e-3],
  ])("reads %j", (text, scale) => expect(parseScale(text)).toBe(scale));
  test.each(["", "0", "-1", "1/0", "1/", "1/2/3", "x"])("refuses %j", (text) => expect(parseScale(text)).toBeNull());
});

interface Fields {
  rate: string;
  count: string;
  most: string;
  hidden: string;
  sort: string;
}

const specs: FieldSpecs<Fields> = {
  rate: { sort: "number", label: "Rate", path: "source.rate" },
  count: { sort: "whole", label: "Count", whenEmpty: null },
  most: { sort: "whole", label: "Most", limits: { least: 1, most: 9 } },
  hidden: { sort: "whole", label: "Hidden", shownIf: ({ sort }) => sort === "shown" },
  sort: { sort: "select", label: "Sort", options: [["a", "A"]] },
};
const GOOD: Fields = { rate: " 0.5 ", count: "", most: "9", hidden: "no number", sort: "a" };

describe("readForm", () => {
  test("puts what is shown where the submission has it, and leaves the base alone", () => {
    const base = { kind: "x", source: { kind: "own" } };
    expect(readForm(specs, GOOD, base)).toEqual({
      submission: { kind: "x", source: { kind: "own", rate: 0.5 }, count: null, most: 9, sort: "a" },
    });
    expect(base).toEqual({ kind: "x", source: { kind: "own" } });
  });

  test("what is wrong is said beside its field, of the fields that are shown", () => {
    expect(readForm(specs, { ...GOOD, rate: "fast", count: "1.5", most: "10", sort: "shown" }, {})).toEqual({
      problems: {
        rate: "Expected a number, got “fast”.",
        count: "Expected a whole number, got “1.5”.",
        most: "Most must be a whole number from 1 to 9.",
        hidden: "Expected a number, got “no number”.",
      },
    });
  });
});
