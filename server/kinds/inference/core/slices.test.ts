/** Rows that a tab hands over before its answer count where its batch is taken back. SPEC.md SL rules. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Story, type StoryOptions } from "../../../coordinator/testing/story.ts";
import { judge } from "../../../coordinator/testing/verdicts.ts";
import { begun as begunChecked, checkedJob } from "../testing/cross-checked-story.ts";
import {
  creditedRows,
  expectCountedOnce,
  handOver,
  happeningsTo,
  leave,
  MACS,
  type Sent,
  tell,
} from "../testing/handed-over-story.ts";
import { groupsInRound } from "./inference-plan.ts";
import type { Batch } from "./job.ts";
import { FixedSchedule } from "./round-schedule.ts";
import { CUTS_MAX } from "./slices.ts";

const PLAIN = {
  scheme: "systematic",
  queriesPerGroup: 1,
  stragglers: 0,
  liars: 0,
  spares: "backups",
  groupsPerRound: 20,
} as const;

function begun(queryCount = 40, submission: object = {}, options: StoryOptions = {}): Story {
  const story = new Story(options);
  story.crowd(2);
  story.submit("job", { ...PLAIN, roundsInFlight: 2, ...submission }, queryCount);
  return story;
}

const rowsOfRounds = (story: Story): number[] => {
  const { schedule } = story.job("job");
  return Array.from({ length: schedule.roundCount }, (_, round) => groupsInRound(schedule.planOf(round), round));
};

test("[SL2] rows that a tab handed over count when it goes, and the others go out again", () => {
  const story = begun();
  const [first] = story.out();
  handOver(story, first!, 8);
  leave(story, first!);
  expect(story.asked("takeSlices")).toMatchObject([{ roundIndex: 0, from: first!.assignmentId, rows: 8 }]);
  expect(story.asked("audit").at(-1)).toMatchObject({ roundIndex: 0, volunteerId: first!.volunteerId });
  expect(rowsOfRounds(story)).toEqual([8, 20, 12]);
  expect(creditedRows(story, first!.volunteerId)).toBe(8);
  story.answerAll();
  expect(story.jobState("job")).toBe("done");
  expect(creditedRows(story, "v1") + creditedRows(story, "v2")).toBe(40);
  const { contributions } = story.job("job");
  expect(contributions.get(first!.volunteerId)).toMatchObject({ assignments: 1, rows: 8 });
});

/** Ten rows of it were handed over when it became late. */
function lateBatch() {
  const story = begun(200, { roundsInFlight: 4 }, { hold: ["voidAssignment"] });
  for (let n = 0; n < 6; n++) story.answer(story.out().find(({ sessionId }) => sessionId === "s2")!, 1_000);
  const slow = story.out().find(({ sessionId }) => sessionId === "s1")!;
  const assignment = story.state.assignments.get(slow.assignmentId)!;
  handOver(story, slow, 10);
  while (assignment.state === "outstanding") story.pass(1_000);
  return { story, slow, assignment };
}

test("[SL2] a late batch that was handed over in part is taken back: its tab need not go on", () => {
  const { story, slow, assignment } = lateBatch();
  expect(story.asked("voidAssignment").at(-1)).toMatchObject({ assignmentId: slow.assignmentId, tell: true });
  expect(assignment).toMatchObject({ state: "dropped", work: 10 * MACS });
  expect(creditedRows(story, "v1")).toBe(10);
  expect(story.job("job").stored.cuts).toEqual([{ roundIndex: slow.roundIndex, rows: 10 }]);
});

test("[SL2] what was handed over of a late batch that another tab is at too is not taken in", () => {
  const story = begun(40, { roundsInFlight: 1 });
  const [first] = story.out();
  story.pass(60_000);
  expect(story.out().filter(({ roundIndex }) => roundIndex === 0)).toHaveLength(2);
  handOver(story, first!, 8);
  leave(story, first!);
  expect(story.asked("takeSlices")).toEqual([]);
});

test.each([
  ["too few rows", 4, PLAIN],
  ["rows of which nobody checks any", 8, { ...PLAIN, scheme: "uncoded" }],
])("[SL2] of %s nothing counts", (_what, rows, submission) => {
  const story = begun(80, submission);
  const [first] = story.out();
  handOver(story, first!, rows);
  leave(story, first!);
  expect(story.asked("takeSlices")).toEqual([]);
  story.join(1, "again");
  story.answerAll();
  expect(story.jobState("job")).toBe("done");
});

test("[SL2] of a tab that says that it failed nothing counts", () => {
  const story = begun();
  const [first] = story.out();
  handOver(story, first!, 8);
  const { sessionId, assignmentId } = first!;
  story.happen({ type: "assignmentFailed", sessionId, assignmentId, message: "broken" });
  expect(story.asked("takeSlices")).toEqual([]);
});

test("[SL4] an answer takes the place of what was handed over before it, and nothing counts twice", () => {
  const story = begun();
  const [first] = story.out();
  handOver(story, first!, 8);
  story.answer(first!);
  leave(story, first!);
  story.answerAll();
  expect(story.asked("takeSlices")).toEqual([]);
  expect(creditedRows(story, "v1") + creditedRows(story, "v2")).toBe(40);
});

test("[SL4] once its rows were taken the answer of a batch changes nothing, nor does another slice", () => {
  const { story, slow } = lateBatch();
  handOver(story, slow, 15);
  story.answer(slow);
  expect(story.asked("takeSlices")).toHaveLength(1);
  expect(creditedRows(story, "v1")).toBe(10);
});

test("[SL2] [VF3] a slice with a wrong row names its volunteer, and all of the round's rows are asked again", () => {
  const story = begun(40, {}, { hold: ["audit"] });
  const [first] = story.out();
  handOver(story, first!, 8);
  leave(story, first!);
  judge(story, story.asked("audit").at(-1)!, { failed: 1 });
  expect(story.state.volunteers.get(first!.volunteerId)?.quarantine).not.toBeNull();
  expect(rowsOfRounds(story)).toEqual([8, 20, 12]);
  expect(story.job("job").openRounds.get(0)!.slots[0]).toMatchObject({ accepted: null });
  expect(creditedRows(story, first!.volunteerId)).toBe(0);
});

test("[SL3] a rest may be cut again, and each row is in one round", () => {
  const story = begun(20);
  for (const rows of [9, 6]) {
    const next = story.out()[0]!;
    handOver(story, next, rows);
    leave(story, next);
    story.join(Number(next.sessionId.slice(1)), `${next.sessionId}1`);
  }
  expect(rowsOfRounds(story)).toEqual([9, 6, 5]);
  const { schedule } = story.job("job");
  expect([0, 1, 2].map((round) => schedule.firstNameOf(round))).toEqual([0, 9, 15]);
  story.answerAll();
  expect(story.jobState("job")).toBe("done");
});

test("[SL3] after a restart a job goes on with the rounds that were cut, and with their rests", () => {
  const story = begun(60, {}, { hold: [] });
  const [first] = story.out();
  handOver(story, first!, 8);
  leave(story, first!);
  const written = story.asked("persist").flatMap(({ records }) => records);
  const job = written.findLast((record) => record.kind === "job")!;
  const rounds = written.flatMap((record) => (record.kind === "round" ? [record] : []));
  expect(rounds.map(({ roundIndex }) => roundIndex)).toEqual([0]);
  const after = new Story();
  const stored = (job as { job: Parameters<Story["submitJob"]>[0] }).job;
  expect(stored.cuts).toEqual([{ roundIndex: 0, rows: 8 }]);
  after.happen({ type: "restored", jobs: [{ job: stored, rounds, contributions: [] }], volunteers: [] });
  after.crowd(1);
  expect(rowsOfRounds(after)).toEqual([8, 20, 20, 12]);
  expect(after.out()[0]).toMatchObject({ roundIndex: 3 });
  after.answerAll();
  expect(after.jobState("job")).toBe("done");
});

test("[SL3] of a job with very many cuts no more are made", () => {
  const story = begun();
  const job = story.job("job");
  job.stored.cuts = Array.from({ length: CUTS_MAX }, () => ({ roundIndex: 1, rows: 1 }));
  const [first] = story.out();
  handOver(story, first!, 8);
  leave(story, first!);
  expect(story.asked("takeSlices")).toEqual([]);
});

test("[SL3] however rounds are cut, their rows follow each other without gaps, and each has one round", () => {
  const draw = fc.record({ round: fc.nat(), share: fc.double({ min: 0, max: 1, noNaN: true }) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.array(draw, { maxLength: 40 }), (queryCount, draws) => {
      const { stored } = begun(queryCount).job("job");
      const schedule = new FixedSchedule(stored);
      const whole = schedule.roundCount;
      let cuts = 0;
      for (const { round, share } of draws) {
        const roundIndex = round % schedule.roundCount;
        const rows = groupsInRound(schedule.planOf(roundIndex), roundIndex);
        if (rows === 1) continue;
        expect(schedule.cut({ roundIndex, rows: 1 + Math.floor(share * (rows - 1.5)) })).toBe(whole + cuts++);
      }
      const places = Array.from({ length: schedule.roundCount }, (_, roundIndex) => {
        const rows = groupsInRound(schedule.planOf(roundIndex), roundIndex);
        return Array.from({ length: rows }, (_row, row) => schedule.firstNameOf(roundIndex) + row);
      });
      expect(places.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: queryCount }, (_, place) => place));
    }),
    { numRuns: 60 },
  );
});

test("[SL4] whatever order slices, answers and what is taken back come in, each row counts once, and so does its credit", () => {
  fc.assert(
    fc.property(happeningsTo(3), (happenings) => {
      const story = begun(100);
      tell(story, happenings, ({ roundIndex }) => story.job("job").openRounds.get(roundIndex)!.groupCount);
      story.pass(3_600_000);
      story.join(9);
      story.answerAll();
      expect(story.jobState("job")).toBe("done");
      const { finishedRounds, schedule } = story.job("job");
      expect(finishedRounds.size).toBe(schedule.roundCount);
      expect(rowsOfRounds(story).reduce((sum, rows) => sum + rows)).toBe(100);
      expectCountedOnce(story, 100);
    }),
    { numRuns: 100 },
  );
});

test("[SL5] duplicates among the rows that were handed over check only whoever answered them first", () => {
  const job = checkedJob({}, 800, { queriesPerGroup: 1, groupsPerRound: 40 });
  const story = begunChecked({ hold: ["voidAssignment"] }, 12, job);
  // [CC5] As where all have records: rows that were held would count for nothing in any case.
  story.job("job").checks!.drawsAnyway = true;
  const duplicatesOf = ({ payload }: Sent) => (payload as Batch).duplicates.length;
  let next = story.out()[0]!;
  for (let n = 0; n < 200 && duplicatesOf(next) === 0; n++) {
    story.answer(next, 1);
    next = story.out().find((sent) => duplicatesOf(sent) > 0 && sent.roundIndex >= 0) ?? story.out()[0]!;
  }
  expect(duplicatesOf(next)).toBeGreaterThan(1);
  const checked = story.job("job").checks!;
  const partnersOf = (volunteerId: string) => new Map(checked.counts.get(volunteerId)?.partners);
  const before = partnersOf(next.volunteerId);
  handOver(story, next, 10, { rows: 11, duplicates: [1] });
  leave(story, next);
  const [taken] = story.asked("takeSlices");
  const audit = story.asked("audit").find(({ assignmentId }) => assignmentId === taken!.assignmentId)!;
  expect(audit.crossChecked!.duplicates).toHaveLength(1);
  const { openRounds, finishedRounds } = story.job("job");
  const source =
    openRounds.get(next.roundIndex)?.slots[0]?.accepted ?? finishedRounds.get(next.roundIndex)!.sources[0]!;
  expect(source.coins).toMatchObject({ duplicates: 1, hidden: 0 });
  expect(partnersOf(next.volunteerId)).toEqual(before);
  const of = audit.crossChecked!.duplicates[0]!;
  expect(partnersOf(of.volunteerId).get(next.volunteerId)).toBeGreaterThan(0);
});
