import { expect, test } from "vitest";
import { initialState } from "../../coordinator/state.ts";
import { CLASSIFICATION } from "./engine/answer-rule.ts";
import { JobAnswers } from "./engine/job-answers.ts";
import { someInferenceJob } from "./testing/some-inference-job.ts";
import { endedJobView } from "./views.ts";

const QUERIES = 1_000;
const COLUMNS = ["outputs", "marks", "labels", "sources", "batchRows", "auditedRows", "durableMarks"] as const;

test("a look at a job reads no answer: what it shows is counted as answers come", () => {
  const truth = new Int32Array(QUERIES).fill(1);
  const answers = new JobAnswers(QUERIES, 2, CLASSIFICATION, { truth });
  const source = { volunteerId: "v1", precision: "float32", auditedRows: 1, opinionBy: null, batchRows: 10 } as const;
  const [right, wrong] = [Float32Array.of(0, 1), Float32Array.of(1, 0)];
  for (let query = 0; query < QUERIES - 10; query++)
    answers.set(query, { output: query < 900 ? right : wrong, mark: "audited", source });
  answers.markExact(0, right);
  answers.isStored(answers.exportRows(Uint32Array.from({ length: 500 }, (_, query) => query)));
  const unread = new Proxy(new Uint8Array(), {
    get: (_, name) => {
      throw new Error(`a look reads ${String(name)} of the answers`);
    },
  });
  for (const column of COLUMNS) Object.defineProperty(answers, column, { value: unread });
  const job = someInferenceJob("job", { queryCount: QUERIES, outputSize: 2 });
  const { view } = endedJobView(initialState(), job, answers, new Map([["v1", 1_000]]), 1);
  expect(view.answersByMark).toMatchObject({ exact: 1, audited: QUERIES - 11, missing: 10 });
  expect(view.finalCount).toBe(500);
  expect(view.accuracy).toBe(900 / 990);
});
