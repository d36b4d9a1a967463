import { expect, test } from "vitest";
import { submissionSchema } from "../shared/kinds/kinds.ts";
import { CLASS_SAMPLE, classWords } from "./class-words.ts";

test("a teacher is told where codes are printed, what pupils open, and what is projected", () => {
  expect(classWords("https://school.example/", { sheetId: "s1", watchKey: "ab", seats: [1, 2] })).toBe(
    [
      "  a class of 2:",
      "    print its codes: https://school.example/operator#seats=s1",
      "    pupils open:     https://school.example/ (the sheet has an address with each code)",
      "    project:         https://school.example/class#watch=ab",
    ].join("\n"),
  );
});

test("a class without a job of its own has one that is a submission", () => {
  expect(submissionSchema.parse(CLASS_SAMPLE)).toMatchObject({ kind: "inference", completion: "exact" });
});
