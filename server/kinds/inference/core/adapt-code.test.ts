import { expect, test } from "vitest";
import { Story, storedJob } from "../../../coordinator/testing/story.ts";
import type { CodeInForce, StoredJob } from "../records.ts";
import { handOver, leave } from "../testing/handed-over-story.ts";
import { groupsInRound } from "./inference-plan.ts";

const FIRST = {
  queriesPerGroup: 4,
  stragglers: 1,
  liars: 0,
  groupsPerRound: 2,
  roundsInFlight: 1,
  spares: "backups",
} as const;
const OTHER = { ...FIRST, queriesPerGroup: 3, stragglers: 0, groupsPerRound: 5, reason: "the crowd has grown" };
const QUERIES = 160;

function jobWithAim(aim: object = { finishWithinMs: 60_000 }): StoredJob {
  const job = storedJob("job", { ...FIRST, scheme: "systematic", aim }, QUERIES, 1_000);
  return { ...job, codes: [{ ...FIRST, fromRound: 0, firstPlace: 0, atMs: 1_000, reason: "the cheapest" }] };
}

function begun(aim?: object): Story {
  const story = new Story();
  story.crowd(8);
  story.happen({ type: "jobSubmitted", job: jobWithAim(aim) });
  return story;
}

/** Answers until the dial is looked at again. */
function untilLook(story: Story, looks = 1) {
  for (let n = 0; n < 1_000 && story.asked("chooseCode").length < looks; n++) story.answer(story.out()[0]!, 1);
  return story.asked("chooseCode").at(-1)!;
}

function latestCode(story: Story): CodeInForce {
  return story.job("job").stored.codes.at(-1)!;
}

/** Queries that the durable rounds answer, by the codes that they were opened with. */
function queriesAnswered(story: Story): number {
  const { finishedRounds, schedule, stored } = story.job("job");
  let queries = 0;
  for (const roundIndex of finishedRounds.keys()) {
    const plan = schedule.planOf(roundIndex);
    const first = plan.firstPlace + (roundIndex - plan.firstRound) * plan.groupsPerRound * plan.scheme.queryCount;
    const rows = groupsInRound(plan, roundIndex) * plan.scheme.queryCount;
    queries += Math.min(rows, stored.queryCount - first);
  }
  return queries;
}

test("[DL2] the dial is looked at again when a quarter of the queries has gone into rounds; of a job with a code, never", () => {
  const story = begun();
  const { left } = untilLook(story);
  // Five rounds of eight queries are placed; of the fifth nothing is answered yet.
  expect(left).toMatchObject({ queries: 128, macs: null });
  expect(left.ms).toBe(1_000 + 60_000 - story.nowMs);
  expect(story.asked("chooseCode")).toHaveLength(1);

  const plain = new Story();
  plain.crowd(8);
  plain.submit("job", { ...FIRST, scheme: "systematic" }, QUERIES);
  plain.answerAll();
  expect(plain.jobState("job")).toBe("done");
  expect(plain.asked("chooseCode")).toEqual([]);
});

test("[DL2] a budget is looked at with what was sent for it", () => {
  const story = begun({ budgetMacs: 1e6 });
  const { left } = untilLook(story);
  expect(left).toMatchObject({ ms: null, macs: 1e6 - left.sentMacs });
  expect(left.sentMacs).toBeGreaterThanOrEqual(32 * 100);
});

test("[DL1] [DL3] a new code begins with the first round that was never opened; every query is answered once", () => {
  const story = begun();
  const { effectId } = untilLook(story);
  const open = [...story.job("job").openRounds.values()];
  story.happen({ type: "codeChosen", effectId, jobId: "job", code: OTHER });
  const fromRound = Math.max(...open.map(({ roundIndex }) => roundIndex)) + 1;
  expect(latestCode(story)).toMatchObject({ fromRound, firstPlace: 8 * fromRound, queriesPerGroup: 3 });
  for (const round of open) expect(round.plan.scheme.queryCount).toBe(4);
  untilLook(story, 2);
  const { effectId: second } = story.asked("chooseCode").at(-1)!;
  story.happen({ type: "codeChosen", effectId: second, jobId: "job", code: { ...FIRST, reason: "it has shrunk" } });
  story.answerAll();
  expect(story.jobState("job")).toBe("done");
  expect(queriesAnswered(story)).toBe(QUERIES);
  const workers = new Set(
    story.asked("sendAssignment").map(({ roundIndex, workerIndex }) => `${roundIndex} ${workerIndex}`),
  );
  for (const { workerIndex, roundIndex } of story.asked("sendAssignment")) {
    const { scheme } = story.job("job").schedule.planOf(roundIndex);
    expect(workerIndex).toBeLessThan(scheme.workerCount);
  }
  expect(workers.has(`${fromRound} 3`)).toBe(false);
});

test("[DL2] until the answer is there rounds go on with the code in force, and a late answer begins behind them", () => {
  const story = begun();
  const { effectId } = untilLook(story);
  for (let n = 0; n < 30; n++) story.answer(story.out()[0]!, 1);
  const opened = Math.max(...story.asked("sendAssignment").map(({ roundIndex }) => roundIndex));
  story.happen({ type: "codeChosen", effectId, jobId: "job", code: OTHER });
  expect(latestCode(story).fromRound).toBe(opened + 1);
});

test("[EV3] an answer that is not waited for, or comes when every query is in a round, changes nothing", () => {
  const story = begun();
  const { codes } = story.job("job").stored;
  const { effectId } = untilLook(story);
  story.happen({ type: "codeChosen", effectId: effectId + 1_000, jobId: "job", code: OTHER });
  expect(story.job("job").stored.codes).toEqual(codes);
  story.answerAll();
  story.happen({ type: "codeChosen", effectId, jobId: "job", code: OTHER });
  expect(story.job("job").stored.codes).toEqual(codes);
  expect(story.jobState("job")).toBe("done");
});

test("[DL4] after a restart every round has the code of its index again, and a new code begins behind all that is durable", () => {
  const codes: CodeInForce[] = [
    { ...FIRST, fromRound: 0, firstPlace: 0, atMs: 1_000, reason: "the cheapest" },
    { ...OTHER, fromRound: 4, firstPlace: 32, atMs: 2_000 },
  ];
  const durable = (roundIndex: number, workers: number) => ({
    roundIndex,
    generation: 0,
    sources: Array.from({ length: workers }, () => null),
    firstMs: 1,
    exactMs: 1,
    estimatedAtFirst: 0,
    redispatched: 0,
  });
  const story = new Story();
  story.happen({
    type: "restored",
    jobs: [
      {
        job: { ...jobWithAim(), codes, state: "running", orderSha256: "1".repeat(64) },
        rounds: [durable(0, 5), durable(2, 5), durable(5, 3)],
        contributions: [],
      },
    ],

    volunteers: [],
  });
  story.crowd(8);
  expect(story.out().map(({ roundIndex, workerIndex }) => [roundIndex, workerIndex])).toEqual([
    [1, 0],
    [1, 1],
    [1, 2],
    [1, 3],
  ]);
  const { effectId } = untilLook(story);
  story.happen({ type: "codeChosen", effectId, jobId: "job", code: { ...FIRST, reason: "it has shrunk" } });
  expect(latestCode(story)).toMatchObject({ fromRound: 6, firstPlace: 32 + 2 * 15 });
  story.answerAll();
  expect(story.jobState("job")).toBe("done");
  expect(queriesAnswered(story)).toBe(QUERIES);
});

test("[DL1] [SL6] a round whose worker index was split keeps its slots when a new code begins", () => {
  const story = new Story();
  story.crowd(8);
  const job = jobWithAim();
  const code = { ...FIRST, groupsPerRound: 8, roundsInFlight: 2 };
  story.submitJob({ ...job, codes: [{ ...job.codes[0]!, ...code }] });
  const slow = story.out().find(({ roundIndex, workerIndex }) => roundIndex === 0 && workerIndex === 1)!;
  handOver(story, slow, 6);
  leave(story, slow);
  const { splits } = story.job("job").schedule.planOf(0);
  expect(splits.map(({ rows }) => rows)).toEqual([6, 2]);
  const look = untilLook(story);
  story.happen({ type: "codeChosen", jobId: "job", effectId: look.effectId, code: OTHER });
  expect(story.job("job").schedule.planOf(0).splits).toEqual(splits);
  story.answerAll();
  expect(story.jobState("job")).toBe("done");
  expect(queriesAnswered(story)).toBe(QUERIES);
});
