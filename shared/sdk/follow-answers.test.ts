import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AnswersPage, AnswerView } from "../kinds/inference/answers.ts";
import type { InferenceJobView } from "../kinds/inference/job-view.ts";
import { ANSWERS_PER_PAGE_MAX } from "../protocol/limits.ts";
import { type AnswersReader, type FollowOptions, followAnswers } from "./follow-answers.ts";
import { JobEndedError } from "./job-ended-error.ts";
import { ParitabApiError } from "./paritab-api-error.ts";

// Time is virtual: what waits is woken at once, in order.
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Mark = AnswerView["mark"];

/** A job of which the reader shows one moment after the other; the last one stays. */
interface Moment {
  readonly state?: InferenceJobView["state"];
  readonly marks: readonly (Mark | "final")[];
}

function readerOf(moments: readonly Moment[], completion: "fast" | "exact" = "exact") {
  const asked: { offset: number; limit: number }[] = [];
  let at = -1;
  const moment = () => moments[Math.min(at, moments.length - 1)]!;
  const reader: AnswersReader = {
    async job() {
      at++;
      const { state = "running", marks } = moment();
      const finishedMs = ["done", "failed", "cancelled"].includes(state) ? 1 : null;
      const job = { kind: "inference", jobId: "j", state, completion, finishedMs, error: "why" };
      return { ...job, queryCount: marks.length } as InferenceJobView;
    },
    async answers(_jobId, { offset = 0, limit = 100 } = {}): Promise<AnswersPage> {
      asked.push({ offset, limit });
      const { marks } = moment();
      const answers = marks.slice(offset, offset + limit).map(
        (mark, i) =>
          ({
            index: offset + i,
            mark: mark === "final" ? "audited" : mark,
            final: mark === "final",
            outputs: [1],
          }) as unknown as AnswerView,
      );
      return { queryCount: marks.length, matching: marks.length, offset, answers };
    },
    takenBack: async (jobId) => ({ jobId, takings: [] }),
  };
  return { reader, asked };
}

async function follow(reader: AnswersReader, options: FollowOptions = {}) {
  const indices: number[] = [];
  const run = (async () => {
    for await (const { index } of followAnswers(reader, "j", options)) indices.push(index);
  })();
  const outcome = run.then(
    () => null,
    (error: unknown) => error,
  );
  await vi.runAllTimersAsync();
  return { indices, error: await outcome };
}

test("answers come in order, each once, though they become ready out of order", async () => {
  const { reader } = readerOf([
    { marks: ["missing", "audited", "audited"] },
    { marks: ["audited", "audited", "missing"] },
    { marks: ["audited", "missing", "missing"] },
    { state: "done", marks: ["audited", "audited", "exact"] },
  ]);
  expect(await follow(reader)).toEqual({ indices: [0, 1, 2], error: null });
});

test("an exact job's estimates are waited out, a fast job's are given out", async () => {
  const moments: Moment[] = [
    { marks: ["estimated", "estimated"] },
    { state: "failed", marks: ["estimated", "estimated"] },
  ];
  expect((await follow(readerOf(moments, "exact").reader)).indices).toEqual([]);
  expect((await follow(readerOf(moments, "fast").reader)).indices).toEqual([0, 1]);
  expect((await follow(readerOf(moments, "exact").reader, { accept: "first" })).indices).toEqual([0, 1]);
});

test("who wants final answers is not given audited ones that may be taken back", async () => {
  const moments: Moment[] = [{ marks: ["final", "audited"] }, { state: "cancelled", marks: ["final", "audited"] }];
  expect((await follow(readerOf(moments).reader, { accept: "final" })).indices).toEqual([0]);
});

test("when the job is done every answer is given out, whatever its mark", async () => {
  const { reader } = readerOf([{ state: "done", marks: ["estimated", "audited", "unchecked"] }]);
  expect((await follow(reader, { accept: "final" })).indices).toEqual([0, 1, 2]);
});

test("a job that fails or is cancelled is an error, after the answers that were ready", async () => {
  for (const [state, message] of [
    ["failed", "job j failed: why"],
    ["cancelled", "job j was cancelled"],
  ] as const) {
    const { indices, error } = await follow(readerOf([{ state, marks: ["audited", "missing"] }]).reader);
    expect(indices).toEqual([0]);
    expect(error).toBeInstanceOf(JobEndedError);
    expect((error as Error).message).toBe(message);
  }
});

test("following can begin at any index", async () => {
  const { reader } = readerOf([{ state: "done", marks: ["audited", "audited", "audited"] }]);
  expect((await follow(reader, { from: 2 })).indices).toEqual([2]);
  expect((await follow(reader, { from: 3 })).indices).toEqual([]);
});

test("a lost connection repeats nothing and skips nothing", async () => {
  const { reader } = readerOf([
    { marks: ["audited", "audited", "missing"] },
    { state: "done", marks: ["audited", "audited", "audited"] },
  ]);
  let calls = 0;
  const everySecondIsLost = <T>(ask: () => Promise<T>): Promise<T> => {
    if (++calls % 2 === 1) return ask();
    return Promise.reject(calls % 4 === 0 ? unreachable : new ParitabApiError(502, "bad-answer", "a proxy alone"));
  };
  const unreachable = new ParitabApiError(0, "unreachable", "gone");
  const lossy: AnswersReader = {
    job: (jobId) => everySecondIsLost(() => reader.job(jobId)),
    answers: (jobId, page) => everySecondIsLost(() => reader.answers(jobId, page)),
    takenBack: (jobId) => everySecondIsLost(() => reader.takenBack(jobId)),
  };
  expect(await follow(lossy)).toEqual({ indices: [0, 1, 2], error: null });
  expect(calls).toBeGreaterThanOrEqual(7);
});

test("a connection that stays lost, and a refusal, are errors", async () => {
  const failing = (error: Error): AnswersReader => ({
    job: () => Promise.reject(error),
    answers: () => Promise.reject(error),
    takenBack: () => Promise.reject(error),
  });
  for (const error of [
    new ParitabApiError(0, "unreachable", "gone"),
    new ParitabApiError(404, "unknown-job", "none"),
  ]) {
    expect((await follow(failing(error))).error).toBe(error);
  }
});

test("aborting gives up at once, with the caller's reason", async () => {
  const { reader } = readerOf([{ marks: ["missing"] }]);
  const giveUp = new AbortController();
  setTimeout(() => giveUp.abort(new Error("enough")), 10_000);
  expect(((await follow(reader, { signal: giveUp.signal })).error as Error).message).toBe("enough");
});

test("a query that is waited for is asked for in small pages, ready ones in large ones", async () => {
  const marks = new Array<Mark>(3_000).fill("audited");
  const { reader, asked } = readerOf([
    { marks: ["missing", ...marks] },
    { state: "done", marks: ["audited", ...marks] },
  ]);
  expect((await follow(reader)).indices).toHaveLength(3_001);
  expect(asked[0]).toEqual({ offset: 0, limit: 16 });
  expect(Math.max(...asked.map(({ limit }) => limit))).toBe(ANSWERS_PER_PAGE_MAX);
});

test("a regression is refused by name", async () => {
  const { reader } = readerOf([{ marks: [] }]);
  const gradient = { ...reader, job: async () => ({ kind: "regression", jobId: "g" }) as never };
  expect(((await follow(gradient)).error as Error).message).toMatch(
    /g: expected an inference job, got a regression job/,
  );
});
