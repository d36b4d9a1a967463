import { expect, test } from "vitest";
import type { WorkView } from "../../shared/kinds/work-view.ts";
import { helpedWords, progressWords } from "./assignment-words.ts";
import { TEXTS } from "./texts/testing/all-texts.ts";

const { en } = TEXTS;

const WORK: WorkView = {
  ...{ jobId: "j", kind: "regression", name: "digits", submitter: "ada", state: "running" },
  progress: { done: 3, all: 50 },
};

test("a job that one helped with is told with how it ended, and so a training that diverged is not called done", () => {
  const far = progressWords(en, WORK);
  expect(far).toContain("3");
  expect(helpedWords(en, WORK)).toBe(far);
  expect(helpedWords(en, { ...WORK, state: "done", endKind: "diverged" })).toBe(`diverged, ${far}`);
  expect(helpedWords(en, { ...WORK, state: "done", endKind: "stopped" })).toBe(`stopped early, ${far}`);
  expect(helpedWords(en, { ...WORK, state: "done", endKind: "done" })).toBe(`done, ${far}`);
  // An inference job says it by its state.
  expect(helpedWords(en, { ...WORK, kind: "inference", state: "cancelled" })).toMatch(/^cancelled, /);
});
