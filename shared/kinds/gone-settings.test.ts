import { expect, test } from "vitest";
import { KINDS, type Submission, withoutGoneSettings } from "./kinds.ts";

test("what an earlier version stored can be sent again: settings that are gone are left out, all others stay", () => {
  const source = { kind: "sample", sample: "mnist" };
  const submission = KINDS.inference.submission.parse({ kind: "inference", source, name: "digits", answerBound: 0.01 });
  const stored = { ...submission, groupsPerRound: 10, roundsInFlight: 4 } as Submission;
  expect(KINDS.inference.submission.safeParse(stored).success).toBe(false);
  expect(withoutGoneSettings(stored)).toEqual(submission);
});
