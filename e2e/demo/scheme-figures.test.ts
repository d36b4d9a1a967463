import { describe, expect, test } from "vitest";
import type { AnswerMark, AnswerView } from "../../shared/kinds/inference/answers.ts";
import { baseAccuracyOf, type JobRecord, schemeFigures, type Truth } from "./scheme-figures.ts";

/** Three classes, four queries; the model is right but for the last one. */
const truth: Truth = {
  outputs: Float32Array.of(9, 0, 0, 0, 9, 0, 0, 0, 9, 9, 0, 0),
  outputSize: 3,
  labels: [0, 1, 2, 1],
};

interface Given {
  mark: AnswerMark;
  outputs: number[];
  first: AnswerView["first"];
}

function answer(index: number, { mark, outputs, first }: Given): AnswerView {
  const label = mark === "missing" ? -1 : outputs.indexOf(Math.max(...outputs));
  return {
    index,
    label,
    outputs,
    mark,
    final: false,
    bound: null,
    labelAmbiguous: false,
    confidence: null,
    volunteerId: "v",
    first,
  };
}

const seen = (afterMs: number, answered: number, final: number) => ({ afterMs, answered, final });

const record = (given: Partial<JobRecord>): JobRecord => ({
  name: "systematic",
  workers: 7,
  jobMs: 500,
  answers: [
    answer(0, { mark: "exact", outputs: [9, 0, 0], first: { label: 0, mark: "audited" } }),
    answer(1, { mark: "audited", outputs: [0, 9.001, 0], first: { label: 0, mark: "estimated" } }),
    answer(2, { mark: "estimated", outputs: [0, 1, 9], first: { label: 2, mark: "estimated" } }),
    answer(3, { mark: "audited", outputs: [9, 0, 0], first: null }),
  ],
  seen: [seen(5, 1, 0), seen(10, 2, 0), seen(20, 4, 1), seen(30, 4, 2)],
  quarantined: [],
  precisionOf: () => "float32",
  ...given,
});

describe("a row of the table", () => {
  test("first answers are measured against labels, those that are missing count as wrong", () => {
    const { overallFirst, degradedFirst, finalAccuracy } = schemeFigures(record({}), truth, 1_000);
    expect([overallFirst, degradedFirst, finalAccuracy]).toEqual([0.5, 0.5, 0.75]);
    expect(baseAccuracyOf(truth)).toBe(0.75);
  });

  test("answers are counted by mark, and wrong is what the model does not say", () => {
    const { answersByMark, wrongByMark } = schemeFigures(record({}), truth, 1_000);
    expect(answersByMark).toEqual({ missing: 0, unchecked: 0, estimated: 1, audited: 2, exact: 1, "non-finite": 0 });
    expect(wrongByMark).toEqual({ missing: 0, unchecked: 0, estimated: 1, audited: 0, exact: 0, "non-finite": 0 });
  });

  test("an answer counts as wrong by the precision of who gave it", () => {
    const answers = [answer(0, { mark: "audited", outputs: [9.1, 0, 0], first: null })];
    const wrong = (precision: "float32" | "float16") =>
      schemeFigures(record({ answers, precisionOf: () => precision }), truth, 1).wrongByMark.audited;
    expect([wrong("float32"), wrong("float16")]).toEqual([1, 0]);
  });

  test("a missing answer is neither wrong nor right", () => {
    const answers = [answer(0, { mark: "missing", outputs: [0, 0, 0], first: { label: 0, mark: "audited" } })];
    const { finalAccuracy, wrongByMark, overallFirst } = schemeFigures(record({ answers }), truth, 1);
    expect([finalAccuracy, wrongByMark.missing, overallFirst]).toEqual([0, 0, 1]);
  });

  test("times say when so many queries had an answer, and a final one; nothing where they never had", () => {
    const figures = schemeFigures(record({}), truth, 1_000);
    expect(figures).toMatchObject({ firstMsP50: 10, firstMsP95: 20, exactMsP50: 30, exactMsP95: null });
    const never = schemeFigures(record({ seen: [seen(10, 4, 0)] }), truth, 1_000);
    expect(never).toMatchObject({ exactMsP50: null, exactMsP95: null });
  });

  test("job time is a ratio to uncoded, which is 1 to itself", () => {
    expect(schemeFigures(record({}), truth, 1_000).ratioToUncoded).toBe(0.5);
    expect(schemeFigures(record({ name: "uncoded" }), truth, null).ratioToUncoded).toBe(1);
  });

  test("everything that approxifer answers is an estimate, whatever its mark; of uncoded nothing is", () => {
    const answers = [
      answer(0, { mark: "unchecked", outputs: [9, 0, 0], first: { label: 0, mark: "unchecked" } }),
      answer(1, { mark: "unchecked", outputs: [9, 0, 0], first: { label: 0, mark: "unchecked" } }),
    ];
    expect(schemeFigures(record({ name: "approxifer", answers }), truth, 1).degradedFirst).toBe(0.5);
    expect(schemeFigures(record({ name: "uncoded", answers }), truth, null).degradedFirst).toBeNull();
  });
});
