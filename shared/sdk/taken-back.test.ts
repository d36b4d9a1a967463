import { expect, test } from "vitest";
import type { AnswerView } from "../kinds/inference/answers.ts";
import { TakenBackLook } from "./taken-back.ts";

test("[TB3] who looks at a job's pages hears of an answer that is taken back a second time, though there are no more of them", async () => {
  let taking = { atMs: 5, volunteerId: "a", reason: "it lied" };
  let pages = 0;
  const look = new TakenBackLook(
    {
      async answers() {
        pages++;
        const answers = [{ index: 3, takenBack: taking } as AnswerView];
        return { queryCount: 10, matching: 1, offset: 0, answers };
      },
      takenBack: async (jobId) => ({ jobId, takings: [{ ...taking, count: 1, finalAgain: 0 }] }),
    },
    "job",
  );
  expect(await look.news(0, 10)).toEqual([]);
  expect(await look.news(1, 10)).toEqual([{ jobId: "job", ...taking, indices: [3] }]);
  expect(await look.news(1, 10)).toEqual([]);
  expect(pages).toBe(1);
  taking = { atMs: 9, volunteerId: "b", reason: "it lied too" };
  expect(await look.news(1, 10)).toEqual([{ jobId: "job", ...taking, indices: [3] }]);
});
