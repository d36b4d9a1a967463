import { expect, test } from "vitest";
import { ANSWERS_PAGE_NUMBERS_MAX } from "../../../shared/protocol/limits.ts";
import { initialState } from "../../coordinator/state.ts";
import { CLASSIFICATION } from "./engine/answer-rule.ts";
import { JobAnswers } from "./engine/job-answers.ts";
import { someInferenceJob } from "./testing/some-inference-job.ts";
import { answersPage } from "./views.ts";

/** @returns how many answers the first page of ten holds */
function onFirstPage(outputSize: number): number {
  const answers = new JobAnswers(10, outputSize, CLASSIFICATION);
  const job = someInferenceJob("job", { queryCount: 10, outputSize });
  return answersPage(initialState(), { job, answers, records: new Map(), durableRecords: new Map() }, 0, 10).answers
    .length;
}

test("[PR22] a page of answers of very many numbers is short, and never empty", () => {
  expect(onFirstPage(2)).toBe(10);
  expect(onFirstPage(ANSWERS_PAGE_NUMBERS_MAX / 4)).toBe(4);
  expect(onFirstPage(ANSWERS_PAGE_NUMBERS_MAX + 1)).toBe(1);
});
