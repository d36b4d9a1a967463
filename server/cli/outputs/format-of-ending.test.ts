import { expect, test } from "vitest";
import { UsageError } from "../exit-codes.ts";
import { formatOfEnding } from "./format-of-ending.ts";

test("a file's ending is its format, in capitals too", () => {
  expect(formatOfEnding("--out", "a.csv/b.npy", ["csv", "npy"])).toBe("npy");
  expect(formatOfEnding("--out", "B.CSV", ["csv", "npy"])).toBe("csv");
});

test.each([
  [["npy"], "", 'OUT: expected a file ending in .npy, got "o.txt"'],
  [["npy", "csv"], "", 'OUT: expected a file ending in .npy or .csv, got "o.txt"'],
  [
    ["npy", "csv", "json"],
    " for answers",
    'OUT: expected a file ending in .npy, .csv or .json for answers, got "o.txt"',
  ],
])("another one is refused with the endings of %j", (formats, suffix, message) => {
  expect(() => formatOfEnding("OUT", "o.txt", formats, suffix)).toThrow(new UsageError(message));
});
