import { expect, test } from "vitest";
import { initialState } from "../../coordinator/state.ts";
import type { AnswerSource } from "./engine/answer-kinds.ts";
import { type AnswerRule, CLASSIFICATION } from "./engine/answer-rule.ts";
import { JobAnswers } from "./engine/job-answers.ts";
import type { StoredJob } from "./records.ts";
import { someInferenceJob } from "./testing/some-inference-job.ts";
import { allAnswers, answersPage } from "./views.ts";

const RECORD = 1_000;
const REGRESSION: AnswerRule = { ...CLASSIFICATION, task: "regression", relative: 0.05, absolute: 0, outputScale: 0 };
/** Margins beyond the wide tolerance, between the two, and within the narrow one. */
const ROWS = [Float32Array.of(0, 1), Float32Array.of(0.97, 1), Float32Array.of(0.9995, 1)];

/** ROWS as volunteers of a record answered them; then the last one as the coordinator computed it. */
function answersOf(precision: AnswerSource["precision"], task: AnswerRule, changes: Partial<StoredJob> = {}) {
  const answers = new JobAnswers(ROWS.length, 2, task);
  const source = { volunteerId: "v1", precision, auditedRows: 1, opinionBy: null, batchRows: 10 };
  ROWS.forEach((output, query) => {
    answers.set(query, { output, mark: "audited", source });
  });
  answers.isStored(answers.exportRows(Uint32Array.from(ROWS.keys())));
  const records = new Map([["v1", RECORD]]);
  const job = someInferenceJob("job", { queryCount: ROWS.length, outputSize: 2, ...changes });
  return { answers, of: { job, answers, records, durableRecords: records } };
}

const flags = (values: Uint8Array) => [...values].map((flag) => flag === 1);

test("[PC1] an answer is final on the word of a tab where its label is certain within the tolerance that was used", async () => {
  const float32 = await allAnswers(initialState(), answersOf("float32", CLASSIFICATION).of);
  expect(flags(float32.final)).toEqual([true, true, false]);
  expect(flags(float32.labelAmbiguous)).toEqual([false, false, true]);
  const float16 = await allAnswers(initialState(), answersOf("float16", CLASSIFICATION).of);
  expect(flags(float16.final)).toEqual([true, false, false]);
  expect(flags(float16.labelAmbiguous)).toEqual([false, true, true]);
});

test("[PC10] the close tolerance of a back-end whose arithmetic is fixed leaves fewer labels open, and to a job whose model nobody has tried no fewer", async () => {
  const close = { ...CLASSIFICATION, tolerance: { ...CLASSIFICATION.tolerance, fixed32: 3e-5 } };
  const fixed32 = await allAnswers(initialState(), answersOf("fixed32", close).of);
  expect(flags(fixed32.final)).toEqual([true, true, true]);
  expect(flags(fixed32.labelAmbiguous)).toEqual([false, false, false]);
  const untried = await allAnswers(initialState(), answersOf("fixed32", CLASSIFICATION).of);
  expect(flags(untried.final)).toEqual([true, true, false]);
});

test("[PC1] what the coordinator computed itself is ambiguous to nobody, whatever its margin", async () => {
  const { answers, of } = answersOf("float16", CLASSIFICATION);
  answers.markExact(2, ROWS[2]!);
  answers.isStored(answers.exportRows(Uint32Array.from(ROWS.keys())));
  const { final, labelAmbiguous } = await allAnswers(initialState(), of);
  expect([flags(final), flags(labelAmbiguous)]).toEqual([
    [true, false, true],
    [false, true, false],
  ]);
});

test("[PC1] numbers have no margin: those of a half-precision tab are never final on its word", async () => {
  const { submission } = someInferenceJob("job");
  const regression = { submission: { ...submission, task: "regression" as const } };
  const finalsOf = async (precision: AnswerSource["precision"]) => {
    const { final, labelAmbiguous } = await allAnswers(initialState(), answersOf(precision, REGRESSION, regression).of);
    expect(flags(labelAmbiguous)).toEqual([false, false, false]);
    return flags(final);
  };
  expect([await finalsOf("fixed32"), await finalsOf("float32"), await finalsOf("float16")]).toEqual([
    [true, true, true],
    [true, true, true],
    [false, false, false],
  ]);
});

test("[PC1] the label-ambiguous answers of a job can be asked for", () => {
  const { of } = answersOf("float16", CLASSIFICATION);
  const page = answersPage(initialState(), of, 0, 10, { only: "label-ambiguous", isTouched: () => false });
  expect(page.answers.map(({ index, labelAmbiguous, final }) => [index, labelAmbiguous, final])).toEqual([
    [1, true, false],
    [2, true, false],
  ]);
});
