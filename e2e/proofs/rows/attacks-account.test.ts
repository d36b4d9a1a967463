/** Accounts that are to age, or to forget a charge, for nothing. */
import { expect, test } from "vitest";
import { free } from "../../../server/checks/account.ts";
import type { Effect } from "../../../server/coordinator/effects.ts";
import { RowsStory } from "../../../server/kinds/inference/rows/testing/rows-story.ts";
import type { RowsRecord } from "../../../server/kinds/inference/rows/work.ts";

const LARGE = { macsPerQuery: 1e9 };
const lies = (volunteerId: string, place: number) => volunteerId === "v2" && place % 4 === 0;
const accountOf = ({ durable }: RowsStory) => [...durable.accounts.values()][0]!.account;
const begunOut = (story: RowsStory) =>
  story.out().filter(({ assignmentId }) => story.state.assignments.get(assignmentId)?.startedMs !== null);

test("who has a large job charged, and cancels it, has no old account", () => {
  const story = new RowsStory({ lies });
  story.crowd(6);
  story.submit("job", 100_000, LARGE);
  for (let n = 0; n < 400 && (story.durable.accounts.size === 0 || accountOf(story).charged === 0); n++)
    story.answer(begunOut(story)[0]!);
  expect(accountOf(story).charged).toBeGreaterThan(0);
  story.happen({ type: "jobCancelled", jobId: "job" });
  expect(story.stateOf("job")).toBe("cancelled");
  // Of 100,000 places 2,000 were answered: they do not leave 51 wrong answers free.
  expect(free(accountOf(story))).toBeLessThan(3);
  expect(free(accountOf(story))).toBeGreaterThan(-1e-6);
});

test("jobs that are submitted and cancelled, too small or too dear, leave an account young", () => {
  const story = new RowsStory();
  story.crowd(6);
  for (let n = 0; n < 60; n++) {
    story.submit(`job ${n}`, n % 2 === 0 ? 50 : 900, LARGE, n % 3 === 0 ? { coordinatorRowsMax: 1 } : {});
    story.happen({ type: "jobCancelled", jobId: `job ${n}` });
  }
  expect(accountOf(story).held).toBe(0);
  expect(free(accountOf(story))).toBeLessThan(0.5);
});

test("killed at any write, no row is exact that contradicted an answer of an open block", () => {
  const isCharge = (effect: Effect) =>
    effect.type === "persist" &&
    effect.records.some((record) => {
      if (record.kind !== "job") return false;
      const { type, block } = record.record as Extract<RowsRecord, { type: "block" }>;
      return type === "block" && block.block.state === "charged";
    });
  const story = new RowsStory({ lies, holds: isCharge });
  story.crowd(6);
  story.submit("job", 1_000, LARGE);
  for (let n = 0; n < 400 && !story.effects.some(isCharge); n++) story.answer(begunOut(story)[0]!);
  expect(accountOf(story).charged).toBe(0);
  const replaced = story.durableRows("job").filter(({ place, mark }) => mark === "exact" && lies("v2", place));
  // What the coordinator had of them before anybody answered are known rows.
  const said = new Set(
    story
      .asked("takeRows")
      .flatMap(({ volunteerId, answers }) => answers.map(({ place }) => `${volunteerId} ${place}`)),
  );
  expect(replaced.filter(({ place }) => said.has(`v2 ${place}`))).toEqual([]);
  const again = story.restart({ lies });
  again.crowd(6);
  again.answerAll();
  expect(accountOf(again).charged).toBeGreaterThan(0);
  expect(again.wrongFinal("job")).toEqual([]);
});

test("a certificate stays when somebody is named after it, while an accomplice is silent", () => {
  let isArmed = false;
  const story = new RowsStory({ lies: (volunteerId, place) => isArmed && lies(volunteerId, place) });
  story.crowd(6);
  story.submit("job", 2_000, LARGE);
  for (let n = 0; n < 20; n++) story.answer(begunOut(story)[0]!, 500);
  const others = () => begunOut(story).find(({ sessionId }) => sessionId !== "s1");
  for (let n = 0; n < 4_000 && story.finalCount("job") < 2_000; n++) {
    const next = others();
    if (next === undefined) story.pass(100);
    else story.answer(next, 100);
  }
  isArmed = true;
  story.submit("other", 1_000, LARGE, { submitter: "somebody else" });
  for (let n = 0; n < 400 && !(story.stateOf("job") === "done" && story.stateOf("other") === "done"); n++) {
    const next = others();
    if (next === undefined) story.pass(5_000);
    else story.answer(next, 1);
  }
  expect(story.stateOf("job")).toBe("done");
  expect(story.durable.blocks.get("job")!.at(-1)!.certificate).not.toBeNull();
});
