import { expect, test } from "vitest";
import { notAnyMore, takenBackInWords } from "./taken-back-words.ts";

const TAKING = { atMs: 0, volunteerId: "v1", reason: "3 of 4 recomputed rows differ" };

test("[TB3] what is taken back is said with its answers, who, when and why", () => {
  expect(takenBackInWords({ jobId: "j", indices: [4], ...TAKING })).toBe(
    "job j: answer 4, final until now, taken back: volunteer v1 was shut out, Thu, 01 Jan 1970 00:00:00 GMT: 3 of 4 recomputed rows differ",
  );
  const many = takenBackInWords({ jobId: "j", indices: [1, 2, 3, 4, 5, 6, 7], ...TAKING });
  expect(many).toContain("answers 1, 2, 3, 4, 5 and 2 more, final until now");
});

test("[TB3] of an ended job that is said which is not final again, and what to do", () => {
  const takings = [
    { ...TAKING, count: 5, finalAgain: 5 },
    { ...TAKING, volunteerId: null, count: 5, finalAgain: 2 },
  ];
  expect(notAnyMore({ jobId: "j", takings })).toEqual([
    "job j: 3 answers that were final are not any more: Thu, 01 Jan 1970 00:00:00 GMT: 3 of 4 recomputed rows differ; `paritab redo j` has them done again",
  ]);
});
