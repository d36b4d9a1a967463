/** What a job sends that says nothing of spares: rows once, and copies where tabs would idle. SPEC.md ES5, VF2. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inferenceSubmissionSchema } from "../../../../shared/kinds/inference/submission.ts";
import { Story, SYSTEMATIC, storedJob } from "../../../coordinator/testing/story.ts";
import { begun as begunChecked, checkedJob } from "../testing/cross-checked-story.ts";

const source = { kind: "uploads", modelSha256: "0".repeat(64), queriesSha256: "0".repeat(64) };
const { scheme, queriesPerGroup, stragglers, liars, spares } = inferenceSubmissionSchema.parse({
  kind: "inference",
  source,
});
const DEFAULT = { scheme, queriesPerGroup, stragglers, liars, spares };

/** Batches that were sent, by the slot that they are of. */
function sentBySlot(story: Story, jobId = "job"): Map<string, string[]> {
  const slots = new Map<string, string[]>();
  for (const sent of story.asked("sendAssignment")) {
    if (sent.jobId !== jobId) continue;
    const slot = `${sent.roundIndex}/${sent.workerIndex}`;
    slots.set(slot, [...(slots.get(slot) ?? []), sent.sessionId]);
  }
  return slots;
}

test("[ES5] who says nothing gets rows as they are, and nothing beside them", () => {
  expect(DEFAULT).toEqual({ scheme: "systematic", queriesPerGroup: 4, stragglers: 0, liars: 0, spares: "auto" });
});

test("[ES5] [DP6] fewer batches than tabs: each goes to a second tab at once, the first answer stands, and the other tab is free", () => {
  const story = new Story();
  story.crowd(12);
  story.submit("job", { ...DEFAULT, groupsPerRound: 1, roundsInFlight: 1 }, 4);
  const out = story.out();
  expect(out).toHaveLength(8);
  expect(new Set(out.map(({ sessionId }) => sessionId)).size).toBe(8);
  for (const copies of sentBySlot(story).values()) expect(copies).toHaveLength(2);
  // One tab of each pair stays silent for ever.
  const stuck = new Set([...sentBySlot(story).values()].map(([first]) => first));
  for (const sent of out.filter(({ sessionId }) => !stuck.has(sessionId))) story.answer(sent, 1);
  expect(story.jobState("job")).toBe("done");
  expect(story.out()).toEqual([]);
});

test("[ES5] whoever asks for spares, or for backups, gets these and no copies", () => {
  for (const asked of [{ stragglers: 1 }, { liars: 1 }, { spares: "backups" }, { spares: "parities" }]) {
    const story = new Story();
    story.crowd(12);
    story.submit("job", { ...DEFAULT, ...asked, groupsPerRound: 1, roundsInFlight: 1 }, 4);
    for (const copies of sentBySlot(story).values()) expect(copies).toHaveLength(1);
    expect(story.out()).toHaveLength("spares" in asked ? 4 : 5);
  }
});

test("[ES5] a tab that would come long after the batch's own gets no copy, one that is as fast does", () => {
  const story = new Story();
  story.crowd(3);
  const code = { ...DEFAULT, queriesPerGroup: 1, groupsPerRound: 10, roundsInFlight: 3 };
  // Measures them: the third takes ten times as long.
  story.submit("first", { ...code, spares: "backups" }, 30);
  const [one, two, slow] = story.out();
  story.answer(one!, 100);
  story.answer(two!, 1);
  story.answer(slow!, 900);
  expect(story.jobState("first")).toBe("done");
  story.submit("job", code, 10);
  const sessions = story.out().map(({ sessionId }) => sessionId);
  expect(sessions).toHaveLength(2);
  expect(sessions).not.toContain(slow!.sessionId);
});

test("[ES5] fresh rows of another job go before copies", () => {
  const story = new Story();
  story.crowd(6);
  story.submit("job", { ...DEFAULT, groupsPerRound: 1, roundsInFlight: 1 }, 4);
  const [first] = story.out();
  story.submit("other", { ...DEFAULT, groupsPerRound: 1, roundsInFlight: 64 }, 400);
  story.answer(first!, 1);
  const ofOther = story.asked("sendAssignment").filter(({ jobId }) => jobId === "other");
  expect(ofOther.length).toBeGreaterThan(0);
  for (const copies of sentBySlot(story, "other").values()) expect(copies).toHaveLength(1);
});

test("[ES5] in the gap of a stream a lone query goes to two tabs", () => {
  const story = new Story();
  story.crowd(12);
  const stream = { kind: "stream", modelSha256: source.modelSha256 };
  const stored = storedJob("job", { ...DEFAULT, groupsPerRound: 10, source: stream }, 0, story.nowMs);
  story.submitJob({ ...stored, queriesSha256: null, isOpen: true });
  story.happen({ type: "queriesPosted", jobId: "job", firstQuery: 0, queryCount: 1 });
  story.pass(1_000);
  expect([...sentBySlot(story).values()].map((copies) => copies.length)).toEqual([2]);
});

test("[ES5] [CC5] of a job that is cross-checked nobody is given copies before a third of its rows is in", () => {
  const story = begunChecked({}, 12, checkedJob({}, 40, { groupsPerRound: 5, roundsInFlight: 64 }));
  const [first, second, third, ...rest] = story.out();
  expect(rest).toHaveLength(5);
  const isCopied = () => [...sentBySlot(story).values()].some((copies) => copies.length > 1);
  for (const quick of [first, second]) {
    story.answer(quick!, 1);
    expect(isCopied()).toBe(false);
  }
  story.answer(third!, 1);
  expect(isCopied()).toBe(true);
});

test("[ES5] whatever the job, the crowd and who is silent: nothing is sent twice before every round is open, and the job ends", () => {
  const job = {
    rows: fc.integer({ min: 1, max: 60 }),
    K: fc.integer({ min: 1, max: 5 }),
    G: fc.integer({ min: 1, max: 8 }),
  };
  const crowd = { tabs: fc.integer({ min: 1, max: 9 }), silent: fc.nat(3), rounds: fc.integer({ min: 1, max: 4 }) };
  fc.assert(
    fc.property(fc.record({ ...job, ...crowd }), ({ rows, tabs, K, G, rounds, silent }) => {
      const story = new Story();
      story.crowd(tabs + silent);
      story.submit("job", { ...DEFAULT, queriesPerGroup: K, groupsPerRound: G, roundsInFlight: rounds }, rows);
      const all = Math.ceil(Math.ceil(rows / K) / G);
      for (let n = 0; n < 2_000 && story.jobState("job") === "running"; n++) {
        const { openRounds, finishedRounds } = story.job("job");
        const isCopied = [...sentBySlot(story).values()].some((copies) => copies.length > 1);
        if (isCopied && story.nowMs < 1_500) expect(openRounds.size + finishedRounds.size).toBe(all);
        const next = story.out().find(({ sessionId }) => Number(sessionId.slice(1)) > silent);
        if (next === undefined) story.pass(1_000);
        else story.answer(next, 1);
      }
      expect(story.jobState("job")).toBe("done");
    }),
    { numRuns: 40 },
  );
});

describe("[VF2] an audited job that sends nothing beside its rows", () => {
  const decodes = (story: Story) => {
    for (let n = 0; n < 4_000 && story.out().length > 0; n++) story.answer(story.out()[0]!, 1);
    return new Set(story.asked("decode").map(({ auditSuspects }) => auditSuspects));
  };

  test("compares its answers with those of queries that are alike", () => {
    const story = new Story();
    story.crowd(12);
    story.submit("job", { ...SYSTEMATIC, ...DEFAULT }, 400);
    expect(decodes(story)).toEqual(new Set([true]));
  });

  test("so does one that might be cross-checked, in a crowd of few addresses; rows under coins are not compared", () => {
    expect(decodes(begunChecked({}, 2))).toEqual(new Set([true]));
    expect(decodes(begunChecked({}, 12))).toEqual(new Set([false]));
  });
});
