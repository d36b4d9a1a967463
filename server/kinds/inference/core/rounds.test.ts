import { expect, test } from "vitest";
import { Story } from "../../../coordinator/testing/story.ts";

const JOB = {
  scheme: "systematic",
  queriesPerGroup: 4,
  stragglers: 2,
  liars: 0,
  groupsPerRound: 10,
  roundsInFlight: 1,
};
const roundOf = (story: Story) => story.job("job").openRounds.get(0)!;

/** A round of six tabs whose first answers are out while the batches of worker indices 0 and 1 are not. */
function afterFirstAnswers(): Story {
  const story = new Story();
  story.crowd(6);
  story.submit("job", JOB, 40);
  for (const assignment of story.out()) if (assignment.workerIndex > 1) story.answer(assignment, 1);
  story.pass(100);
  expect(story.asked("publish")).toHaveLength(1);
  expect(story.asked("patch").flatMap(({ results }) => results.map(({ workerIndex }) => workerIndex))).toEqual([2, 3]);
  return story;
}

const outOf = (story: Story, workerIndex: number) => story.out().find((sent) => sent.workerIndex === workerIndex)!;

test("[RD7] a late result is told at once, before its round has the rest", () => {
  const story = afterFirstAnswers();
  expect(story.answer(outOf(story, 1), 1)).toMatchObject(
    expect.arrayContaining([
      expect.objectContaining({ type: "patch", results: [expect.objectContaining({ workerIndex: 1 })] }),
    ]),
  );
  expect(roundOf(story).exactMs).toBeNull();
  expect(story.asked("persist").filter(({ records }) => records.some(({ kind }) => kind === "round"))).toEqual([]);
  story.answer(outOf(story, 0), 1);
  expect(story.asked("patch").at(-1)).toMatchObject({ results: [{ workerIndex: 0 }] });
  expect(story.jobState("job")).toBe("done");
});

test("[RD7] a round is exact when its last query has a checked answer: an opinion may still be out", () => {
  const story = afterFirstAnswers();
  story.answer(outOf(story, 1), 1);
  story.draw = 0; // somebody else is asked too
  story.answer(outOf(story, 0), 1);
  const { exactMs, opinionsWanted } = roundOf(story);
  expect([...opinionsWanted]).toEqual([0]);
  expect(exactMs).toBe(story.nowMs - roundOf(story).openedMs);
  story.draw = 0.9;
  story.answer(outOf(story, 0), 500);
  expect(story.job("job").finishedRounds.get(0)).toMatchObject({ exactMs });
});

test("[RD7] what nobody checked makes no round exact; the opinion of somebody else does", () => {
  const story = new Story({ settings: { auditShareMax: 0 } });
  story.crowd(8);
  story.submit("job", { ...JOB, spares: "backups" }, 40);
  const own = story.out();
  for (const assignment of own) story.answer(assignment, 1);
  expect(roundOf(story)).toMatchObject({ decode: { state: "published" }, exactMs: null });
  const opinions = story.out();
  expect(opinions).toHaveLength(4);
  for (const opinion of opinions) {
    expect(roundOf(story).exactMs).toBeNull();
    story.answer(opinion, 1);
  }
  expect(story.job("job").finishedRounds.get(0)!.exactMs).toBeGreaterThan(0);
});

test("[RD7] a round that a liar was part of is exact again when its part is redone", () => {
  const story = new Story({ hold: ["audit"] });
  const judge = (assignmentId: number, failed: number) => {
    const audit = story.asked("audit").find((effect) => effect.assignmentId === assignmentId);
    if (audit === undefined) return; // it was void before it was answered
    const { effectId, jobId, roundIndex, generation } = audit;
    story.happen({
      ...{ type: "audited", effectId, jobId, roundIndex, generation, assignmentId },
      ...{ checked: 3, randomlyChecked: 3, failed, against: null },
    });
  };
  const settle = (failed: number) => {
    for (const { assignmentId, sessionId } of story.out()) {
      story.answer({ assignmentId, sessionId }, 1);
      judge(assignmentId, failed);
    }
  };
  story.crowd(6);
  story.submit("job", JOB, 80);
  settle(0);
  const { finishedRounds, openRounds } = story.job("job");
  const before = finishedRounds.get(0)!;
  expect(before.exactMs).not.toBeNull();
  const lie = story.out().find(({ sessionId }) => `v${sessionId.slice(1)}` === before.sources[0]!.volunteerId)!;
  story.answer(lie, 1);
  judge(lie.assignmentId, 1);
  for (let n = 0; n < 20 && story.jobState("job") === "running"; n++) {
    const again = openRounds.get(0);
    if (again?.phase === "gathering") expect(again).toMatchObject({ exactMs: null, firstMs: before.firstMs });
    settle(0);
  }
  expect(finishedRounds.get(0)!.generation).toBe(1);
  expect(finishedRounds.get(0)!.exactMs).toBeGreaterThan(before.exactMs!);
});

test("[EV3] batches are sent once their own generation of the round is encoded, not another, nor another round", () => {
  const story = new Story({ hold: ["encode"] });
  story.crowd(6);
  story.submit("job", JOB, 40);
  const { effectId, jobId, roundIndex, generation } = story.asked("encode")[0]!;
  const encoded = (of: { roundIndex: number; generation: number }) =>
    story.happen({ type: "encoded", effectId, jobId, ...of });
  expect(encoded({ roundIndex, generation: generation + 1 })).toEqual([]);
  expect(encoded({ roundIndex: roundIndex + 1, generation })).toEqual([]);
  expect(roundOf(story).phase).toBe("encoding");
  encoded({ roundIndex, generation });
  expect(story.out()).toHaveLength(6);
});
