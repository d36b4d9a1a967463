import { expect, test } from "vitest";
import { initialState } from "../../coordinator/state.ts";
import { changeRecord, countRecord } from "../../coordinator/verified-work.ts";
import { CLASSIFICATION } from "./engine/answer-rule.ts";
import { JobAnswers } from "./engine/job-answers.ts";
import { someInferenceJob } from "./testing/some-inference-job.ts";
import { answerViews, endedJobView, finalByNow, takingsByNow, takingsIn } from "./views.ts";

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

test("[TB2] a liar that vouched for others takes back what its opinion alone had made final, and nothing else of theirs", () => {
  const answers = new JobAnswers(30, 2, CLASSIFICATION);
  const source = { precision: "float32", auditedRows: 1, batchRows: 10 } as const;
  // Of a long record, of none with the liar's opinion, of the liar itself: ten rows each.
  const given = [
    { ...source, volunteerId: "known", opinionBy: "liar" },
    { ...source, volunteerId: "new", opinionBy: "liar" },
    { ...source, volunteerId: "liar", opinionBy: null },
  ];
  for (let query = 0; query < 30; query++) {
    answers.set(query, { output: Float32Array.of(0, 1), mark: "audited", source: given[Math.floor(query / 10)]! });
  }
  answers.isStored(answers.exportRows(Uint32Array.from({ length: 30 }, (_, query) => query)));
  const submission = { ...someInferenceJob("job").submission, answerBound: 0.02 };
  const job = someInferenceJob("job", { queryCount: 30, outputSize: 2, submission, liarShare: 0.1 });
  const state = initialState();
  const records = new Map([
    ["known", 10_000],
    ["new", 0],
    ["liar", 10_000],
  ]);
  const found = { job, answers, records, durableRecords: records };
  const ended = endedJobView(state, job, answers, records, 1);
  expect(ended.view.finalCount).toBe(30);
  const quarantine = { atMs: 5, jobId: "later", roundIndex: 0, reason: "it lied" };
  state.volunteers.set("liar", { volunteerId: "liar", quarantine } as never);
  state.quarantinedCount = 1;
  expect(finalByNow(state, ended.finality)).toEqual({ finalCount: 10, takenBackCount: 20 });
  const takings = [{ atMs: 5, volunteerId: "liar", reason: "it lied", count: 20, finalAgain: 0 }];
  expect(takingsIn(state, found)).toEqual(takings);
  expect(takingsByNow(state, ended.finality)).toEqual(takings);
});

test("[TB1] of an answer that took the place of one that was taken back the later naming is said, until that one is believed again", () => {
  const answers = new JobAnswers(10, 2, CLASSIFICATION);
  const first = { atMs: 5, volunteerId: "a", reason: "it lied" };
  const source = { volunteerId: "b", precision: "float32", auditedRows: 1, opinionBy: null, batchRows: 10 } as const;
  for (let query = 0; query < 10; query++) {
    answers.takeBack(query, first);
    answers.set(query, { output: Float32Array.of(0, 1), mark: "audited", source });
  }
  answers.isStored(answers.exportRows(Uint32Array.from({ length: 10 }, (_, query) => query)));
  const job = someInferenceJob("job", { queryCount: 10, outputSize: 2, liarShare: 0.1 });
  const records = new Map([["b", 10_000]]);
  const state = initialState();
  const found = { job, answers, records, durableRecords: records };
  const { finality } = endedJobView(state, job, answers, records, 1);
  expect(takingsIn(state, found)).toEqual([{ ...first, count: 10, finalAgain: 10 }]);
  expect(takingsByNow(state, finality)).toEqual(takingsIn(state, found));
  const quarantine = { atMs: 9, jobId: "later", roundIndex: 0, reason: "it lied too" };
  state.volunteers.set("b", { volunteerId: "b", quarantine } as never);
  state.quarantinedCount = 1;
  expect(takingsIn(state, found)).toEqual([
    { atMs: 9, volunteerId: "b", reason: "it lied too", count: 10, finalAgain: 0 },
  ]);
  expect(takingsByNow(state, finality)).toEqual(takingsIn(state, found));
  state.volunteers.clear();
  state.quarantinedCount = 0;
  expect(takingsIn(state, found)).toEqual([{ ...first, count: 10, finalAgain: 10 }]);
});

test("[TB1] in a small service too a liar's final answers are taken back, though its naming raises the share of liars", () => {
  const state = initialState();
  const passed = (volunteerId: string, auditsPassed: number) => {
    const record = { volunteerId, auditsPassed, auditsFailed: 0, quarantine: null };
    state.volunteers.set(volunteerId, record as never);
    countRecord(state.verifiedWork, record, 1);
    return state.volunteers.get(volunteerId)!;
  };
  for (let n = 0; n < 11; n++) passed(`honest ${n}`, 40);
  const liar = passed("liar", 41);
  const answers = new JobAnswers(10, 2, CLASSIFICATION);
  const source = { volunteerId: "liar", precision: "float32", auditedRows: 0, opinionBy: null, batchRows: 10 } as const;
  for (let query = 0; query < 10; query++)
    answers.set(query, { output: Float32Array.of(0, 1), mark: "audited", source });
  answers.isStored(answers.exportRows(Uint32Array.from({ length: 10 }, (_, query) => query)));
  const submission = { ...someInferenceJob("job").submission, answerBound: 1e-3 };
  const job = someInferenceJob("job", { state: "running", queryCount: 10, outputSize: 2, submission });
  const records = new Map([["liar", 41]]);
  const found = { job, answers, records, durableRecords: records };
  const countFinal = () => {
    let count = 0;
    for (const { final } of answerViews(state, found, [...Array(10).keys()])) if (final) count++;
    return count;
  };
  expect(countFinal()).toBe(10);
  changeRecord(state.verifiedWork, liar, (record) => {
    record.auditsFailed = 1;
    record.quarantine = { atMs: 5, jobId: "job", roundIndex: 0, reason: "it lied" };
  });
  state.quarantinedCount = 1;
  expect(countFinal()).toBe(0);
  const taking = { atMs: 5, volunteerId: "liar", reason: "it lied" };
  expect(takingsIn(state, found)).toEqual([{ ...taking, count: 10, finalAgain: 0 }]);
  // One that was named before raised the share of liars when the answers were given: of what was not final then nothing is taken back.
  changeRecord(state.verifiedWork, state.volunteers.get("honest 0")!, (record) => {
    record.auditsFailed = 1;
    record.quarantine = { atMs: 4, jobId: "job", roundIndex: 0, reason: "it lied before" };
  });
  expect(takingsIn(state, found)).toEqual([]);
});
