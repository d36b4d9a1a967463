/** [CE12] What parts say together, as pure functions: whatever they say, nothing of it is lost or counted twice. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ANSWER_MARKS } from "../../../../../shared/kinds/inference/answers.ts";
import type { InferenceJobView } from "../../../../../shared/kinds/inference/job-view.ts";
import { type PartRange, partIdOf, rangesOf } from "../../../../../shared/kinds/inference/parts.ts";
import { inferenceViewOf } from "../../../../../shared/kinds/inference/testing/inference-view.ts";
import type { Waits } from "../../../../../shared/protocol/job-api.ts";
import type { JobTimeline } from "../../../../../shared/protocol/timeline-api.ts";
import { mergedTakings, mergedTimeline, mergedView } from "./merged-view.ts";
import { wholePage } from "./whole-answers.ts";

const WHOLE = "W".repeat(24);
const count = fc.nat(1_000);
const marks = fc.record(Object.fromEntries(ANSWER_MARKS.map((mark) => [mark, count]))) as fc.Arbitrary<
  InferenceJobView["answersByMark"]
>;
const part = fc
  .record({
    state: fc.constantFrom("preparing", "running", "done", "failed", "cancelled"),
    answersByMark: marks,
    roundCount: count,
    finalCount: count,
    takenBackCount: fc.nat(3),
    labelAmbiguousCount: count,
    auditedRows: count,
    failedAudits: count,
    remainingMs: fc.option(count),
    waitingFor: fc.option(fc.constantFrom("tabs", "a second opinion")),
    accuracy: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    endedMs: fc.nat(),
  })
  .map(({ endedMs, state, takenBackCount, ...said }): InferenceJobView => {
    const hasEnded = ["done", "failed", "cancelled"].includes(state);
    const queryCount = Object.values(said.answersByMark).reduce((sum, n) => sum + n, 0);
    return inferenceViewOf("part", {
      ...{ ...said, state: state as InferenceJobView["state"], queryCount, roundsDone: said.roundCount },
      ...(takenBackCount === 0 ? {} : { takenBackCount }),
      finishedMs: hasEnded ? endedMs : null,
      error: state === "failed" ? "it failed" : null,
    });
  });
const views = fc.array(part, { minLength: 1, maxLength: 6 });
const wholeOf = (count: number) => ({
  ...{ wholeId: WHOLE, submittedMs: 7 },
  parts: rangesOf(count, count).map((range, i) => ({ jobId: partIdOf(WHOLE, i), ...range })),
});
const sum = (all: readonly InferenceJobView[], of: (view: InferenceJobView) => number) =>
  all.reduce((total, view) => total + of(view), 0);

test("[CE12] counts of the whole are the sums of its parts, its state and its end are theirs, and its accuracy lies between theirs", () => {
  fc.assert(
    fc.property(views, (all) => {
      const merged = mergedView(
        wholeOf(all.length),
        all.map((view) => ({ view })),
      );
      for (const of of [
        (view) => view.queryCount,
        (view) => view.roundCount,
        (view) => view.finalCount,
        (view) => view.takenBackCount ?? 0,
        (view) => view.labelAmbiguousCount,
        (view) => view.auditedRows,
        (view) => view.failedAudits,
        ...ANSWER_MARKS.map((mark) => (view: InferenceJobView) => view.answersByMark[mark]),
      ] as ((view: InferenceJobView) => number)[]) {
        expect(of(merged)).toBe(sum(all, of));
      }
      expect([merged.jobId, merged.submittedMs, merged.partOf]).toEqual([WHOLE, 7, undefined]);
      const isEnded = all.every(({ finishedMs }) => finishedMs !== null);
      expect(merged.finishedMs === null).toBe(!isEnded);
      expect(merged.error).toBe(all.some(({ error }) => error !== null) ? "it failed" : null);
      // It waits where all that still run wait, and says how long it takes where all of them know.
      const atWork = all.filter(({ finishedMs }) => finishedMs === null);
      const isWaiting = atWork.length > 0 && atWork.every(({ waitingFor }) => waitingFor !== null);
      expect(merged.waitingFor !== null).toBe(isWaiting);
      const isKnown = atWork.length > 0 && atWork.every(({ remainingMs }) => remainingMs !== null);
      expect(merged.remainingMs).toBe(isKnown ? Math.max(...atWork.map((view) => view.remainingMs!)) : null);
      const known = all.filter(
        ({ accuracy, queryCount, answersByMark }) => accuracy !== null && queryCount > answersByMark.missing,
      );
      expect(merged.accuracy === null).toBe(known.length === 0);
      if (merged.accuracy !== null) {
        const accuracies = known.map(({ accuracy }) => accuracy!);
        expect(merged.accuracy).toBeGreaterThanOrEqual(Math.min(...accuracies) - 1e-9);
        expect(merged.accuracy).toBeLessThanOrEqual(Math.max(...accuracies) + 1e-9);
      }
      expect(merged.parts?.map(({ state }) => state)).toEqual(all.map(({ state }) => state));
    }),
  );
});

test("[CE12] rounds and tabs of the parts are numbered on: each number is one round, and each span its own tab's", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5), { minLength: 1, maxLength: 5 }), (roundCounts) => {
      const all = roundCounts.map((roundCount) => inferenceViewOf("part", { roundCount }));
      const total = roundCounts.reduce((one, other) => one + other, 0);
      const timelines = roundCounts.map((roundCount, index): JobTimeline => {
        const tabs = [{ sessionId: `${index}`, volunteerId: "", nickname: "", backend: "" }];
        const spans = Array.from(
          { length: roundCount },
          (_, roundIndex) => ({ tab: 0, roundIndex, sentMs: 10 - index }) as never,
        );
        return { jobId: "part", atMs: index, tabs, spans, spansDropped: index, isWhole: index !== 1, rounds: [] };
      });
      const merged = mergedTimeline(wholeOf(all.length), all, timelines);
      expect(new Set(merged.spans.map(({ roundIndex }) => roundIndex))).toEqual(new Set(Array(total).keys()));
      for (const { tab, sentMs } of merged.spans) expect(merged.tabs[tab]!.sessionId).toBe(`${10 - sentMs}`);
      expect(merged.spans.map(({ sentMs }) => sentMs)).toEqual(
        merged.spans.map(({ sentMs }) => sentMs).sort((a, b) => a - b),
      );
      expect(merged.isWhole).toBe(roundCounts.length < 2);
    }),
  );
});

test("[CE11] [CE12] how long it takes counts what waits for a coordinator, at the pace of what has begun", () => {
  const viewOf = (missing: number, remainingMs: number | null, waits: Waits = { waitingFor: null }) => {
    const answersByMark = { ...inferenceViewOf("part", {}).answersByMark, missing };
    return inferenceViewOf("part", { state: "running", finishedMs: null, answersByMark, remainingMs, ...waits });
  };
  const merged = (...standing: readonly { view: InferenceJobView; isWaiting?: boolean }[]) =>
    mergedView(wholeOf(standing.length), standing);
  const waiting = { view: viewOf(600, null), isWaiting: true };
  const [fast, slow] = [{ view: viewOf(200, 100) }, { view: viewOf(100, 100) }];
  expect(merged(fast, slow).remainingMs).toBe(100);
  expect(merged(fast, slow, waiting).remainingMs).toBe(300);
  expect(merged(fast, { view: viewOf(100, null) }, waiting).remainingMs).toBeNull();
  expect(merged(waiting, waiting).remainingMs).toBeNull();
  // A part that nobody has taken hides nothing of what the others wait for.
  const lacking = { waitingFor: "tabs", lacksTabs: "any" } as const;
  const lacks = { view: viewOf(1, null, lacking) };
  expect(merged(lacks, waiting)).toMatchObject(lacking);
  expect(merged(waiting, waiting)).toMatchObject({
    waitingFor: expect.stringMatching(/^waiting for tabs: 2 parts are left/),
    lacksTabs: "more",
  });
  for (const other of [merged(lacks, fast), merged(fast, waiting)]) {
    expect([other.waitingFor, other.lacksTabs]).toEqual([null, undefined]);
  }
});

test("[CE12] a naming that took back answers of several parts is one, from when the first heard of it, with all of them", () => {
  const taking = (volunteerId: string | null, atMs: number, own: number) => ({
    ...{ volunteerId, atMs, reason: "wrong rows", count: own, finalAgain: 1 },
  });
  expect(mergedTakings([[taking("b", 9, 2)], [taking("a", 5, 1), taking("b", 8, 3)], []])).toEqual([
    taking("a", 5, 1),
    { ...taking("b", 8, 5), finalAgain: 2 },
  ]);
});

test("[CE12] a page has the answers that a page of one piece would have, however the parts cut theirs short", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 0, max: 30 }),
      fc.nat(40),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 6 }),
      fc.boolean(),
      async (parts, more, offset, limit, numbersMax, isFiltered) => {
        const ranges = rangesOf(parts + more, parts);
        const isMatching = (query: number) => !isFiltered || query % 3 !== 1;
        const matching = Array.from({ length: parts + more }, (_, query) => query).filter(isMatching);
        const ofPart = ({ firstQuery, queryCount }: PartRange) =>
          matching.filter((query) => query >= firstQuery && query < firstQuery + queryCount).length;
        const page = await wholePage(
          ranges,
          ranges.map(ofPart),
          { offset, limit, only: isFiltered ? "not-final" : "all" },
          async (index, asked) => {
            const { firstQuery, queryCount } = ranges[index]!;
            const own = Array.from({ length: queryCount }, (_, query) => query).filter((query) =>
              isMatching(firstQuery + query),
            );
            // Nobody asks a part that the page does not reach into.
            expect(asked.offset).toBeLessThan(own.length);
            const given = own.slice(asked.offset, asked.offset + Math.min(asked.limit, numbersMax));
            return {
              queryCount,
              matching: own.length,
              offset: asked.offset,
              answers: given.map((query) => ({ index: query })) as never,
            };
          },
        );
        expect([page.queryCount, page.matching, page.offset]).toEqual([parts + more, matching.length, offset]);
        const wanted = matching.slice(offset, offset + limit);
        const got = page.answers.map(({ index }) => index);
        expect(got).toEqual(wanted.slice(0, got.length));
        expect(got.length > 0).toBe(wanted.length > 0);
      },
    ),
  );
});
