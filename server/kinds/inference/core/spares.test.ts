import { expect, test } from "vitest";
import { GOOD_DECODE, referenceOf, Story, SYSTEMATIC } from "../../../coordinator/testing/story.ts";
import type { DecodeOutcome } from "./work.ts";

test("[ES4] with backups nothing is encoded and no parity is sent; what is lost is computed again once K-S queries are in", () => {
  const story = new Story();
  story.crowd(12);
  story.submit("job", { ...SYSTEMATIC, spares: "backups" }, 40);
  const sent = story.out();
  expect(story.asked("encode")).toEqual([]);
  expect(sent.map(({ workerIndex }) => workerIndex)).toEqual([0, 1, 2, 3]);
  story.answer(sent[0]!, 1);
  story.pass(100);
  expect(story.asked("decode")).toEqual([]);
  story.answer(sent[1]!, 1);
  // For the others a short grace is waited.
  expect(story.asked("decode")).toEqual([]);
  story.pass(50);
  expect(story.asked("publish")).toHaveLength(1);
  const backups = story.out().filter((assignment) => !sent.includes(assignment));
  expect(new Set(backups.map(({ workerIndex }) => workerIndex))).toEqual(new Set([2, 3]));
  for (const assignment of backups) story.answer(assignment, 1);
  expect(story.jobState("job")).toBe("done");
});

test("[ES4] all queries in time need no grace, and a crowd as large as K is large enough for backups", () => {
  const story = new Story();
  story.crowd(4);
  story.submit("job", { ...SYSTEMATIC, spares: "backups" }, 40);
  const sent = story.out();
  expect(new Set(sent.map(({ sessionId }) => sessionId)).size).toBe(4);
  for (const assignment of sent) story.answer(assignment, 1);
  expect(story.jobState("job")).toBe("done");
});

test("[ES4] auto begins with parities, goes on with what the measurement favours, and tries parities again now and then", () => {
  const paritiesIn = (better: DecodeOutcome["better"]) => {
    const story = new Story({ hold: ["decode"] });
    story.crowd(12);
    story.submit("job", { ...SYSTEMATIC, groupsPerRound: 1 }, 160);
    for (let n = 0; n < 400 && story.jobState("job") !== "done"; n++) {
      for (const assignment of story.out()) story.answer(assignment, 1);
      for (const decode of story.asked("decode")) {
        if (!story.job("job").decodesPending.has(decode.effectId)) continue;
        story.happen({ type: "decoded", ...referenceOf(decode), outcome: { ...GOOD_DECODE, better } });
      }
    }
    expect(story.jobState("job")).toBe("done");
    return story.asked("encode").map(({ roundIndex }) => roundIndex);
  };
  expect(paritiesIn("coded")).toHaveLength(40);
  expect(paritiesIn("neighbours")).toEqual([0, 16, 32]);
});

test.each(["parities", "backups"])(
  "[SC5] a round of K tabs and no more encodes nothing, though %s are asked for",
  (spares) => {
    const story = new Story();
    story.crowd(12);
    story.submit("job", { ...SYSTEMATIC, stragglers: 0, liars: 0, spares }, 40);
    expect(story.asked("encode")).toEqual([]);
    const sent = story.out();
    expect(sent.map(({ workerIndex }) => workerIndex)).toEqual([0, 1, 2, 3]);
    for (const assignment of sent.slice(1)) story.answer(assignment, 1);
    story.pass(10_000);
    // Nothing stands in for what is missing.
    expect(story.asked("decode")).toEqual([]);
    for (const assignment of story.out()) story.answer(assignment, 1);
    expect(story.jobState("job")).toBe("done");
  },
);

test("[ES4] the papers' codes are what they are, whatever is asked of their spares", () => {
  const story = new Story();
  story.crowd(12);
  story.submit("job", { ...SYSTEMATIC, scheme: "approxifer", liars: 0, spares: "backups" }, 40);
  expect(story.out()).toHaveLength(6);
});
