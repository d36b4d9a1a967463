import { expect, test } from "vitest";
import { referenceOf, Story, SYSTEMATIC, storedJob } from "../../../coordinator/testing/story.ts";
import { ownRowsIn } from "./inference-plan.ts";

const HASH = "0".repeat(64);

/** K = 4, ten groups a round; a group waits 50 ms, an idle stream a minute. */
function open(story: Story, code: Record<string, unknown> = {}, source: Record<string, unknown> = {}): void {
  const stream = { kind: "stream", modelSha256: HASH, closeAfterMs: 50, idleMs: 60_000, ...source };
  const stored = storedJob("job", { ...SYSTEMATIC, ...code, source: stream }, 0, story.nowMs);
  story.submitJob({ ...stored, queriesSha256: null, isOpen: true });
}

function post(story: Story, queryCount: number): void {
  const firstQuery = story.job("job").stream!.received;
  story.happen({ type: "queriesPosted", jobId: "job", firstQuery, queryCount });
}

function windows(story: Story): number[][] {
  const { schedule } = story.job("job");
  return Array.from({ length: schedule.roundCount }, (_, roundIndex) => {
    const { firstPlace, endPlace } = schedule.planOf(roundIndex);
    return [firstPlace, endPlace];
  });
}

function queriesInFinishedRounds(story: Story): number {
  const { finishedRounds, schedule } = story.job("job");
  return [...finishedRounds.keys()].reduce(
    (sum, roundIndex) => sum + ownRowsIn(schedule.planOf(roundIndex), roundIndex),
    0,
  );
}

test("[SM1] a stream without queries is open, and ends when it is closed", () => {
  const story = new Story();
  story.crowd(7);
  open(story);
  expect(story.jobState("job")).toBe("running");
  story.happen({ type: "stopRequested", jobId: "job" });
  expect(story.jobState("job")).toBe("done");
  expect(story.asked("answerStream").at(-1)).toMatchObject({ isOpen: false, queryCount: 0, problem: null });
});

test("[SM3] where tabs idle whole groups go out at once, and the rest waits for its time", () => {
  const story = new Story();
  story.crowd(20);
  open(story, { roundsInFlight: 4 });
  post(story, 6);
  expect(windows(story)).toEqual([[0, 4]]);
  story.pass(49);
  expect(windows(story)).toHaveLength(1);
  story.pass(1);
  expect(windows(story)).toEqual([
    [0, 4],
    [4, 6],
  ]);
  story.answerAll();
  expect(queriesInFinishedRounds(story)).toBe(6);
  expect(story.jobState("job")).toBe("running");
});

test("[SM4] one query at a time works: it goes out as itself and its copies", () => {
  const story = new Story();
  story.crowd(8);
  open(story, {}, { closeAfterMs: 0 });
  for (let n = 0; n < 3; n++) {
    post(story, 1);
    story.answerAll();
  }
  expect(windows(story)).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
  ]);
  expect(story.job("job").schedule.planOf(2).scheme.queryCount).toBe(1);
  expect(queriesInFinishedRounds(story)).toBe(3);
});

test("[SM3] while the crowd is busy queries gather, and the next window is larger, up to a whole round", () => {
  const story = new Story();
  story.crowd(7);
  open(story, { spares: "parities" });
  post(story, 4);
  expect(story.out()).toHaveLength(7);
  for (let n = 0; n < 90; n++) post(story, 1);
  // Everybody is at work: what waits may still find company.
  story.pass(200);
  expect(windows(story)).toEqual([[0, 4]]);
  story.answerAll();
  expect(windows(story)).toEqual([
    [0, 4],
    [4, 44],
    [44, 84],
    [84, 94],
  ]);
  expect(queriesInFinishedRounds(story)).toBe(94);
});

test("[SM2] queries go into a window when they are durable, and their submitter is told then", () => {
  const story = new Story({ hold: ["persist"] });
  story.crowd(7);
  open(story);
  const durable = () => {
    const { effectId } = story.asked("persist").at(-1)!;
    story.happen({ type: "persisted", effectId });
  };
  durable();
  durable();
  post(story, 4);
  expect(windows(story)).toEqual([]);
  expect(story.asked("answerStream")).toEqual([]);
  expect(story.asked("persist").at(-1)!.records).toEqual([{ kind: "piece", firstQuery: 0, queryCount: 4 }]);
  durable();
  expect(story.asked("answerStream")).toMatchObject([
    { queryCount: 4, isOpen: true, refusedFrom: null, problem: null },
  ]);
  expect(windows(story)).toEqual([[0, 4]]);
});

test("[PS3] queries that the store refuses are no part of the stream; the next ones take their place", () => {
  const story = new Story({ hold: ["persist"] });
  story.crowd(7);
  open(story);
  const last = () => story.asked("persist").at(-1)!.effectId;
  story.happen({ type: "persisted", effectId: last() });
  story.happen({ type: "persisted", effectId: last() });
  post(story, 4);
  post(story, 2);
  story.happen({ type: "persistFailed", effectId: last(), message: "disk full" });
  const [first] = story.asked("answerStream");
  expect(first).toMatchObject({ queryCount: 0, refusedFrom: 0, problem: "disk full" });
  expect(story.job("job").stream!.received).toBe(0);
  post(story, 5);
  story.happen({ type: "persisted", effectId: last() });
  expect(story.job("job").stored.queryCount).toBe(5);
  expect(windows(story)).toEqual([[0, 4]]);
});

test("[SM1] what is posted to a stream that is closed, or at another place, is refused", () => {
  const story = new Story();
  story.crowd(7);
  open(story);
  post(story, 4);
  story.happen({ type: "queriesPosted", jobId: "job", firstQuery: 9, queryCount: 1 });
  expect(story.asked("answerStream").at(-1)).toMatchObject({ refusedFrom: 9, queryCount: 4 });
  story.happen({ type: "stopRequested", jobId: "job" });
  post(story, 1);
  expect(story.asked("answerStream").at(-1)).toMatchObject({ refusedFrom: 4, isOpen: false });
  story.answerAll();
  expect(story.jobState("job")).toBe("done");
  expect(story.job("job").stored.queryCount).toBe(4);
});

test("[SM1] a stream that is closed answers first what was posted, without waiting for company", () => {
  const story = new Story();
  story.crowd(7);
  open(story, {}, { closeAfterMs: 60_000 });
  post(story, 3);
  expect(windows(story)).toEqual([]);
  story.happen({ type: "stopRequested", jobId: "job" });
  expect(windows(story)).toEqual([[0, 3]]);
  story.answerAll();
  expect(story.jobState("job")).toBe("done");
  expect(queriesInFinishedRounds(story)).toBe(3);
});

test("[SM1] a stream that was forgotten is closed after its idle time, not while something is left to answer", () => {
  const story = new Story();
  open(story, {}, { idleMs: 10_000 });
  post(story, 4);
  // Nobody is there to answer.
  story.pass(60_000);
  expect(story.jobState("job")).toBe("running");
  story.crowd(7);
  story.answerAll();
  story.pass(9_000);
  post(story, 4);
  story.answerAll();
  story.pass(9_000);
  expect(story.jobState("job")).toBe("running");
  story.pass(11_000);
  expect(story.jobState("job")).toBe("done");
  expect(queriesInFinishedRounds(story)).toBe(8);
});

test("[SM6] after a restart nothing is answered twice and nothing left out, whichever rounds were durable", () => {
  for (let durable = 0; durable < 8; durable++) {
    const story = new Story();
    const stream = { kind: "stream", modelSha256: HASH, closeAfterMs: 50, idleMs: 60_000 };
    const stored = storedJob("job", { ...SYSTEMATIC, source: stream }, 0, 0);
    const sizes = [5, 40, 1];
    const rounds = sizes.flatMap((size, roundIndex) => {
      if ((durable & (1 << roundIndex)) === 0) return [];
      const firstPlace = sizes.slice(0, roundIndex).reduce((sum, n) => sum + n, 0);
      const facts = { firstMs: 1, exactMs: 1, estimatedAtFirst: 0, redispatched: 0, generation: 0 };
      return [{ roundIndex, sources: [], ...facts, window: { firstPlace, endPlace: firstPlace + size } }];
    });
    story.crowd(7);
    story.happen({
      type: "restored",
      jobs: [
        {
          job: { ...stored, state: "running", queriesSha256: null, isOpen: true, queryCount: 50 },
          rounds,
          contributions: [],
        },
      ],

      volunteers: [],
    });
    story.pass(50);
    story.answerAll();
    expect(queriesInFinishedRounds(story)).toBe(50);
    post(story, 4);
    story.answerAll();
    story.happen({ type: "stopRequested", jobId: "job" });
    expect(story.jobState("job")).toBe("done");
    expect(queriesInFinishedRounds(story)).toBe(54);
  }
});

test("[VF4] a liar's part in a stream's durable rounds is done again, while it stays open", () => {
  const story = new Story({ hold: ["audit"] });
  story.crowd(9);
  open(story);
  const judge = (failedBy: string | null) => {
    for (const assignment of [...story.out()]) {
      story.answer(assignment, 1);
      const audit = story.asked("audit").find(({ assignmentId }) => assignmentId === assignment.assignmentId);
      if (audit === undefined) continue;
      const failed = assignment.sessionId === failedBy ? 1 : 0;
      const { randomRows: checked, assignmentId } = audit;
      const outcome = { assignmentId, checked, randomlyChecked: checked, failed, against: null };
      story.happen({ type: "audited", ...referenceOf(audit), ...outcome });
    }
  };
  post(story, 8);
  judge(null);
  const job = story.job("job");
  expect(queriesInFinishedRounds(story)).toBe(8);
  const liar = job.finishedRounds.get(0)!.sources.find((source) => source !== null)!.volunteerId;
  post(story, 8);
  judge(`s${liar.slice(1)}`);
  expect(story.state.volunteers.get(liar)!.quarantine).not.toBeNull();
  expect(story.asked("withdraw")).toMatchObject([{ roundIndex: 0 }]);
  for (let n = 0; n < 10; n++) judge(null);
  expect(job.finishedRounds.get(0)!.generation).toBe(1);
  expect(job.stored.state).toBe("running");
  expect(queriesInFinishedRounds(story)).toBe(16);
});
