import { expect, test, vi } from "vitest";
import { initialState } from "../../coordinator/state.ts";
import { CLASSIFICATION } from "./engine/answer-rule.ts";
import type { AnswerSources } from "./engine/answer-sources.ts";
import { JobAnswers } from "./engine/job-answers.ts";
import { inPieces } from "./in-pieces.ts";
import { receiptOf } from "./receipt.ts";
import { receiptParts } from "./receipt-parts.ts";
import { someInferenceJob } from "./testing/some-inference-job.ts";
import { allAnswers } from "./views.ts";

const QUERIES = 60_000;

/** Between two turns of the event loop. */
async function mostAtOnce(act: (looked: () => void) => Promise<unknown>): Promise<number> {
  let [atOnce, most] = [0, 0];
  const next = () => {
    atOnce = 0;
    turn = setImmediate(next);
  };
  let turn = setImmediate(next);
  await act(() => {
    most = Math.max(most, ++atOnce);
  });
  clearImmediate(turn);
  return most;
}

test("[LJ4] pieces follow each other without gaps, and end where there is nothing left to do", async () => {
  const seen: [number, number][] = [];
  await inPieces(2_500, 250, (start, end) => void seen.push([start, end]));
  expect(seen).toEqual([
    [0, 1_000],
    [1_000, 2_000],
    [2_000, 2_500],
  ]);
  let pieces = 0;
  await inPieces(2_500, 250, () => ++pieces === 2);
  expect(pieces).toBe(2);
});

for (const [what, finishedMs] of [
  ["at work", null],
  ["that has ended", 1],
] as const) {
  test(`[LJ4] of a job ${what} answers and receipt never look at all queries at once`, async () => {
    const job = someInferenceJob("job", { queryCount: QUERIES, outputSize: 2, finishedMs });
    const answers = new JobAnswers(QUERIES, 2, CLASSIFICATION);
    const found = { job, answers, records: new Map(), durableRecords: new Map() };
    const state = initialState();
    const store = { rounds: async () => [], contributions: async () => [], blocks: async () => [] };
    const most = await mostAtOnce(async (looked) => {
      for (const [owner, name] of [
        [answers.sources, "volunteerOf"],
        [answers.kinds, "kindOf"],
      ] as const) {
        const real = (owner[name as never] as (query: number) => unknown).bind(owner);
        vi.spyOn(owner as AnswerSources, name as "volunteerOf").mockImplementation((query) => {
          looked();
          return real(query) as string | null;
        });
      }
      const all = await allAnswers(state, found);
      expect([all.marks.length, all.outputs.length, all.final.length]).toEqual([QUERIES, 2 * QUERIES, QUERIES]);
      const receipt = await receiptOf(store, state, found, null);
      expect(receipt.answers.byMark.missing).toBe(QUERIES);
      expect((await receiptParts(state, found, [])).trees?.rows.count).toBe(QUERIES);
    });
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(QUERIES / 3);
  });
}
