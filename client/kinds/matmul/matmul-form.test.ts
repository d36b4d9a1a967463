import { describe, expect, test } from "vitest";
import { matmulSubmissionSchema } from "../../../shared/kinds/matmul/submission.ts";
import { problemsByField } from "../../ui/form/problems-by-field.ts";
import { MATMUL_FORM, type MatmulFields } from "./matmul-form.ts";

const { atFirst, specs, hints } = MATMUL_FORM;

const there = (sha: string) => ({ kind: "there", sha256: sha.repeat(64), shape: [6, 2], dtype: "F32" }) as const;
const both = { left: there("a"), right: there("b") };
const read = (changes: Partial<MatmulFields>) => MATMUL_FORM.read({ ...atFirst, ...changes });

describe("MATMUL_FORM.read", () => {
  test("with both files the form as it opens is a job, just as the schema wants it", () => {
    const { submission } = read(both) as { submission: object };
    expect(matmulSubmissionSchema.parse(submission)).toEqual({
      ...matmulSubmissionSchema.parse({
        kind: "matmul",
        source: { kind: "uploads", leftSha256: "a".repeat(64), rightSha256: "b".repeat(64) },
      }),
      name: "product",
    });
  });

  test("every setting is sent, also the one that may be left out", () => {
    const settings = {
      leftFractionBits: "8",
      rightFractionBits: "4",
      sliceColumns: "2",
      volunteers: " 9 ",
      liars: "2",
    };
    expect(read({ ...both, ...settings, scheme: "lcc", name: " AB " })).toMatchObject({
      submission: {
        leftFractionBits: 8,
        rightFractionBits: 4,
        sliceColumns: 2,
        volunteers: 9,
        liars: 2,
        scheme: "lcc",
        name: "AB",
      },
    });
  });

  test("missing files and what is no whole number are said beside their fields", () => {
    expect(read({ right: { kind: "uploading", fileName: "B.npy" }, leftFractionBits: "1.5", liars: "" })).toEqual({
      problems: {
        left: "Choose a file with A.",
        right: "Wait until the files are uploaded.",
        leftFractionBits: "Expected a whole number, got “1.5”.",
        liars: "Expected a number, got nothing.",
      },
    });
  });
});

describe("problemsByField", () => {
  test.each([
    ["A: expected shape (rows, columns), got (7)", "left"],
    ["A, B: expected A's columns to be as many as B's rows, got 2 x 3 and 2 x 3", "right"],
    ["avcc: expected at least 6 volunteers for K = 4, S = 1, M = 1, T = 0, got 5", "volunteers"],
    ["job: leftFractionBits: expected number to be <=24, got 25", "leftFractionBits"],
    ["job: sliceColumns: expected number to be >=1, got 0", "sliceColumns"],
    ["replication: expected T = 0, got 1: its volunteers hold the data itself", "colluders"],
  ])("%j stands beside %s", (message, field) => {
    const { fields, rest } = problemsByField(message, specs, hints);
    expect(Object.keys(fields)).toEqual([field]);
    expect(rest).toEqual([]);
  });
});
