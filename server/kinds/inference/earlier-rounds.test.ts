import { describe, expect, test } from "vitest";
import { earlierRounds, groupCountOf, roundCountOf } from "./earlier-rounds.ts";
import { inferenceCodec, type StoredJob } from "./records.ts";
import { someInferenceJob } from "./testing/some-inference-job.ts";

const submissionOf = (settings: object): StoredJob["submission"] =>
  ({
    ...someInferenceJob("j").submission,
    scheme: "systematic",
    stragglers: 0,
    ...settings,
  }) as StoredJob["submission"];
const round = (roundIndex: number, queries = 0) => ({ roundIndex, queryIndices: new Uint32Array(queries) });
const namesOf = (job: StoredJob, count: number) =>
  Array.from({ length: count }, (_, roundIndex) => earlierRounds(job).firstNameOf(round(roundIndex)));

/** As an earlier version stored a job. */
const EARLIER = { queriesPerGroup: 4, groupsPerRound: 10, roundsInFlight: 3 };

describe("a job that an earlier version stored", () => {
  const read = (changes: Partial<StoredJob>) =>
    inferenceCodec.fromRecord(
      inferenceCodec.toRecord(someInferenceJob("j", { submission: submissionOf(EARLIER), ...changes })),
    );

  test("is read without the settings of rounds; one that ended in rounds keeps how large they were", () => {
    for (const job of [read({}), read({ rows: true })]) {
      expect(job.submission).not.toHaveProperty("groupsPerRound");
      expect(job.submission).not.toHaveProperty("roundsInFlight");
    }
    expect(read({ rows: true }).roundSizes).toBeUndefined();
    const roundSizes = [{ fromRound: 0, firstPlace: 0, groupsPerRound: 10 }];
    expect(read({}).roundSizes).toEqual(roundSizes);
    // Written and read again it is the same.
    expect(inferenceCodec.fromRecord(inferenceCodec.toRecord(read({})))).toEqual(read({}));
    const sizes = [{ fromRound: 0, firstPlace: 0, groupsPerRound: 40 }];
    expect(read({ roundSizes: sizes }).roundSizes).toEqual(sizes);
  });

  test("has rounds of that size, the last one shorter", () => {
    const job = read({ queryCount: 90 });
    expect(namesOf(job, 3)).toEqual([0, 40, 80]);
    expect([roundCountOf(job, 2), groupCountOf(job)]).toEqual([3, 23]);
  });
});

test("[DP12] rounds of several sizes follow each other", () => {
  const roundSizes = [
    { fromRound: 0, firstPlace: 0, groupsPerRound: 10 },
    { fromRound: 2, firstPlace: 80, groupsPerRound: 5 },
  ];
  const job = someInferenceJob("j", { submission: submissionOf({ queriesPerGroup: 4 }), queryCount: 121, roundSizes });
  expect(namesOf(job, 5)).toEqual([0, 40, 80, 100, 120]);
  expect([roundCountOf(job, 0), groupCountOf(job)]).toEqual([5, 31]);
});

test("codes that were chosen one after the other have rounds of their own", () => {
  const code = { stragglers: 0, liars: 0, spares: "auto", atMs: 0, reason: "" } as const;
  const codes = [
    { ...code, queriesPerGroup: 4, fromRound: 0, firstPlace: 0, groupsPerRound: 10 },
    { ...code, queriesPerGroup: 8, fromRound: 1, firstPlace: 40, groupsPerRound: 2 },
  ];
  const job = someInferenceJob("j", { submission: submissionOf({}), queryCount: 72, codes });
  expect(namesOf(job, 3)).toEqual([0, 40, 56]);
  expect([0, 1, 2].map((index) => earlierRounds(job).schemeOf(round(index)).queryCount)).toEqual([4, 8, 8]);
  expect([roundCountOf(job, 0), groupCountOf(job)]).toEqual([3, 14]);
});

test("[SL3] the rest of a round that was cut is a round behind the last, and may be cut again", () => {
  const roundSizes = [{ fromRound: 0, firstPlace: 0, groupsPerRound: 40 }];
  const cuts = [
    { roundIndex: 1, rows: 10 },
    { roundIndex: 2, rows: 7 },
  ];
  const submission = submissionOf({ queriesPerGroup: 1 });
  const job = someInferenceJob("j", { submission, queryCount: 80, roundSizes, cuts });
  expect(namesOf(job, 4)).toEqual([0, 40, 50, 57]);
  expect(roundCountOf(job, 0)).toBe(4);
});

test("[SM4] rounds of a stream share no name; of one that was not full groups were smaller", () => {
  const job = someInferenceJob("j", { submission: submissionOf({ queriesPerGroup: 4 }), queriesSha256: null });
  const { schemeOf, firstNameOf } = earlierRounds(job);
  expect(schemeOf(round(0, 8)).queryCount).toBe(4);
  expect(schemeOf(round(1, 5)).queryCount).toBe(3);
  expect(schemeOf(round(2, 1)).queryCount).toBe(1);
  expect(firstNameOf(round(1)) - firstNameOf(round(0))).toBeGreaterThanOrEqual(4_000);
  expect(roundCountOf(job, 3)).toBe(3);
});
