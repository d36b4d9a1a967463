/** Rows that a tab hands over of a batch that is one of several in its round: its worker index is split. SPEC.md SL6. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { quarantine } from "../../../coordinator/reputation.ts";
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
import { rowPlacesOf } from "./cross-checks/checked-job.ts";
import { batchRowsOf, isRawWorker, slotCountOf } from "./inference-plan.ts";
import { newSlot } from "./job.ts";
import type { FixedSchedule } from "./round-schedule.ts";
import { SLOTS_MAX } from "./slices.ts";

const CODES = {
  "with parities": { queriesPerGroup: 4, stragglers: 2, liars: 1, spares: "parities" },
  "with backups": { queriesPerGroup: 4, stragglers: 2, liars: 0, spares: "backups" },
  "without spares": { queriesPerGroup: 4, stragglers: 0, liars: 0, spares: "backups" },
} as const;
const codes = Object.entries(CODES);

/** G */
const BATCH_ROWS = 20;
const ROUND_ROWS = 4 * BATCH_ROWS;

function begun(code: object, queryCount = ROUND_ROWS, options: StoryOptions = {}, tabs = 9): Story {
  const story = new Story(options);
  story.crowd(tabs);
  const submission = { scheme: "systematic", groupsPerRound: BATCH_ROWS, roundsInFlight: 1, ...code };
  story.submit("job", submission, queryCount);
  return story;
}

/** The batch of that worker index of the round, at whoever is at it. */
function outAt(story: Story, workerIndex: number, roundIndex = 0): Sent {
  return story.out().find((sent) => sent.roundIndex === roundIndex && sent.workerIndex === workerIndex)!;
}

/** Rows of each slot of the round. */
function rowsOfSlots(story: Story, roundIndex = 0): number[] {
  const plan = story.job("job").schedule.planOf(roundIndex);
  return Array.from({ length: slotCountOf(plan) }, (_, slot) => batchRowsOf(plan, roundIndex, slot));
}

test.each(codes)(
  "[SL6] %s: rows that a tab handed over count when it goes, and the others go out again by themselves",
  (_name, code) => {
    const story = begun(code);
    const first = outAt(story, 1);
    const workers = rowsOfSlots(story).length;
    handOver(story, first, 8);
    leave(story, first);
    const [taken] = story.asked("takeSlices");
    expect(taken).toMatchObject({
      roundIndex: 0,
      workerIndex: 1,
      from: first.assignmentId,
      rows: 8,
      splitOff: workers,
    });
    expect(rowsOfSlots(story)).toEqual([20, 8, ...Array.from({ length: workers - 2 }, () => 20), 12]);
    const rest = outAt(story, workers);
    expect(story.state.assignments.get(rest.assignmentId)).toMatchObject({ work: 12 * MACS });
    expect(rest.volunteerId).not.toBe(first.volunteerId);
    story.answerAll();
    expect(story.jobState("job")).toBe("done");
    expect(creditedRows(story, first.volunteerId)).toBe(8);
    const { contributions, finishedRounds } = story.job("job");
    expect(contributions.get(first.volunteerId)).toMatchObject({ assignments: 1, rows: 8 });
    const { sources } = finishedRounds.get(0)!;
    expect([sources[1], sources[workers]].map((source) => source?.volunteerId)).toEqual([
      first.volunteerId,
      rest.volunteerId,
    ]);
  },
);

test.each(codes)("[SL6] %s: a worker index counts as answered once all its slots are", (_name, code) => {
  const story = begun({ ...code, completion: "exact" }, ROUND_ROWS, { hold: ["audit"] });
  const first = outAt(story, 1);
  handOver(story, first, 8);
  leave(story, first);
  const rest = rowsOfSlots(story).length - 1;
  for (const workerIndex of [0, 2, 3]) story.answer(outAt(story, workerIndex));
  for (const audit of story.asked("audit")) judge(story, audit);
  expect(story.job("job").openRounds.get(0)!.slots[1]!.accepted).not.toBeNull();
  expect(story.job("job").openRounds.get(0)!.exactMs).toBeNull();
  if (code.stragglers === 0) expect(story.asked("decode")).toEqual([]);
  story.answer(outAt(story, rest));
  judge(story, story.asked("audit").at(-1)!);
  const { results } = story.asked("decode").at(-1)!;
  expect(results.map(({ workerIndex }) => workerIndex)).toEqual(
    code.stragglers === 0 ? [0, 1, 2, 3, rest] : expect.anything(),
  );
  expect(story.jobState("job")).toBe("done");
});

test("[SL6] a late batch that was handed over in part is taken back", () => {
  const story = begun(
    { ...CODES["without spares"], roundsInFlight: 4 },
    10 * ROUND_ROWS,
    { hold: ["voidAssignment"] },
    5,
  );
  for (let n = 0; n < 12; n++) story.answer(story.out().find(({ sessionId }) => sessionId !== "s1")!, 1_000);
  const slow = story.out().find(({ sessionId }) => sessionId === "s1")!;
  const assignment = story.state.assignments.get(slow.assignmentId)!;
  handOver(story, slow, 10);
  while (assignment.state === "outstanding") story.pass(1_000);
  expect(assignment).toMatchObject({ state: "dropped", work: 10 * MACS });
  expect(story.asked("takeSlices")).toHaveLength(1);
});

test("[SL6] of a batch of mixtures, and of rows that somebody else is at too, nothing counts", () => {
  const story = begun(CODES["with parities"], ROUND_ROWS, {}, 20);
  const parity = outAt(story, 5);
  handOver(story, parity, 8);
  leave(story, parity);
  const first = outAt(story, 1);
  story.pass(60_000);
  expect(story.out().filter(({ workerIndex }) => workerIndex === 1).length).toBeGreaterThan(1);
  handOver(story, first, 8);
  leave(story, first);
  expect(story.asked("takeSlices")).toEqual([]);
});

test("[SL6] copies of one query are no worker index's alone: they are not split", () => {
  const story = begun({ queriesPerGroup: 1, stragglers: 1, liars: 0, spares: "parities" }, 40);
  const [first] = story.out();
  handOver(story, first!, 8);
  leave(story, first!);
  expect(story.asked("takeSlices")).toEqual([]);
});

test("[SL6] a rest may be split again, and its names follow those before it", () => {
  const story = begun(CODES["without spares"]);
  for (const [slot, rows] of [
    [2, 9],
    [4, 6],
  ] as const) {
    const next = outAt(story, slot);
    handOver(story, next, rows);
    leave(story, next);
  }
  expect(rowsOfSlots(story)).toEqual([20, 20, 9, 20, 6, 5]);
  const firsts = [2, 4, 5].map((workerIndex) => rowPlacesOf(story.job("job"), { roundIndex: 0, workerIndex }).first);
  expect(firsts).toEqual([2, 2 + 9 * 4, 2 + 15 * 4]);
  story.answerAll();
  expect(story.jobState("job")).toBe("done");
});

test("[SL6] a round has so many slots at most", () => {
  const story = begun(CODES["without spares"]);
  const { openRounds, schedule } = story.job("job");
  const round = openRounds.get(0)!;
  const more = Array.from({ length: SLOTS_MAX - round.slots.length }, (_, n) => round.slots.length + n);
  (schedule as FixedSchedule).split(
    0,
    more.map((workerIndex) => ({ workerIndex, of: 0, first: 0, rows: 1 })),
  );
  round.plan = schedule.planOf(0);
  for (const workerIndex of more) round.slots.push(newSlot(workerIndex));
  const first = outAt(story, 1);
  handOver(story, first, 8);
  leave(story, first);
  expect(story.asked("takeSlices")).toEqual([]);
});

test("[SL6] [VF3] a slice with a wrong row names its volunteer: its rows are asked again, and no others", () => {
  const story = begun(CODES["without spares"], ROUND_ROWS, { hold: ["audit"] });
  const first = outAt(story, 1);
  handOver(story, first, 8);
  leave(story, first);
  judge(story, story.asked("audit").at(-1)!, { failed: 1 });
  expect(story.state.volunteers.get(first.volunteerId)?.quarantine).not.toBeNull();
  expect(rowsOfSlots(story)).toEqual([20, 8, 20, 20, 12]);
  expect(story.job("job").openRounds.get(0)!.slots[1]).toMatchObject({ accepted: null });
  expect(creditedRows(story, first.volunteerId)).toBe(0);
});

/** A job of two rounds whose first is durable, with rows of a tab that has gone. */
function durableSplit(code: object) {
  const story = begun(code, 2 * ROUND_ROWS);
  const first = outAt(story, 1);
  handOver(story, first, 8);
  leave(story, first);
  while (story.job("job").openRounds.has(0)) story.answer(story.out().find(({ roundIndex }) => roundIndex === 0)!);
  return { story, first };
}

test.each(codes)(
  "[SL6] [RD6] %s: of a durable round the rows of a liar's slot are done again, as they were split, and no others",
  (_name, code) => {
    const { story, first } = durableSplit(code);
    const { sources: before } = story.job("job").finishedRounds.get(0)!;
    const slots = rowsOfSlots(story);
    const step = story.step();
    quarantine(step, story.state.volunteers.get(first.volunteerId)!, { jobId: "job", roundIndex: 0 }, "a lie");
    expect([...story.job("job").toRedo]).toEqual([0]);
    story.join(12);
    story.answerAll();
    expect(story.jobState("job")).toBe("done");
    expect(rowsOfSlots(story)).toEqual(slots);
    const { sources, generation } = story.job("job").finishedRounds.get(0)!;
    expect(generation).toBe(1);
    expect(sources[1]!.volunteerId).not.toBe(first.volunteerId);
    sources.forEach((source, slot) => {
      if (slot !== 1) expect(source).toEqual(before[slot]);
    });
    expect(story.job("job").contributions.get(first.volunteerId)).toMatchObject({ rows: 8, withdrawnRows: 8 });
    expect(story.job("job").contributions.get(sources[1]!.volunteerId)!.rows % 20).not.toBe(0);
  },
);

test.each(codes)(
  "[SL6] [RS1] %s: after a restart a durable round has its slots, and one that was open begins anew",
  (_name, code) => {
    const { story, first } = durableSplit(code);
    const open = outAt(story, 2, 1);
    handOver(story, open, 9);
    leave(story, open);
    expect(rowsOfSlots(story, 1)).toContain(9);
    const written = story.asked("persist").flatMap(({ records }) => records);
    const { job: stored } = written.findLast((record) => record.kind === "job")!;
    const { splits } = story.job("job").schedule.planOf(0);
    const rounds = written.flatMap((record) => (record.kind === "round" ? [{ ...record, splits }] : []));
    const slots = rowsOfSlots(story);
    const after = new Story();
    after.happen({ type: "restored", jobs: [{ job: stored, rounds, contributions: [] }], volunteers: [] });
    expect(rowsOfSlots(after)).toEqual(slots);
    expect(rowsOfSlots(after, 1).every((rows) => rows === BATCH_ROWS)).toBe(true);
    after.crowd(9);
    const step = after.step();
    quarantine(step, after.state.volunteers.get(first.volunteerId)!, { jobId: "job", roundIndex: 0 }, "a lie");
    after.join(12);
    after.answerAll();
    expect(after.jobState("job")).toBe("done");
    const { sources } = after.job("job").finishedRounds.get(0)!;
    expect(sources.map((source) => source?.volunteerId)).not.toContain(first.volunteerId);
    expect(after.job("job").contributions.get(sources[1]!.volunteerId)).toBeDefined();
  },
);

/** A round's share of a code: names of the rows that answer queries, each in one slot. */
function namesOf(story: Story, roundIndex: number): number[] {
  const job = story.job("job");
  const plan = job.schedule.planOf(roundIndex);
  return Array.from({ length: slotCountOf(plan) }, (_, workerIndex) => workerIndex)
    .filter((workerIndex) => isRawWorker(plan, workerIndex))
    .flatMap((workerIndex) => {
      const { first, stride } = rowPlacesOf(job, { roundIndex, workerIndex });
      const rows = batchRowsOf(plan, roundIndex, workerIndex);
      return Array.from({ length: rows }, (_, row) => first + row * stride);
    });
}

test.each(codes)(
  "[SL4] [SL6] %s: whatever order slices, answers and what is taken back come in, each row counts once, and so does its credit",
  (_name, code) => {
    fc.assert(
      fc.property(happeningsTo(8), (happenings) => {
        const story = begun(code, 2 * ROUND_ROWS, {}, 7);
        tell(story, happenings, ({ roundIndex, workerIndex }) =>
          batchRowsOf(story.job("job").schedule.planOf(roundIndex), roundIndex, workerIndex),
        );
        story.pass(3_600_000);
        for (let n = 20; n < 28; n++) story.join(n);
        story.answerAll();
        expect(story.jobState("job")).toBe("done");
        const { finishedRounds, schedule } = story.job("job");
        const names = [0, 1].flatMap((roundIndex) => namesOf(story, roundIndex));
        expect(names.sort((a, b) => a - b)).toEqual(Array.from({ length: 2 * ROUND_ROWS }, (_, place) => place));
        let rows = 0;
        for (const [roundIndex, { sources }] of finishedRounds)
          sources.forEach((source, slot) => {
            if (source !== null) rows += batchRowsOf(schedule.planOf(roundIndex), roundIndex, slot);
          });
        expectCountedOnce(story, rows);
      }),
      { numRuns: 60 },
    );
  },
);

test("[SL5] [SL6] the coins of a split worker index have the names of its rows, in each slot others", () => {
  const job = checkedJob({}, 3_200, { queriesPerGroup: 4, groupsPerRound: 40 });
  const story = begunChecked({ hold: ["voidAssignment"] }, 12, job);
  const first = story.out().find(({ workerIndex }) => workerIndex === 1)!;
  handOver(story, first, 10);
  leave(story, first);
  for (let n = 0; n < 4_000 && story.jobState("job") !== "done"; n++) story.answer(story.out()[0]!, 1);
  const { finishedRounds, schedule } = story.job("job");
  const { roundIndex } = first;
  const { sources } = finishedRounds.get(roundIndex)!;
  const { splits } = schedule.planOf(roundIndex);
  expect(splits.map(({ workerIndex, of, first: before, rows }) => [workerIndex, of, before, rows])).toEqual([
    [1, 1, 0, 10],
    [slotCountOf(schedule.planOf(roundIndex)) - 1, 1, 10, 30],
  ]);
  expect(sources[1]).toMatchObject({ volunteerId: first.volunteerId, coins: { duplicates: 0 } });
  expect(sources.at(-1)!.coins).toBeDefined();
  const names = namesOf(story, roundIndex);
  expect(new Set(names).size).toBe(names.length);
});
