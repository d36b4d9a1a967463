/** Tabs that say they cannot compute a batch: what they lose, what the coordinator tries, and when a job pauses. */
import { describe, expect, test } from "vitest";
import {
  FAILED_TURNS_MS_FIRST,
  FAILED_TURNS_MS_MAX,
  QUERIES_NOT_COMPUTED_MAX,
  REASONS_NOT_COMPUTED_MAX,
  UNANSWERED_MS_TO_PAUSE,
} from "../../../../shared/protocol/limits.ts";
import { referenceOf, Story, storedJob } from "../../../coordinator/testing/story.ts";
import { COORDINATOR } from "./job.ts";
import { addNotComputed, whyNotComputed } from "./not-computed.ts";
import { lackOfTabs } from "./queue.ts";

/** Without copies: who is asked for rows is asked because somebody failed. */
const JOB = {
  ...{ scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0, spares: "backups" },
  ...{ groupsPerRound: 2, roundsInFlight: 1 },
};
type Sent = ReturnType<Story["out"]>[number];

const fail = (story: Story, { sessionId, assignmentId }: Sent, message = "out of memory") =>
  story.happen({ type: "assignmentFailed", sessionId, assignmentId, message });

/** Each at an address of its own. @param fails whose batches fail; the others answer @returns failures */
function play(story: Story, fails: (sessionId: string) => boolean, steps = 2_000): number {
  let failures = 0;
  for (let n = 0; n < steps; n++) {
    const next = story.out()[0];
    if (next === undefined) break;
    if (!fails(next.sessionId)) story.answer(next);
    else if (++failures) fail(story, next);
  }
  return failures;
}

/** What came of an effect `compute`, by default the latest. */
function tell(story: Story, notComputed: { query: number; reason: string }[], at = -1): void {
  const { workerIndex, assignmentId, ...effect } = story.asked("compute").at(at)!;
  story.happen({ type: "computed", ...referenceOf(effect), workerIndex, assignmentId, notComputed });
}

describe("[AS4] turns", () => {
  test("whoever fails at a model loses its turns there, longer each time and an hour at most, and none at another model", () => {
    const story = new Story();
    story.crowd(1);
    story.submit("job", JOB, 8);
    let waitMs = FAILED_TURNS_MS_FIRST;
    for (let n = 0; n < 12; n++) {
      fail(story, story.out()[0]!);
      // Its rows are tried here after a while, and others of the job are sent.
      expect(story.out()).toEqual([]);
      story.pass(waitMs - 1);
      expect(story.out()).toEqual([]);
      if (n === 3) {
        const other = storedJob("other", JOB, 2, story.nowMs);
        story.submitJob({ ...other, modelSha256: "f".repeat(64) });
        expect(story.out()).toMatchObject([{ jobId: "other", sessionId: "s1" }]);
        story.answer(story.out()[0]!, 0);
      }
      story.pass(1);
      if (story.jobState("job") !== "running") break;
      waitMs = Math.min(FAILED_TURNS_MS_MAX, 2 * waitMs);
    }
    expect(story.asked("closeSession")).toEqual([]);
    expect(story.state.volunteers.get("v1")!.restsUntilMs).toBe(0);
  });

  test("an answer gives it its turns back, and the next failure is a first one", () => {
    const story = new Story();
    story.crowd(1);
    story.submit("job", JOB, 200);
    for (const ms of [FAILED_TURNS_MS_FIRST, 2 * FAILED_TURNS_MS_FIRST]) {
      fail(story, story.out()[0]!);
      story.pass(ms);
    }
    story.answer(story.out()[0]!);
    fail(story, story.out()[0]!);
    story.pass(FAILED_TURNS_MS_FIRST);
    expect(story.out()).toHaveLength(1);
  });

  test.each([
    [8, 40],
    [10, 50],
    [39, 40],
  ])("%i of %i keys that fail end no job, and are named for nothing", (failing, all) => {
    const story = new Story();
    story.crowd(all);
    story.submit("job", { ...JOB, roundsInFlight: 64 }, 400);
    const isBad = (sessionId: string) => Number(sessionId.slice(1)) <= failing;
    expect(play(story, isBad)).toBeGreaterThanOrEqual(failing);
    expect(story.jobState("job")).toBe("done");
    expect(story.state.quarantinedCount).toBe(0);
    expect(story.asked("closeSession")).toEqual([]);
  });
});

describe("[AS11] rows that failed at three volunteers", () => {
  const begin = () => {
    const story = new Story({ hold: ["compute"] });
    for (let n = 1; n <= 8; n++) story.join(n, `s${n}`, { addressGroup: `10.0.${n}` });
    story.submit("job", JOB, 2);
    return story;
  };
  test("are tried by the coordinator, sent to nobody meanwhile, and stand as its own; what it cannot compute says why", () => {
    const story = begin();
    for (let n = 0; n < 3; n++) {
      expect(story.asked("compute")).toEqual([]);
      fail(story, story.out()[0]!);
    }
    expect(story.asked("compute")).toHaveLength(1);
    expect(story.out()).toEqual([]);
    tell(story, [{ query: 1, reason: "indices out of range" }]);
    expect(story.jobState("job")).toBe("done");
    const { stored } = story.job("job");
    expect(stored.notComputed).toEqual([{ reason: "indices out of range", count: 1, queries: [1] }]);
    expect(story.job("job").finishedRounds.get(0)!.sources).toMatchObject([
      { volunteerId: COORDINATOR, auditedRows: 2 },
    ]);
    // It is no volunteer: nothing is credited, and nobody is named.
    expect(story.job("job").contributions.size).toBe(0);
    expect(story.state.quarantinedCount).toBe(0);
  });

  test("of neighbours alone, where others are there, they are not; one that answers meanwhile is heard", () => {
    const story = new Story({ hold: ["compute"] });
    for (let n = 1; n <= 6; n++) story.join(n, `s${n}`, { addressGroup: "10.0.1" });
    story.submit("job", JOB, 2);
    story.join(7, "s7", { addressGroup: "10.0.7" });
    for (let n = 0; n < 6; n++) {
      const next = story.out().find(({ sessionId }) => sessionId !== "s7");
      if (next !== undefined) fail(story, next);
    }
    expect(story.asked("compute")).toEqual([]);
    expect(story.out()).toMatchObject([{ sessionId: "s7" }]);
    story.answer(story.out()[0]!);
    expect(story.jobState("job")).toBe("done");
  });

  test("an outcome of a round that is gone changes nothing, and a stop of the coordinator is no outcome", () => {
    const story = begin();
    for (let n = 0; n < 3; n++) fail(story, story.out()[0]!);
    const { workerIndex, assignmentId: _none, ...effect } = story.asked("compute")[0]!;
    const over = { message: "over", isOver: true } as const;
    story.happen({ type: "computeFailed", ...referenceOf(effect), workerIndex, ...over });
    expect(story.jobState("job")).toBe("running");
    expect(story.out()).toHaveLength(1);
    story.happen({ type: "jobCancelled", jobId: "job" });
    tell(story, []);
    expect(story.jobState("job")).toBe("cancelled");
  });

  test("reasons and queries that are kept are limited, and all are counted once", () => {
    const stored = storedJob("job", JOB, 10_000, 0);
    for (let query = 0; query < 300; query++) {
      addNotComputed(stored, [{ query, reason: `reason ${query % 40}` }]);
      addNotComputed(stored, [{ query, reason: `reason ${query % 40}` }]);
    }
    const kept = stored.notComputed!;
    expect(kept).toHaveLength(REASONS_NOT_COMPUTED_MAX + 1);
    for (const { queries } of kept) expect(queries.length).toBeLessThanOrEqual(QUERIES_NOT_COMPUTED_MAX);
    expect(kept.slice(0, REASONS_NOT_COMPUTED_MAX).reduce((sum, { count }) => sum + count, 0)).toBe(160);
    expect(whyNotComputed(stored, 3)).toBe("reason 3");
    expect(whyNotComputed(stored, 9_999)).toBeNull();
  });
});

describe("[AS12] a job that nobody can compute", () => {
  const begin = () => {
    const story = new Story({ hold: ["compute"] });
    for (let n = 1; n <= 7; n++) story.join(n, `s${n}`, { backend: "webgl" });
    story.submit("job", { ...JOB, roundsInFlight: 4 }, 40);
    return story;
  };
  const lack = (story: Story) => lackOfTabs(story.state, story.job("job"))?.waitingFor ?? null;
  const passAll = (story: Story, ms: number) => {
    for (let passed = 0; passed < ms; passed += 5_000) {
      story.pass(5_000);
      for (const sent of story.out()) fail(story, sent, "no such kernel");
    }
  };

  test("pauses after two minutes with the reason and the remedy, keeps what it has, and goes on when another kind of tab comes", () => {
    const story = begin();
    story.answer(story.out()[0]!);
    const answered = story.job("job").finishedRounds.size;
    for (const sent of story.out()) fail(story, sent, "no such kernel");
    passAll(story, UNANSWERED_MS_TO_PAUSE - 10_000);
    expect(lack(story)).not.toMatch(/^paused/);
    passAll(story, 15_000);
    expect(lack(story)).toMatch(/^paused: \d volunteers failed .*the last said "no such kernel".*another kind of tab/);
    expect(story.jobState("job")).toBe("running");
    expect(story.job("job").finishedRounds.size).toBe(answered);
    // Nobody who failed is asked again, however long it goes on.
    story.pass(2 * FAILED_TURNS_MS_MAX);
    expect(story.out()).toEqual([]);
    story.join(8, "s8", { backend: "cpu" });
    expect(lack(story)).toBeNull();
    expect(story.out()).toMatchObject([{ sessionId: "s8" }]);
    for (let told = 0; story.jobState("job") === "running" && told < 100; ) {
      story.answerAll();
      for (; told < story.asked("compute").length; told++) tell(story, [], told);
    }
    expect(story.jobState("job")).toBe("done");
  });

  test("does not pause while anybody answers, nor where fewer than five tried", () => {
    const answered = begin();
    for (let n = 0; n < 60; n++) {
      for (const sent of answered.out())
        if (sent.sessionId !== "s1") fail(answered, sent);
        else if (n % 4 === 3) answered.answer(sent, 0);
      answered.pass(5_000);
      expect(answered.job("job").failing.isPaused).toBe(false);
    }
    const few = new Story({ hold: ["compute"] });
    few.crowd(4);
    few.submit("job", { ...JOB, roundsInFlight: 4 }, 40);
    passAll(few, 2 * UNANSWERED_MS_TO_PAUSE);
    expect(lack(few)).not.toMatch(/^paused/);
  });

  test("a message of a volunteer is told without what could write into a terminal", () => {
    const story = begin();
    const said = "\u001b[2J\u0007ours: ok\u202e";
    for (const sent of story.out()) fail(story, sent, said);
    for (let passed = 0; passed < UNANSWERED_MS_TO_PAUSE; passed += 5_000) {
      story.pass(5_000);
      for (const sent of story.out()) fail(story, sent, said);
    }
    expect(lack(story)).toContain("ours: ok");
    expect(lack(story)).not.toMatch(/\p{C}/u);
  });
});
