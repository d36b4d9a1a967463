import { expect, test } from "vitest";
import { fitCode } from "./fit-code.ts";
import type { RunSubmission } from "./records.ts";

const asked = { kind: "matmul", dataVolunteers: 4, shardsPerVolunteer: 2 } as RunSubmission;

test("where there are blocks enough, nothing changes", () => {
  expect(fitCode(asked, 8)).toEqual({ submission: asked, notes: [] });
});

test("small shards go first, then volunteers; the submitter is told", () => {
  expect(fitCode(asked, 7)).toEqual({
    submission: { ...asked, shardsPerVolunteer: 1 },
    notes: ["The data has 7 rows or columns to cut, so K is 4 of 1 blocks each in place of 4."],
  });
  const plain = { ...asked, shardsPerVolunteer: 1 };
  expect(fitCode(plain, 3)).toEqual({
    submission: { ...plain, dataVolunteers: 3 },
    notes: ["The data has 3 rows or columns to cut, so K is 3 in place of 4."],
  });
});
